"""Nobody's Slack identity is bound, or taken away, by an import without a word to anybody."""

from dataclasses import replace

import pytest

from bot.domain.model.notices import Notice, NoticeKind, Way
from bot.domain.model.people import Role, SlackIdentity
from bot.domain.model.roster import RosterContact
from tests.fakes import ACME, a_slack_identity
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

    def acts(self) -> dict[str, Notice]:
        """What the operator is said to have done with identities, by whom it is told."""
        notices = [m.notice for m in self.messages(NoticeKind.OPERATOR_ACTED)]
        told = [n for n in notices if "Slack account" in n.facts["act"]]
        assert len({n.contact_id or n.slack_address for n in told}) == len(told)
        return {str(n.contact_id or n.slack_address): n for n in told}


@pytest.fixture
def house() -> House:
    return House()


def test_a_member_who_is_pruned_and_comes_back_as_another_stays_no_secret(house: House) -> None:
    bob, carol, dana = house.bob, house.world.carol, house.world.dana
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


def test_of_several_the_owners_hear_how_many(house: House) -> None:
    house.unbind("bob", "alan")
    house.run(house.entry_of("bob", MALLORY), house.entry_of("alan", house.alan.slack))
    assert sorted(house.told(NoticeKind.IDENTITY_BOUND)) == sorted([house.bob.id, house.alan.id])
    carol = [
        m.notice.facts["act"]
        for m in house.messages(NoticeKind.OPERATOR_ACTED)
        if m.notice.contact_id == house.world.carol.id
    ]
    assert "bound 2 Slack accounts to contacts" in carol


def test_who_is_new_to_the_directory_gets_no_message(house: House) -> None:
    new = replace(a_roster_contact("ben", known=False), slack=a_slack_identity("U01BEN"))
    house.run(new)
    assert house.told(NoticeKind.IDENTITY_BOUND) == []
    assert house.acts() == {}


def test_who_keeps_their_identity_hears_nothing(house: House) -> None:
    house.run(replace(house.entry_of("bob", house.bob.slack), name="Robert Brown"))
    house.run(replace(house.entry_of("bob", None), roles={ACME.id: Role.MEMBER}))
    assert house.told(NoticeKind.IDENTITY_BOUND) == []
    assert house.acts() == {}


def test_a_leaver_who_had_no_slack_account_cannot_be_told(house: House) -> None:
    house.unbind("bob")
    house.import_all_but("bob")
    assert house.acts() == {}
