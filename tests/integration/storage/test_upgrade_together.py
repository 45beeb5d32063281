"""Migrations of several at once, and the version before, which goes on beside the new schema."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.migration import HeadMaintainer, MigrationContext
from alembic.operations import MigrateOperation, Operations
from alembic.operations.ops import AddColumnOp, CreateIndexOp, CreateTableOp, DropIndexOp
from alembic.script import Script, ScriptDirectory
from sqlalchemy import bindparam, create_engine, text

from bot.domain.model.cases import CaseState
from bot.domain.model.ids import CaseId
from storage import engine as storage_engine
from storage.database import Database, migrations
from storage.engine import make_engine
from storage.types import UtcDateTime
from tests.fakes import NOON, seed
from tests.fakes.sqlite import SECRET_KEYS, url_of

WAIT = 30
"""Seconds; machines that run other tests meanwhile are slow."""
ADDITIVE_SINCE = "0004"

INSERTS_OF_0003 = (
    """
    INSERT INTO cases (id, kind, state, account_id, admin_id, subscriber_id, proof, reason, ticket,
      opened_at, confirm_by, decided_at, completed_at, re_enrolled_at, ended_reason, reminders_sent,
      next_reminder_at, taken_over_by, spared_at)
    VALUES ('case_1', 'reset', 'executing', :account, :admin, :subscriber, 'video', 'Lost', NULL,
      :now, :now, :now, NULL, NULL, NULL, 0, NULL, NULL, NULL)
    """,
    """
    INSERT INTO outbox (id, kind, channel, contact_id, slack_address, case_id, session_id,
      subject_id, facts, encrypted_response_url, replace_original, once, created_at,
      next_attempt_at, attempts)
    VALUES ('msg_1', 'subscriber_reset', 'slack', :subscriber, NULL, 'case_1', NULL, NULL, '{}',
      NULL, FALSE, NULL, :now, :now, 0)
    """,
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return url_of(tmp_path / "rekey.db")
    return str(request.getfixturevalue("empty_postgresql_url"))


def test_a_second_who_migrates_waits_for_the_first(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than any work is waited for."""
    monkeypatch.setattr(storage_engine, "LOCK_WAIT", 0.05)
    migrating, may_end = threading.Event(), threading.Event()
    step_done = HeadMaintainer.update_to_step

    def rest(self: HeadMaintainer, step: Any) -> None:
        step_done(self, step)
        if not migrating.is_set():
            migrating.set()
            assert may_end.wait(WAIT)

    monkeypatch.setattr(HeadMaintainer, "update_to_step", rest)
    first, second = (Database(url, secret_keys=()) for _ in range(2))
    ended: list[str] = []

    def upgrade(database: Database, name: str) -> None:
        database.upgrade()
        ended.append(name)

    threads = [
        threading.Thread(target=upgrade, args=args) for args in ((first, "1"), (second, "2"))
    ]
    threads[0].start()
    assert migrating.wait(WAIT)
    threads[1].start()
    threads[1].join(0.5)  # ten times what any work would wait
    assert ended == []
    may_end.set()
    for thread in threads:
        thread.join(WAIT)
    assert ended == ["1", "2"]
    assert second.is_current()
    first.close()
    second.close()


def test_eight_who_start_at_once_all_find_it_migrated(url: str) -> None:
    barrier = threading.Barrier(8)
    current: list[bool] = []

    def start() -> None:
        database = Database(url, secret_keys=())
        barrier.wait()
        database.upgrade()
        current.append(database.is_current())
        database.close()

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert current == [True] * 8


@pytest.fixture
def migrated(url: str) -> Iterator[Database]:
    database = Database(url, secret_keys=SECRET_KEYS)
    database.upgrade()
    yield database
    database.close()


def test_what_the_version_before_writes_is_taken(url: str, migrated: Database) -> None:
    world = seed(migrated.unit_of_work)
    values = {
        "account": world.acme.id,
        "admin": world.alice.id,
        "subscriber": world.bob.id,
        "now": NOON,
    }
    engine = make_engine(url)
    with engine.begin() as connection:
        for insert in INSERTS_OF_0003:
            statement = text(insert).bindparams(bindparam("now", type_=UtcDateTime))
            named = {name: value for name, value in values.items() if f":{name}" in insert}
            connection.execute(statement, named)
    engine.dispose()
    with migrated.unit_of_work() as uow:
        case = uow.cases.get(CaseId("case_1"))
        assert case
        assert case.state is CaseState.EXECUTING
        assert len(uow.outbox.due(NOON + timedelta(seconds=1), limit=9)) == 1


def scripts() -> list[Script]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        directory = ScriptDirectory.from_config(migrations(connection))
    engine.dispose()
    found = [script for script in directory.walk_revisions() if script.revision >= ADDITIVE_SINCE]
    return sorted(found, key=lambda script: script.revision)


def operations_of(script: Script, monkeypatch: pytest.MonkeyPatch) -> list[MigrateOperation]:
    """Return what the revision asks for, having done none of it."""
    asked: list[MigrateOperation] = []

    def note(_self: Operations, operation: MigrateOperation) -> None:
        asked.append(operation)

    monkeypatch.setattr(Operations, "invoke", note)
    context = MigrationContext.configure(dialect_name="postgresql")
    with Operations.context(context):
        script.module.upgrade()
    return asked


def may_be_left_out(
    operation: MigrateOperation, *, new_tables: set[str], new_indexes: set[str | None]
) -> bool:
    """Whether a program that knows nothing of it goes on."""
    match operation:
        case CreateTableOp():
            return True
        case AddColumnOp(column=column):
            return bool(column.nullable or column.server_default is not None)
        case CreateIndexOp(table_name=table, unique=unique):
            return not unique or table in new_tables
        case DropIndexOp(index_name=name):
            return name in new_indexes
        case _:
            return False


def refused(operations: list[MigrateOperation]) -> list[MigrateOperation]:
    tables = {each.table_name for each in operations if isinstance(each, CreateTableOp)}
    indexes = {each.index_name for each in operations if isinstance(each, CreateIndexOp)}
    return [
        each
        for each in operations
        if not may_be_left_out(each, new_tables=tables, new_indexes=indexes)
    ]


@pytest.mark.parametrize("script", scripts(), ids=lambda script: script.revision)
def test_a_revision_only_adds_what_may_be_left_out(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    operations = operations_of(script, monkeypatch)
    assert operations
    assert refused(operations) == []


def test_the_revisions_before_did_more_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that what looks at the newer ones is known to see."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        second = ScriptDirectory.from_config(migrations(connection)).get_revision("0002")
    engine.dispose()
    operations = operations_of(second, monkeypatch)
    assert refused(operations)
