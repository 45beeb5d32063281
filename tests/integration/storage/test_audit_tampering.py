"""The audit chain is append-only, and shows what somebody did who took the triggers away."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from bot.domain.audit import Verification, verify_chain
from storage.database import Database
from storage.engine import make_engine
from tests.fakes import an_event
from tests.fakes.sqlite import url_of


@pytest.fixture
def engine(database: Database, tmp_path: Path) -> Iterator[Engine]:
    """A way past the program to a log of five records."""
    with database.unit_of_work() as uow:
        for number in range(5):
            uow.audit.record(an_event(details={"reason": f"reason {number}"}))
        uow.commit()
    engine = make_engine(url_of(tmp_path / "rekey.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def without_triggers(engine: Engine) -> Engine:
    with engine.begin() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        for name in names.all():
            connection.execute(text(f"DROP TRIGGER {name}"))
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
