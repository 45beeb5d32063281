"""PostgreSQL: what is waited for and how long, and a server that goes away and comes back."""

import signal
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, make_url, text
from sqlalchemy.exc import IntegrityError

from bot.domain.model.people import AttemptKind
from storage import engine as storage_engine
from storage import postgresql as storage_postgresql
from storage.database import Database
from storage.engine import for_migrating, for_reading, make_engine
from storage.errors import DatabaseBusyError, DatabaseUnreadableError, StorageError
from storage.tables import accounts
from tests.fakes import NOON, World, seed
from tests.fakes.postgresql import laid_database
from tests.fakes.sqlite import SECRET_KEYS
from tests.postgresql import Server

_WAIT = 30
"""Seconds; machines that run other tests meanwhile are slow."""


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


@pytest.fixture
def impatient(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The same database, for somebody who waits a twentieth of a second."""
    monkeypatch.setattr(storage_engine, "LOCK_WAIT", 0.05)
    database = Database(postgresql_url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


@pytest.fixture
def world(database: Database) -> World:
    return seed(database.unit_of_work)


def _shown(connection: Connection, setting: str) -> object:
    return connection.exec_driver_sql(f"SHOW {setting}").scalar()


class TestWaiting:
    def test_a_lock_is_waited_for_then_told_and_nothing_is_changed(
        self, database: Database, impatient: Database, world: World
    ) -> None:
        with database.unit_of_work() as uow:
            uow.contacts.raise_sign_in_epoch(world.bob.id)
            _expect(DatabaseBusyError, lambda: _raise_epoch(impatient, world))
            uow.commit()
        _raise_epoch(impatient, world)  # its own transaction was given back
        assert _epoch(database, world) == 2

    def test_a_long_statement_is_cut(self, impatient: Database) -> None:
        with impatient.snapshot() as reading, pytest.raises(DatabaseBusyError):
            reading.contacts._connection.execute(text("SELECT pg_sleep(60)"))  # noqa: SLF001  # none of ours is long

    def test_two_who_wait_for_each_other_are_told_and_one_goes_on(
        self, database: Database, world: World
    ) -> None:
        both_hold_one = threading.Barrier(2)
        told: list[BaseException] = []

        def lock(first: Any, second: Any) -> None:
            try:
                with database.unit_of_work() as uow:
                    uow.contacts.raise_sign_in_epoch(first.id)
                    both_hold_one.wait(10)
                    uow.contacts.raise_sign_in_epoch(second.id)
                    uow.commit()
            except DatabaseBusyError as busy:
                told.append(busy)

        pairs = ((world.alice, world.bob), (world.bob, world.alice))
        threads = [threading.Thread(target=lock, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(told) == 1
        assert _epoch(database, world) == 1

    def test_more_units_than_connections_are_told(
        self, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage_engine, "LOCK_WAIT", 0.05)
        monkeypatch.setattr(storage_postgresql, "_KEPT", 1)
        monkeypatch.setattr(storage_postgresql, "CONNECTIONS", 1)
        narrow = Database(postgresql_url, secret_keys=SECRET_KEYS)
        with narrow.snapshot(), pytest.raises(DatabaseBusyError), narrow.snapshot():
            pass
        with narrow.snapshot() as reading:
            assert reading.audit.head()[1] == 0
        narrow.close()

    def test_work_is_short_migrations_and_readers_take_their_time(
        self, postgresql_url: str
    ) -> None:
        engine = make_engine(postgresql_url)
        settings = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        kinds = {"work": engine, "reading": for_reading(engine), "moving": for_migrating(engine)}
        shown = {}
        for kind, each in kinds.items():
            with each.begin() as connection:
                shown[kind] = [_shown(connection, setting) for setting in settings]
        engine.dispose()
        assert shown == {
            "work": ["2s", "2s", "30s"],
            "reading": ["2s", "2s", "0"],
            "moving": ["2s", "0", "0"],
        }


class TestErrors:
    def test_an_error_tells_nothing_of_the_row(self, postgresql_url: str) -> None:
        """The server itself adds every value of a row that it refuses."""
        secret = "correct horse battery staple"
        engine = make_engine(postgresql_url)
        refused = insert(accounts).values(id="acme", name=secret, two_factor=None)
        with engine.connect() as connection, pytest.raises(IntegrityError) as told:
            connection.execute(refused)
        engine.dispose()
        in_full = "".join(traceback.format_exception(told.value))
        assert "violates not-null constraint" in in_full
        assert secret not in in_full

    def test_the_options_of_the_url_are_kept(self, postgresql_url: str) -> None:
        asked = {"options": "-c application_name=ours"}
        engine = make_engine(
            make_url(postgresql_url).update_query_dict(asked).render_as_string(hide_password=False)
        )
        with engine.connect() as connection:
            shown = [_shown(connection, name) for name in ("application_name", "lock_timeout")]
        engine.dispose()
        assert shown == ["ours", "2s"]


class TestAlone:
    def test_the_second_is_kept_out_at_once_until_the_first_is_done(
        self, database: Database, postgresql_url: str
    ) -> None:
        other = Database(postgresql_url, secret_keys=())
        with database.alone("sweep") as first:
            with other.alone("sweep") as second, other.alone("something else") as apart:
                assert (first, second, apart) == (True, False, True)
            with other.alone("sweep") as still:
                assert not still
        with other.alone("sweep") as then:
            assert then
        other.close()

    def test_what_died_lets_the_next_one_in(self, database: Database, postgresql_url: str) -> None:
        other = Database(postgresql_url, secret_keys=())
        with database.alone("sweep"):
            with other.snapshot() as reading:
                reading.contacts._connection.execute(  # noqa: SLF001  # as a killed process would
                    text(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
                        " JOIN pg_database ON pg_database.oid = pg_locks.database"
                        " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                        " AND datname = current_database()"  # others' tests have theirs beside it
                    )
                )
            with other.alone("sweep") as then:
                assert then
        other.close()

    def test_what_froze_lets_the_next_one_in_after_a_while(
        self, database: Database, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other, pause = Database(postgresql_url, secret_keys=()), threading.Event()
        monkeypatch.setattr("storage.postgresql.ALONE_WITHIN", 0.2)
        with database.alone("sweep"):
            for _ in range(_WAIT * 20):
                with other.alone("sweep") as then:
                    if then:
                        break
                pause.wait(0.05)
            assert then
        other.close()


class TestErasing:
    @pytest.mark.parametrize("act", ["erase_details", "erase_mentions"])
    def test_may_read_the_whole_log_for_as_long_as_it_takes(
        self, impatient: Database, act: str
    ) -> None:
        with impatient.unit_of_work() as uow:
            getattr(uow.audit, act)("bob@acme.example")
            uow.contacts._connection.execute(text("SELECT pg_sleep(0.2)"))  # noqa: SLF001  # a long log
        with impatient.unit_of_work() as uow, pytest.raises(DatabaseBusyError):
            uow.contacts._connection.execute(text("SELECT pg_sleep(0.2)"))  # noqa: SLF001  # the next unit


@pytest.fixture(scope="module")
def server(postgresql_server: str) -> Iterator[Server]:
    """A server of these tests' own, which they may stop."""
    assert postgresql_server
    with Server(durable=False) as server:
        yield server


@pytest.fixture
def mortal(server: Server) -> Iterator[Database]:
    """A database on a server that the test stops; it runs again afterwards."""
    with laid_database(server.url) as url:
        database = Database(url, secret_keys=SECRET_KEYS)
        yield database
        database.close()


class TestRestart:
    def test_whoever_rests_meanwhile_notices_nothing(
        self, server: Server, mortal: Database
    ) -> None:
        _record(mortal)
        server.stop(signal.SIGQUIT)
        server.start()
        _record(mortal)
        assert _recorded(mortal) == 2

    def test_while_it_is_away_it_is_said_without_the_password(
        self, server: Server, mortal: Database
    ) -> None:
        server.stop()
        told = _expect(DatabaseUnreadableError, lambda: _record(mortal))
        server.start()
        assert str(told) == "The database server cannot be reached, or lets nobody in."
        _record(mortal)
        assert _recorded(mortal) == 1

    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["orderly", "crash"])
    def test_a_unit_under_way_is_told_and_changes_nothing(
        self, server: Server, mortal: Database, how: signal.Signals
    ) -> None:
        with mortal.unit_of_work() as uow:
            uow.attempts.record(AttemptKind.CODE, "key", at=NOON)
            server.stop(how)
            told = _expect(StorageError, uow.commit)
            server.start()
        assert str(told) == "The connection to the database broke; try again."
        assert _recorded(mortal) == 0
        _record(mortal)
        assert _recorded(mortal) == 1

    def test_who_was_alone_ends_well_and_another_may_be(
        self, server: Server, mortal: Database
    ) -> None:
        with mortal.alone("sweep"):
            server.stop(signal.SIGQUIT)
            server.start()
        with mortal.alone("sweep") as then:
            assert then


def _expect(kind: type[StorageError], act: Callable[[], object]) -> StorageError:
    with pytest.raises(kind) as told:
        act()
    return told.value


def _record(database: Database) -> None:
    with database.unit_of_work() as uow:
        uow.attempts.record(AttemptKind.CODE, "key", at=NOON)
        uow.commit()


def _recorded(database: Database) -> int:
    with database.snapshot() as uow:
        before = NOON.replace(year=NOON.year - 1)
        return len(uow.attempts.recent(AttemptKind.CODE, "key", since=before, limit=9))


def _raise_epoch(database: Database, world: World) -> None:
    with database.unit_of_work() as uow:
        uow.contacts.raise_sign_in_epoch(world.bob.id)
        uow.commit()


def _epoch(database: Database, world: World) -> int | None:
    with database.snapshot() as uow:
        contact = uow.contacts.get(world.bob.id)
    return contact.sign_in_epoch if contact else None
