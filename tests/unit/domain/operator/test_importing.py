"""The import itself: one transaction, audited."""

from collections.abc import Callable, Collection

import pytest

from bot.domain.model.errors import FileFault, ImportFileUnfit
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Operator, Role
from bot.domain.model.roster import ChangeKind
from bot.domain.operator.import_plan import RosterFile
from bot.domain.operator.importing import ImportService
from storage.contacts import SqlContacts
from storage.roster import SqlRoster
from tests.fakes import ACME, FakeDatabase, FixedClock, seed
from tests.office.services import services_over
from tests.unit.domain.operator.test_import_plan import SLACK, a_file, a_roster_contact

OPERATOR = Operator(user="root", host="desk")
ORIGIN = {"file": "r.yaml", "sha256": "5a17"}


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


def service(database: FakeDatabase) -> ImportService:
    return services_over(database.unit_of_work, clock=FixedClock()).imports


def run(database: FakeDatabase, file: RosterFile, *, prune: bool = False) -> list[ChangeKind]:
    plan = service(database).run(lambda: file, prune=prune, operator=OPERATOR, origin=ORIGIN)
    return [change.kind for change in plan.changes]


def test_every_change_is_one_record_and_the_import_one_more(database: FakeDatabase) -> None:
    told: list[tuple[int, int]] = []
    service(database).run(
        lambda: a_file(a_roster_contact(slack=SLACK), accounts=(ACME,)),
        prune=False,
        operator=OPERATOR,
        origin=ORIGIN,
        advance=lambda done, total: told.append((done, total)),
    )
    account, contact, imported = database.records()
    assert (account.tag, account.account) == ("operator:account:added", "acme")
    (bob,) = database.rows("contacts")
    assert (contact.tag, contact.subscriber) == ("operator:contact:added", bob.id)
    assert contact.slack_user == "U01BOB"
    assert (contact.details or {})["roles"] == "acme member"
    assert imported.tag == "operator:directory:imported"
    assert imported.details == {
        **ORIGIN,
        "prune": "false",
        **OPERATOR.details(),
        "account_added": "1",
        "contact_added": "1",
    }
    assert {record.actor for record in database.records()} == {"operator"}
    assert told == sorted(told)
    assert told[-1] == (4, 4)


def test_a_second_run_writes_nothing_and_a_third_what_has_changed(database: FakeDatabase) -> None:
    file = a_file(a_roster_contact(), accounts=(ACME,))
    assert run(database, file) == [ChangeKind.ACCOUNT_ADDED, ChangeKind.CONTACT_ADDED]
    before = database.records()
    assert run(database, file) == []
    assert database.records() == before
    promoted = a_file(a_roster_contact(roles={ACME.id: Role.OWNER}))
    assert run(database, promoted) == [ChangeKind.CONTACT_CHANGED]
    changed = database.records()[-2]
    assert changed.tag == "operator:contact:changed"
    assert changed.details == {
        "email": "bob@acme.example",
        "roles_before": "acme member",
        "roles": "acme owner",
        "sha256": "5a17",
    }


def test_pruning_is_recorded_contact_by_contact(database: FakeDatabase) -> None:
    seed(database.unit_of_work)
    file = a_file(a_roster_contact("alice", roles={ACME.id: Role.OWNER}))
    assert run(database, file, prune=True).count(ChangeKind.CONTACT_REMOVED) == 4
    tags = [record.tag for record in database.records()]
    assert tags.count("operator:contact:removed") == 4


def test_who_is_forgotten_before_the_import_holds_them_is_added_as_somebody_new(
    database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = seed(database.unit_of_work)

    def forgotten_meanwhile(roster: SqlRoster, contact_ids: Collection[ContactId]) -> bool:
        for contact_id in contact_ids:
            SqlContacts(roster._connection).forget(contact_id)  # noqa: SLF001  # what a rival commits
        return True

    monkeypatch.setattr(SqlRoster, "hold", forgotten_meanwhile)
    assert run(database, a_file(a_roster_contact())) == [ChangeKind.CONTACT_ADDED]
    assert database.row("contacts", world.bob.id).name == "(forgotten)"


def with_an_unknown_account() -> RosterFile:
    return a_file(a_roster_contact())


def that_cannot_be_read() -> RosterFile:
    raise ImportFileUnfit([FileFault(1, "this is not YAML")])


@pytest.mark.parametrize("read", [with_an_unknown_account, that_cannot_be_read])
def test_a_file_that_does_not_do_is_recorded_and_changes_nothing(
    database: FakeDatabase, read: Callable[[], RosterFile]
) -> None:
    with pytest.raises(ImportFileUnfit):
        service(database).run(read, prune=False, operator=OPERATOR, origin=ORIGIN)
    assert not database.rows("contacts")
    (refused,) = database.records()
    assert refused.tag == "operator:directory:import_file_unfit"
    assert (refused.details or {})["file"] == "r.yaml"


def test_a_preview_tells_the_same_and_writes_nothing(database: FakeDatabase) -> None:
    plan = service(database).preview(a_file(a_roster_contact(), accounts=(ACME,)), prune=False)
    assert len(plan.changes) == 2
    with pytest.raises(ImportFileUnfit):
        service(database).preview(with_an_unknown_account(), prune=False)
    assert database.commits == 0
