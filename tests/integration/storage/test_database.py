"""Opening a database: its file, its errors, and who waits for whom."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, StatementError

from bot.domain.model.ids import AccountId
from bot.domain.model.people import AttemptKind
from storage import engine as storage_engine
from storage import writers
from storage.database import Database
from storage.engine import make_engine
from storage.errors import (
    DatabaseBusyError,
    DatabaseOutdatedError,
    DatabaseUnreadableError,
    DatabaseUrlError,
    NotADatabaseError,
    StorageError,
)
from tests.fakes import NOON, World, a_case, an_event
from tests.fakes.sqlite import a_database, url_of


def _use(url: str) -> None:
    database = Database(url, secret_keys=())
    try:
        database.upgrade()
    finally:
        database.close()


def _records_seen_by_another(path: Path) -> int:
    """Count the audit records in another program, which closes the database again."""
    counting = (
        "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); "
        "print(*database.execute('SELECT count(*) FROM audit_records').fetchone()); "
        "database.close()"
    )
    done = subprocess.run(  # noqa: S603  # our own interpreter and nothing from outside
        [sys.executable, "-c", counting, str(path)], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


@pytest.fixture
def _open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


class TestFile:
    @pytest.mark.usefixtures("_open_umask")
    def test_a_new_file_and_its_folder_are_their_owner_s_alone(self, tmp_path: Path) -> None:
        folder = tmp_path / "var" / "rekey"
        database = Database(url_of(folder / "rekey.db"), secret_keys=())
        database.upgrade()
        with database.unit_of_work() as uow:
            uow.audit.record(an_event())
            uow.commit()
            modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
        database.close()
        assert modes == {"rekey.db": 0o600, "rekey.db-wal": 0o600, "rekey.db-shm": 0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    @pytest.mark.usefixtures("_open_umask")
    def test_the_file_is_closed_to_others_before_sqlite_writes(self, tmp_path: Path) -> None:
        modes: list[int] = []
        path = tmp_path / "rekey.db"
        engine = make_engine(url_of(path))
        opened = sqlite3.connect

        def see(*args: object, **kwargs: object) -> object:
            modes.append(stat.S_IMODE(path.stat().st_mode))
            return opened(*args, **kwargs)  # type: ignore[call-overload]  # passed on as they came

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine.dialect.loaded_dbapi, "connect", see)
            engine.connect().close()
        engine.dispose()
        assert modes == [0o600]

    def test_a_file_that_others_can_read_is_closed_to_them(self, tmp_path: Path) -> None:
        path = tmp_path / "rekey.db"
        _use(url_of(path))
        path.chmod(0o644)
        _use(url_of(path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_another_program_may_come_and_go_while_ours_runs(self, tmp_path: Path) -> None:
        database = a_database(tmp_path)
        with database.snapshot() as reading, database.unit_of_work() as uow:  # two connections
            reading.audit.head()
            uow.audit.record(an_event())
            uow.commit()
        assert _records_seen_by_another(tmp_path / "rekey.db") == 1
        with database.unit_of_work() as uow:
            uow.audit.record(an_event())
            uow.commit()
        assert _records_seen_by_another(tmp_path / "rekey.db") == 2
        database.close()

    def test_it_survives_the_loss_of_power(self, tmp_path: Path) -> None:
        engine = make_engine(url_of(tmp_path / "rekey.db"))
        with engine.connect() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
        engine.dispose()
        full = 2
        assert pragmas == {
            "journal_mode": "wal",
            "synchronous": full,
            "foreign_keys": 1,
            "busy_timeout": 2000,
        }


class TestUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "rekey.db",
            "mysql://root:hunter2@db/rekey",
            "postgresql+psycopg2://root:hunter2@db/rekey",
            "postgresql+psycopg://root:hunter2@db:port/rekey",
            "sqlite://",
            "sqlite:///:memory:",
            "sqlite:///file:rekey.db?uri=true",
        ],
    )
    def test_a_wrong_url_is_one_sentence_that_shows_no_value(self, url: str) -> None:
        with pytest.raises(DatabaseUrlError, match=r"^REKEY_DATABASE_URL .*\.$") as told:
            Database(url, secret_keys=())
        assert "hunter2" not in str(told.value)
        assert told.value.__cause__ is None
        assert told.value.__suppress_context__ or told.value.__context__ is None


class TestErrors:
    def test_a_folder_is_no_database(self, tmp_path: Path) -> None:
        with pytest.raises(DatabaseUnreadableError, match=r"cannot be opened: Is a directory\.$"):
            _use(url_of(tmp_path))

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(DatabaseUnreadableError, match="cannot be opened"):
            _use(url_of(tmp_path / "file" / "rekey.db"))

    def test_something_else_is_left_as_it_was(self, tmp_path: Path) -> None:
        path = tmp_path / "rekey.db"
        path.write_text("dear diary, " * 1000)
        with pytest.raises(NotADatabaseError, match="not a database at all"):
            _use(url_of(path))
        assert path.read_text() == "dear diary, " * 1000

    def test_a_damaged_database_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "rekey.db"
        _use(url_of(path))
        path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 65536)
        with pytest.raises(NotADatabaseError, match="damaged"):
            _use(url_of(path))

    def test_a_database_without_its_tables_says_what_to_do(self, tmp_path: Path) -> None:
        database = Database(url_of(tmp_path / "rekey.db"), secret_keys=())
        with (
            database.unit_of_work() as uow,
            pytest.raises(DatabaseOutdatedError, match="rekey db upgrade"),
        ):
            uow.audit.head()
        database.close()

    def test_an_error_shows_no_parameter(self, database: Database, world: World) -> None:
        secret = "correct horse battery staple"
        stray = a_case(subscriber_id=world.bob.id, account_id=AccountId("nowhere"), reason=secret)
        with database.unit_of_work() as uow, pytest.raises(IntegrityError) as told:
            uow.cases.add(stray)  # a fault, and no second case of the subscriber
        assert secret not in str(told.value)

    def test_a_time_without_a_zone_is_refused(self, database: Database) -> None:
        with database.unit_of_work() as uow, pytest.raises(StatementError, match="naive datetime"):
            uow.attempts.record(AttemptKind.CODE, "key", at=NOON.replace(tzinfo=None))

    def test_every_error_is_of_the_family(self) -> None:
        for error in (
            DatabaseBusyError,
            DatabaseOutdatedError,
            DatabaseUnreadableError,
            DatabaseUrlError,
            NotADatabaseError,
        ):
            assert issubclass(error, StorageError)
            assert error.__doc__


class TestWaiting:
    def test_a_writer_of_another_program_is_waited_for_then_told(
        self, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage_engine, "LOCK_WAIT", 0.05)
        impatient = Database(url_of(tmp_path / "rekey.db"), secret_keys=())
        with (
            database.unit_of_work(),
            pytest.raises(DatabaseBusyError, match="Another program is writing"),
            impatient.unit_of_work(),
        ):
            pass
        with impatient.unit_of_work():
            pass  # its own lock was given back
        impatient.close()

    def test_a_writer_of_the_same_program_is_waited_for_then_told(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writers, "LOCK_WAIT", 0.05)
        told: list[BaseException] = []

        def wait() -> None:
            try:
                with database.unit_of_work():
                    pass
            except DatabaseBusyError as busy:
                told.append(busy)

        with database.unit_of_work():
            thread = threading.Thread(target=wait)
            thread.start()
            thread.join()
        assert len(told) == 1
        with database.unit_of_work():
            pass

    def test_a_reader_is_not_kept_waiting(self, database: Database, world: World) -> None:
        with database.unit_of_work() as uow:
            uow.contacts.raise_sign_in_epoch(world.bob.id)
            with database.snapshot() as reading:
                before = reading.contacts.get(world.bob.id)
            uow.commit()
        assert before
        assert before.sign_in_epoch == 0

    def test_two_programs_never_fork_the_audit_chain(
        self, database: Database, tmp_path: Path
    ) -> None:
        other = Database(url_of(tmp_path / "rekey.db"), secret_keys=())
        barrier = threading.Barrier(2)

        def write(to: Database) -> None:
            barrier.wait()
            for _ in range(20):
                with to.unit_of_work() as uow:
                    uow.audit.record(an_event())
                    uow.commit()

        threads = [threading.Thread(target=write, args=(each,)) for each in (database, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.unit_of_work() as uow:
            assert [record.number for record in uow.audit.records()] == list(range(1, 41))
        other.close()


def test_after_its_commit_a_unit_sees_what_another_program_did_since(
    database: Database, tmp_path: Path, world: World
) -> None:
    other = Database(url_of(tmp_path / "rekey.db"), secret_keys=())
    with database.unit_of_work() as uow:
        assert uow.contacts.get(world.bob.id)
        uow.commit()
        with other.unit_of_work() as theirs:
            theirs.contacts.set_set_up_required(world.bob.id, required=True)
            theirs.commit()
        seen = uow.contacts.get(world.bob.id)
    other.close()
    assert seen
    assert seen.set_up_required
