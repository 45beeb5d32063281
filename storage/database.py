"""A database: opened, migrated, and used one unit of work at a time."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, select
from sqlalchemy.sql import column, table

from bot.domain.model.notices import Channel
from storage.encryption import SecretBox
from storage.engine import UPGRADE_WAIT, for_migrating, for_reading, make_engine
from storage.errors import DatabaseBusyError, DatabaseTooNewError
from storage.postgresql import alone, wait_alone
from storage.unit_of_work import SqlUnitOfWork
from storage.writers import OneEachThread, WriterLock

if TYPE_CHECKING:
    from alembic.config import Config

LATEST_REVISION = "0006"
"""The newest of `storage/migrations/versions`; known here so that start-up need not load them."""

_REVISIONS = select(table("alembic_version", column("version_num")).c.version_num)


def _wake_nobody() -> None:
    pass


class Database:
    """Everything that Rekey stores, at one URL.

    Making one connects to nothing; a wrong URL or key raises a `StorageError` at once, and the
    first use raises one for a database that cannot be opened. `on_outbox` is called after each
    commit that wrote a message; `channels` are the ways by which messages leave.
    """

    def __init__(
        self,
        url: str,
        *,
        secret_keys: Sequence[bytes],
        on_outbox: Callable[[], None] = _wake_nobody,
        channels: Collection[Channel] = (Channel.SLACK,),
    ) -> None:
        self._engine = make_engine(url)
        self._reading = for_reading(self._engine)
        self._box = SecretBox(secret_keys)
        self._on_outbox = on_outbox
        self._channels = frozenset(channels)
        self._writers = WriterLock() if self._is_sqlite else OneEachThread()

    @property
    def _is_sqlite(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @property
    def has_one_process(self) -> bool:
        """Whether only one process at a time serves from it: a file, not a server."""
        return self._is_sqlite

    def unit_of_work(self) -> SqlUnitOfWork:
        """Return a unit that, entered, may write; on SQLite one at a time, in any process."""
        return SqlUnitOfWork(
            self._engine,
            box=self._box,
            on_outbox=self._on_outbox,
            channels=self._channels,
            writer=self._writers,
        )

    def snapshot(self) -> SqlUnitOfWork:
        """Return a unit for long reads: it sees one moment, hinders no writer, commits nothing."""
        return SqlUnitOfWork(
            self._reading,
            box=self._box,
            on_outbox=self._on_outbox,
            channels=self._channels,
            writer=None,
            reads_only=True,
        )

    def alone(self, what: str) -> AbstractContextManager[bool]:
        """Keep every other program from entering the same; yields false where one is in already.

        SQLite's one program is always alone.
        """
        return nullcontext(enter_result=True) if self._is_sqlite else alone(self._engine, what)

    def is_current(self) -> bool:
        """Whether every migration has been made, and no unknown one."""
        with self._reading.connect() as connection:
            return _revisions(connection) == {LATEST_REVISION}

    def refuse_newer(self) -> None:
        """Raise `DatabaseTooNewError` for a database that a newer version has migrated."""
        with self._reading.connect() as connection:
            _refuse_newer(connection)

    def upgrade(self) -> None:
        """Migrate to the newest revision, all or nothing; of several programs one at a time.

        Raises `DatabaseTooNewError`, having changed nothing, for a database that a newer version
        has migrated.
        """
        if self.is_current():
            return
        from alembic import command  # noqa: PLC0415  # 0.1 s of every start that needs none of it

        with for_migrating(self._engine).begin() as connection:
            if not self._is_sqlite:
                wait_alone(connection, "upgrade", wait=UPGRADE_WAIT)
            _refuse_newer(connection)
            command.upgrade(migrations(connection), "head")

    def prove_writable(self) -> None:
        """Raise a `StorageError` where nothing can be stored, as on a full disk; change nothing.

        What is merely busy can be. A server that can store nothing ends, or is asked to in vain.
        """
        if not self._is_sqlite:
            return
        try:
            self._writers.acquire()
        except DatabaseBusyError:
            return
        try:
            with self._engine.begin() as connection:  # a page is written, with what it held before
                number = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
                connection.exec_driver_sql(f"PRAGMA user_version = {int(number)}")
        except DatabaseBusyError:
            return
        finally:
            self._writers.release()

    def scrub(self) -> bool:
        """Empty SQLite's log, in which what was erased still stands; true where nothing is left.

        False where another program reads an older moment just now: the log is emptied later, when
        SQLite begins it anew. What was erased is overwritten in the file itself.
        """
        if not self._is_sqlite:
            return True
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._engine.dispose()


def migrations(connection: Connection) -> "Config":
    """Return Alembic's configuration for running the packaged migrations on that connection."""
    from alembic.config import Config  # noqa: PLC0415  # see upgrade

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "storage:migrations")
    return config


def _refuse_newer(connection: Connection) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # see upgrade

    scripts = ScriptDirectory.from_config(migrations(connection))
    if not _revisions(connection) <= {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseTooNewError(
            "A newer version of Rekey has migrated this database: install that version."
        )


def _revisions(connection: Connection) -> set[str]:
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.scalars(_REVISIONS))
