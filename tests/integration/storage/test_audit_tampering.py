"""The audit chain is append-only, and shows what somebody did who took the triggers away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from bot.domain.model.audit import Verification, verify_chain
from bot.domain.model.ids import ContactId
from storage.database import Database
from storage.engine import make_engine
from tests.fakes import an_event
from tests.fakes.sqlite import url_of
from tests.fakes.tampering import cut_off, drop_triggers, forge


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rekey.db"


@pytest.fixture
def engine(database: Database, file: Path) -> Iterator[Engine]:
    """A way past the program to a log of five records."""
    with database.unit_of_work() as uow:
        for number in range(5):
            uow.audit.record(an_event(details={"reason": f"reason {number}"}))
        uow.commit()
    engine = make_engine(url_of(file))
    yield engine
    engine.dispose()


@pytest.fixture
def without_triggers(engine: Engine, file: Path) -> Engine:
    drop_triggers(file)
    return engine


def _execute(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def _verify(database: Database, *, expected_head: str | None = None) -> Verification:
    with database.snapshot() as reading:
        return verify_chain(reading.audit.records(), expected_head=expected_head)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_records SET actor = 'con_mallory' WHERE number = 3",
        "DELETE FROM audit_records WHERE number = 5",
        "DELETE FROM audit_records",
        "INSERT OR REPLACE INTO audit_records SELECT * FROM audit_records WHERE number = 3",
        "UPDATE audit_details SET details = '{}' WHERE number = 3",
        "INSERT OR REPLACE INTO audit_details SELECT * FROM audit_details WHERE number = 3",
    ],
)
def test_the_database_refuses(database: Database, engine: Engine, statement: str) -> None:
    with pytest.raises(IntegrityError, match=r"audit (records|details) are never"):
        _execute(engine, statement)
    assert _verify(database).records == 5
    assert _verify(database).fault is None


def test_erased_details_are_counted_and_no_fault(database: Database, engine: Engine) -> None:
    _execute(engine, "DELETE FROM audit_details WHERE number IN (2, 4)")
    found = _verify(database)
    assert (found.records, found.erased, found.fault) == (5, 2, None)
    with database.unit_of_work() as uow:
        records = list(uow.audit.records())
    assert [record.details is None for record in records] == [False, True, False, True, False]


def test_an_edited_record_is_found(database: Database, without_triggers: Engine) -> None:
    _execute(without_triggers, "UPDATE audit_records SET actor = 'con_mallory' WHERE number = 3")
    found = _verify(database)
    assert (found.records, found.fault) == (2, "record 3 was changed")


def test_edited_details_are_found(database: Database, without_triggers: Engine) -> None:
    _execute(without_triggers, "UPDATE audit_details SET details = '{}' WHERE number = 3")
    assert _verify(database).fault == "the details of record 3 were changed"


def test_a_record_missing_within_is_found(database: Database, without_triggers: Engine) -> None:
    _execute(without_triggers, "DELETE FROM audit_details WHERE number = 3")
    _execute(without_triggers, "DELETE FROM audit_records WHERE number = 3")
    assert _verify(database).fault == "record 3 is missing: 4 comes in its place"


def test_a_missing_end_is_found_by_the_head(database: Database, without_triggers: Engine) -> None:
    with database.unit_of_work() as uow:
        head, number = uow.audit.head()
    assert number == 5
    _execute(without_triggers, "DELETE FROM audit_details WHERE number > 2")
    _execute(without_triggers, "DELETE FROM audit_records WHERE number > 2")
    assert _verify(database).fault is None  # the chain alone cannot show it
    assert "removed or remade" in (_verify(database, expected_head=head).fault or "")
    with database.unit_of_work() as uow:
        assert uow.audit.head() == (head, 5)  # kept apart, so the end is missed here too


def _head(database: Database) -> str:
    with database.snapshot() as reading:
        return reading.audit.head()[0]


@pytest.mark.usefixtures("engine")
def test_the_last_three_deleted_are_found_by_a_head_kept_elsewhere(
    database: Database, file: Path
) -> None:
    kept = _head(database)
    cut_off(file, last=3)
    found = _verify(database)
    assert (found.records, found.fault) == (2, None)  # and the database's own head agrees
    assert _head(database) == found.head
    assert "removed or remade" in (_verify(database, expected_head=kept).fault or "")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_forged_record_with_all_hashes_made_anew_is_found_by_a_head_kept_elsewhere(
    database: Database, file: Path, number: int
) -> None:
    kept = _head(database)
    forge(file, number=number, actor="con_mallory")
    found = _verify(database)
    assert (found.records, found.fault) == (5, None)  # the chain alone cannot show it
    assert _head(database) == found.head
    assert "removed or remade" in (_verify(database, expected_head=kept).fault or "")


@pytest.mark.usefixtures("engine")
def test_a_head_shows_nothing_of_what_came_after_it(database: Database, file: Path) -> None:
    """Why the head is to be kept daily: only what it was made of is safe."""
    kept = _head(database)
    with database.unit_of_work() as uow:
        uow.audit.record(an_event())
        uow.commit()
    forge(file, number=6, actor="con_mallory")
    assert _verify(database, expected_head=kept).fault is None


@pytest.mark.usefixtures("engine")
def test_a_forgotten_person_is_no_fault_even_by_the_head(database: Database) -> None:
    kept = _head(database)
    with database.unit_of_work() as uow:
        uow.audit.record(an_event(actor="con_bob", details={"reason": "of Bob"}))
        assert uow.audit.erase_details(ContactId("con_alice")) == 5
        uow.audit.record(an_event("operator:contact:forgotten", actor="operator"))
        uow.commit()
    found = _verify(database, expected_head=kept)
    assert (found.records, found.erased, found.fault) == (7, 5, None)
    with database.snapshot() as reading:
        details = [record.details for record in reading.audit.records()]
    assert details[5:] == [{"reason": "of Bob"}, {}]
