"""An import that changes who may reset others, or who they are in Slack, does not stay silent."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.domain.model.ids import AccountId
from bot.domain.model.notices import Notice, NoticeKind, Way
from bot.domain.model.people import Role, SlackIdentity
from bot.domain.model.roster import RosterContact
from tests.fakes import ACME, GLOBEX, a_slack_identity
from tests.office.desk import AUDIT_CHANNEL
from tests.unit.domain.operator.test_import_plan import a_roster_contact
from tests.unit.domain.operator.test_leaving import Console

MALLORY = a_slack_identity("U0MALLORY")


class House(Console):
    def entry_of(self, username: str, slack: SlackIdentity | None) -> RosterContact:
        with self.database.unit_of_work() as uow:
            known = uow.roster.read().contacts[f"{username}@acme.example"]
        return replace(known, slack=slack)

    def unbind(self, *usernames: str) -> None:
        for username in usernames:
            (contact,) = self.database.rows("contacts", username=username)
            self.database.bind(contact.id, None)

    def roles_told(self) -> Mapping[str, Mapping[str, str]]:
        """Who was told what of roles, by user name or channel."""
        names = {str(person.id): person.username for person in self.world.people}
        notices = [m.notice for m in self.messages() if m.notice.subject_id is None]
        told = [(str(n.contact_id or n.slack_address), n.facts) for n in notices]
        assert len(told) == len(dict(told))
        return {names.get(who, who): facts for who, facts in told}

    def acts(self) -> dict[str, Notice]:
        """What the operator is said to have done with identities, by whom it is told."""
        notices = [m.notice for m in self.messages(NoticeKind.OPERATOR_ACTED)]
        told = [n for n in notices if "Slack account" in n.facts["act"]]
        assert len({n.contact_id or n.slack_address for n in told}) == len(told)
        return {str(n.contact_id or n.slack_address): n for n in told}


@pytest.fixture
def house() -> House:
    return House()


def known(username: str, slack: SlackIdentity | None = None, **roles: Role) -> RosterContact:
    held = {AccountId(account_id): role for account_id, role in roles.items()}
    return a_roster_contact(username, roles=held, slack=slack)


class TestRoles:
    @pytest.mark.parametrize(
        ("contacts", "prune", "told"),
        [
            # A new owner is told to whoever owned the account.
            ([known("alice", acme=Role.OWNER)], False, {"carol", AUDIT_CHANNEL}),
            # So is a stranger who becomes an administrator.
            (
                [known("mallory", MALLORY, globex=Role.ADMINISTRATOR)],
                False,
                {"dana", AUDIT_CHANNEL},
            ),
            # An owner who is removed hears of it too; Dana's account keeps its owner.
            ([known("dana", globex=Role.OWNER)], True, {"carol", AUDIT_CHANNEL}),
            # Members who come and go are the channel's alone.
            (
                [known("bob", globex=Role.MEMBER), known("ben", acme=Role.MEMBER)],
                False,
                {AUDIT_CHANNEL},
            ),
        ],
    )
    def test_a_change_is_told_to_whom_it_concerns(
        self, house: House, contacts: list[RosterContact], told: set[str], *, prune: bool
    ) -> None:
        house.run(*contacts, prune=prune)
        assert house.roles_told().keys() == told

    def test_an_administrator_who_gets_a_slack_account_is_told_of(self, house: House) -> None:
        house.unbind("alice")
        house.run(known("alice", MALLORY, acme=Role.ADMINISTRATOR))
        assert house.roles_told().keys() == {"carol", AUDIT_CHANNEL}

    def test_an_owner_of_two_accounts_hears_once(self, house: House) -> None:
        house.run(
            known("carol", acme=Role.OWNER, globex=Role.OWNER),
            known("dana", acme=Role.ADMINISTRATOR, globex=Role.OWNER),
        )
        told = house.roles_told()
        assert told["carol"]["about"] == f"This is about: {ACME.name}."
        assert told["dana"]["about"] == f"This is about: {GLOBEX.name}."
        assert told[AUDIT_CHANNEL]["about"] == "Changes: 2."

    def test_without_a_channel_members_are_told_to_nobody(self) -> None:
        house = House(audit_channel=None)
        house.run(known("ben", acme=Role.MEMBER))
        assert house.messages() == []


class TestIdentities:
    def test_a_member_who_is_pruned_and_comes_back_as_another_stays_no_secret(
        self, house: House
    ) -> None:
        bob, carol, dana = house.bob, house.carol, house.dana
        back = house.entry_of("bob", MALLORY)
        house.import_all_but("bob")
        (told,) = house.acts().values()
        assert (told.slack_address, told.subject_id, told.way) == (bob.slack.user, bob.id, Way.POST)

        house.run(back)
        assert house.told(NoticeKind.IDENTITY_BOUND) == [bob.id]
        acts = house.acts()
        assert set(acts) == {bob.slack.user, carol.id, dana.id, AUDIT_CHANNEL}
        for who in (carol.id, dana.id, AUDIT_CHANNEL):
            assert acts[who].subject_id == bob.id
            assert acts[who].facts == {"act": "bound a Slack account"}

    def test_of_several_the_owners_hear_how_many(self, house: House) -> None:
        house.unbind("bob", "alan")
        house.run(house.entry_of("bob", MALLORY), house.entry_of("alan", house.alan.slack))
        assert set(house.told(NoticeKind.IDENTITY_BOUND)) == {house.bob.id, house.alan.id}
        told = [
            m.notice.facts["act"]
            for m in house.messages(NoticeKind.OPERATOR_ACTED)
            if m.notice.contact_id == house.carol.id
        ]
        assert "bound 2 Slack accounts to contacts" in told

    def test_the_new_those_who_keep_theirs_and_leavers_without_one_are_not_told(
        self, house: House
    ) -> None:
        new = replace(a_roster_contact("ben", known=False), slack=a_slack_identity("U01BEN"))
        kept = replace(house.entry_of("bob", house.bob.slack), name="Robert Brown")
        left_out = replace(house.entry_of("bob", None), roles={ACME.id: Role.MEMBER})
        for contact in (new, kept, left_out):
            house.run(contact)
        house.unbind("bob")
        house.import_all_but("bob")
        assert house.told(NoticeKind.IDENTITY_BOUND) == []
        assert house.acts() == {}
