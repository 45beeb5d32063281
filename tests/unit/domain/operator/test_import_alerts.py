"""An import that changes who may reset others does not stay silent."""

from collections.abc import Callable, Mapping

from bot.domain.model.ids import AccountId
from bot.domain.model.people import Operator, Role, SlackIdentity
from bot.domain.model.roster import RosterContact
from tests.fakes import ACME, GLOBEX, NOON, FakeDatabase, FixedClock, a_slack_identity, seed
from tests.office.services import services_over
from tests.unit.domain.operator.test_import_plan import a_file, a_roster_contact

CHANNEL = "C01AUDIT"


def imported(
    *contacts: RosterContact,
    audit_channel: str | None = CHANNEL,
    prune: bool = False,
    before: Callable[[FakeDatabase], None] = lambda _: None,
) -> Mapping[str, Mapping[str, str]]:
    """Import into the sample directory; return who was told what of it, by name or channel.

    What they are told of identities besides is left out.
    """
    database = FakeDatabase()
    world = seed(database.unit_of_work)
    before(database)
    services_over(
        database.unit_of_work, clock=FixedClock(), audit_channel=audit_channel
    ).imports.run(
        lambda: a_file(*contacts),
        prune=prune,
        operator=Operator(user="root", host="desk"),
        origin={},
    )
    names = {person.id: person.username for person in world.people}
    with database.unit_of_work() as uow:
        due = [message.notice for message in uow.outbox.due(NOON, limit=99)]
    told = [
        (names[n.contact_id] if n.contact_id else n.slack_address, n.facts)
        for n in due
        if n.subject_id is None
    ]
    assert len(told) == len(dict(told))
    return {str(who): facts for who, facts in told}


def known(
    username: str, roles: dict[AccountId, Role], slack: SlackIdentity | None = None
) -> RosterContact:
    return a_roster_contact(username, roles=roles, slack=slack)


def test_a_new_owner_is_told_to_whoever_owned_the_account_and_the_channel() -> None:
    told = imported(known("alice", {ACME.id: Role.OWNER}))
    assert list(told) == ["carol", CHANNEL]
    assert told["carol"]["about"] == "This is about: Acme Ltd."
    assert told[CHANNEL]["about"] == "Changes: 1."


def test_a_stranger_who_becomes_an_administrator_is_told_of() -> None:
    assert "dana" in imported(
        known("mallory", {GLOBEX.id: Role.ADMINISTRATOR}, a_slack_identity("U0MALLORY"))
    )


def test_an_administrator_who_gets_a_slack_account_is_told_of() -> None:
    def unbind(database: FakeDatabase) -> None:
        (alice,) = database.rows("contacts", username="alice")
        database.bind(alice.id, None)

    alice = known("alice", {ACME.id: Role.ADMINISTRATOR}, a_slack_identity("U0MALLORY"))
    assert list(imported(alice, before=unbind)) == ["carol", CHANNEL]


def test_an_owner_who_is_removed_hears_of_it_too() -> None:
    told = imported(known("dana", {GLOBEX.id: Role.OWNER}), prune=True)
    assert set(told) == {"carol", CHANNEL}  # Dana's account keeps its owner


def test_an_owner_of_two_accounts_hears_once() -> None:
    told = imported(
        known("carol", {ACME.id: Role.OWNER, GLOBEX.id: Role.OWNER}),
        known("dana", {ACME.id: Role.ADMINISTRATOR, GLOBEX.id: Role.OWNER}),
    )
    assert told["carol"]["about"] == "This is about: Acme Ltd."
    assert told["dana"]["about"] == "This is about: Globex Inc."


def test_members_who_come_and_go_are_told_to_the_channel_alone() -> None:
    told = imported(known("bob", {GLOBEX.id: Role.MEMBER}), known("ben", {ACME.id: Role.MEMBER}))
    assert list(told) == [CHANNEL]


def test_without_a_channel_members_are_told_to_nobody() -> None:
    assert imported(known("ben", {ACME.id: Role.MEMBER}), audit_channel=None) == {}
