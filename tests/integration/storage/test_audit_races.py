"""Two who write audit records at once never fork the chain: each record follows the one before."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.domain.model.audit import AuditRecord, verify_chain
from storage.audit import SqlAuditLog
from storage.database import Database
from storage.engine import for_reading, make_engine
from storage.errors import DatabaseBusyError
from tests.fakes import an_event
from tests.fakes.sqlite import SECRET_KEYS, a_database, lay_database, url_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return url_of(lay_database(tmp_path))
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


@pytest.fixture
def other(url: str) -> Iterator[Database]:
    """The same database as another process opens it: without this one's queue."""
    other = Database(url, secret_keys=SECRET_KEYS)
    yield other
    other.close()


def _chain(database: Database) -> list[AuditRecord]:
    with database.snapshot() as reading:
        return list(reading.audit.records())


def test_another_process_waits_and_follows(database: Database, other: Database) -> None:
    knocking = threading.Event()

    def record_there() -> None:
        knocking.set()
        with other.unit_of_work() as uow:
            uow.audit.record(an_event("operator:contact:second"))
            uow.commit()

    rival = threading.Thread(target=record_there)
    with database.unit_of_work() as uow:
        uow.audit.record(an_event("slack:case:first"))
        assert uow.audit.head()[1] == 1  # sealed by now, and not committed
        rival.start()
        assert knocking.wait(5)
        uow.audit.record(an_event("slack:case:third"))
        uow.commit()
    rival.join()
    records = _chain(database)
    assert [record.tag for record in records] == [
        "slack:case:first",
        "slack:case:third",
        "operator:contact:second",
    ]
    assert verify_chain(records).fault is None


def test_eight_at_once_over_two_processes_make_one_chain(
    database: Database, other: Database
) -> None:
    barrier = threading.Barrier(8)

    def record(number: int) -> None:
        barrier.wait()
        with (database, other)[number % 2].unit_of_work() as uow:
            uow.audit.record(an_event(f"slack:case:n{number}"))
            uow.audit.record(an_event(f"slack:case:n{number}_too"))
            uow.commit()

    threads = [threading.Thread(target=record, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = _chain(database)
    assert verify_chain(records).fault is None
    tags = [record.tag for record in records]
    assert len(tags) == 16
    assert [f"{tag}_too" for tag in tags[::2]] == tags[1::2]  # no unit fell between another's


def test_a_rival_between_reading_the_head_and_writing_is_noticed(
    tmp_path: Path,
) -> None:
    """In a transaction of SQLite that, as no unit of work does, locks at its first write."""
    database = a_database(tmp_path)
    engine = make_engine(url_of(tmp_path / "rekey.db"))
    passed: list[bool] = []

    def pass_first(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT") and not passed:
            passed.append(True)
            with database.unit_of_work() as uow:
                uow.audit.record(an_event("slack:case:rival"))
                uow.commit()

    event.listen(engine, "before_cursor_execute", pass_first)
    with for_reading(engine).connect() as connection:
        log = SqlAuditLog(connection)
        log.record(an_event("slack:case:ours"))
        with pytest.raises(DatabaseBusyError):
            log.flush()
    engine.dispose()
    records = _chain(database)
    database.close()
    assert [record.tag for record in records] == ["slack:case:rival"]
    assert verify_chain(records).fault is None
