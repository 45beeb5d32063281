"""The import itself: one transaction, audited."""

from collections.abc import Collection, Iterator

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


def run(database: FakeDatabase, file: RosterFile, *, prune: bool = False) -> Iterator[ChangeKind]:
    plan = service(database).run(lambda: file, prune=prune, operator=OPERATOR, origin=ORIGIN)
    return (change.kind for change in plan.changes)


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
    assert contact.tag == "operator:contact:added"
    (bob,) = database.rows("contacts")
    assert contact.subscriber == bob.id
    assert contact.slack_user == "U01BOB"
    assert contact.details is not None
    assert contact.details["roles"] == "acme member"
    assert imported.tag == "operator:directory:imported"
    assert imported.details == {
        **ORIGIN,
        "prune": "false",
        "operator_user": "root",
        "operator_host": "desk",
        "account_added": "1",
        "contact_added": "1",
    }
    assert {record.actor for record in database.records()} == {"operator"}
    assert told == sorted(told)
    assert told[-1] == (4, 4)


def test_a_second_run_writes_nothing(database: FakeDatabase) -> None:
    file = a_file(a_roster_contact(), accounts=(ACME,))
    assert list(run(database, file)) == [ChangeKind.ACCOUNT_ADDED, ChangeKind.CONTACT_ADDED]
    before = database.records()
    assert list(run(database, file)) == []
    assert database.records() == before


def test_a_changed_role_is_recorded_with_what_it_was(database: FakeDatabase) -> None:
    run(database, a_file(a_roster_contact(), accounts=(ACME,)))
    run(database, a_file(a_roster_contact(roles={ACME.id: Role.OWNER})))
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
    assert list(run(database, file, prune=True)).count(ChangeKind.CONTACT_REMOVED) == 4
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
    assert list(run(database, a_file(a_roster_contact()))) == [ChangeKind.CONTACT_ADDED]
    assert database.row("contacts", world.bob.id).name == "(forgotten)"


def test_a_file_that_does_not_do_is_recorded_and_changes_nothing(database: FakeDatabase) -> None:
    with pytest.raises(ImportFileUnfit):
        run(database, a_file(a_roster_contact()))
    assert not database.rows("contacts")
    (refused,) = database.records()
    assert refused.tag == "operator:directory:import_file_unfit"
    assert refused.details is not None
    assert refused.details["file"] == "r.yaml"


def test_a_file_that_cannot_be_read_is_recorded_too(database: FakeDatabase) -> None:
    def read() -> RosterFile:
        raise ImportFileUnfit([FileFault(1, "this is not YAML")])

    with pytest.raises(ImportFileUnfit):
        service(database).run(read, prune=False, operator=OPERATOR, origin=ORIGIN)
    assert [record.tag for record in database.records()] == ["operator:directory:import_file_unfit"]


def test_a_preview_tells_the_same_and_writes_nothing(database: FakeDatabase) -> None:
    plan = service(database).preview(a_file(a_roster_contact(), accounts=(ACME,)), prune=False)
    assert len(plan.changes) == 2
    assert database.commits == 0
    with pytest.raises(ImportFileUnfit):
        service(database).preview(a_file(a_roster_contact()), prune=False)
    assert not database.records()
