"""The real storage over SQLite in memory, laid once and put back after each test."""

import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Engine, Executable, Row, StaticPool, create_engine
from sqlalchemy.dialects import registry

from bot.domain.model.audit import AuditRecord
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Channel
from bot.domain.model.people import Role, SlackIdentity
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from storage.contacts import slack_columns
from storage.database import Database
from storage.encryption import SecretBox
from storage.sqlite_dialect import ImmediateSqlite
from storage.tables import metadata
from storage.writers import WriterLock
from tests.fakes.sqlite import SECRET_KEYS, lay_database

T = TypeVar("T")

MEMORY = "memory"
"""What an engine's URL says where another names its file."""

_TABLES = metadata.tables

registry.register("sqlite.rekey_memory", __name__, "NestedSqlite")
registry.register("sqlite.rekey_memory_read", __name__, "ReadingSqlite")


class NestedSqlite(ImmediateSqlite):
    """Makes a savepoint of each transaction, within a greater one that is never committed.

    All that a test wrote is rolled back by that, and SQLite keeps every statement it has compiled.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("SAVEPOINT unit")

    def do_commit(self, dbapi_connection: Any) -> None:
        dbapi_connection.execute("RELEASE unit")
        dbapi_connection.driver_connection.commits += 1

    def do_rollback(self, dbapi_connection: Any) -> None:
        if dbapi_connection.in_transaction:  # not yet when the engine connects first
            dbapi_connection.execute("ROLLBACK TO unit")
            dbapi_connection.execute("RELEASE unit")


class ReadingSqlite(NestedSqlite):
    """Reads beside whatever is done on the same connection."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        pass

    def do_rollback(self, dbapi_connection: Any) -> None:
        pass


class Memory(sqlite3.Connection):
    """One database's memory, which the next test uses again."""

    free: ClassVar[dict[object, list["Memory"]]] = {}
    used: ClassVar[list["Memory"]] = []

    def __init__(self) -> None:
        super().__init__(
            ":memory:", isolation_level=None, check_same_thread=False, cached_statements=1000
        )
        self.commits = 0
        self.filled_by: object = None
        self.holding: Any = None
        self.deserialize(_laid())
        self.execute("PRAGMA foreign_keys=ON")
        self.create_function("lower", 1, lambda text: text and text.lower(), deterministic=True)
        self.engine, self.reading = self._engine("rekey_memory"), self._engine("rekey_memory_read")
        self.execute("BEGIN")

    def _engine(self, dialect: str) -> Engine:
        engine = create_engine(
            f"sqlite+{dialect}:///{MEMORY}",
            creator=lambda: self,
            poolclass=StaticPool,
            pool_reset_on_return=None,
        )
        engine.connect().close()  # learns the version, and rolls back
        return engine

    @classmethod
    def take(cls, filled_by: object = None) -> "Memory":
        """Return one that nobody uses and that was filled so; an empty one if none was."""
        free = cls.free.get(filled_by) or cls.free.get(None)
        cls.used.append(memory := free.pop() if free else cls())
        return memory

    def keep(self, filled_by: object, holding: object) -> None:
        """From now on, be put back to how it stands."""
        self.execute("SAVEPOINT kept")
        self.filled_by, self.holding, self.commits = filled_by, holding, 0

    def put_back(self) -> None:
        self.used.remove(self)
        if self.filled_by:
            self.execute("ROLLBACK TO kept")
        else:
            self.execute("ROLLBACK")
            self.execute("BEGIN")
        self.execute("PRAGMA defer_foreign_keys=OFF")
        self.commits = 0
        self.free.setdefault(self.filled_by, []).append(self)

    @classmethod
    def put_all_back(cls) -> None:
        for memory in tuple(cls.used):
            memory.put_back()


class FakeDatabase(Database):
    """A migrated database in memory, and what tests alone may ask of it and do to it.

    It has one connection: a snapshot sees what a unit that is open meanwhile has not committed.
    """

    def __init__(
        self,
        *,
        on_outbox: Callable[[], None] = lambda: None,
        channels: Collection[Channel] = (Channel.SLACK,),
    ) -> None:
        self._box = SecretBox(SECRET_KEYS)
        self._on_outbox = on_outbox
        self._channels = frozenset(channels)
        self._writers = WriterLock()
        self._use(Memory.take())

    @property
    def channels(self) -> frozenset[Channel]:
        return self._channels

    @channels.setter
    def channels(self, channels: Collection[Channel]) -> None:
        self._channels = frozenset(channels)

    def on_outbox(self, wake: Callable[[], None]) -> None:
        """Call that after each commit that writes a message, from now on."""
        self._on_outbox = wake

    def _use(self, memory: Memory) -> None:
        self._memory = memory
        self._engine, self._reading = memory.engine, memory.reading

    def filled(self, fill: Callable[[UnitOfWorkFactory], T]) -> T:
        """Be filled so, which is done once: the next database finds it done."""
        if self.commits or self._memory.filled_by:
            return fill(self.unit_of_work)
        self._memory.put_back()
        self._use(Memory.take(fill))
        if not self._memory.filled_by:
            self._memory.keep(fill, fill(self.unit_of_work))
        holding: T = self._memory.holding
        return holding

    @property
    def commits(self) -> int:
        """How many units were committed since it was laid, or filled."""
        return self._memory.commits

    def close(self) -> None:
        self._memory.put_back()

    def records(self) -> list[AuditRecord]:
        """Return the whole audit log."""
        with self.snapshot() as reading:
            return list(reading.audit.records())

    def rows(self, table: str, **having: object) -> list[Row[Any]]:
        """Return the rows that have these values, in the order in which they were stored."""
        found = _TABLES[table].select().filter_by(**having)
        with self._engine.begin() as connection:
            return list(connection.execute(found))

    def row(self, table: str, row_id: str) -> Row[Any]:
        """Return the row with that id."""
        (row,) = self.rows(table, id=row_id)
        return row

    def change(self, table: str, row_id: str, **values: object) -> None:
        """Change the row with that id, as no act does."""
        self._write(_TABLES[table].update().filter_by(id=row_id).values(values))

    def remove(self, table: str, **having: object) -> None:
        """Remove those rows, though others may point to them."""
        self.let_dangle()
        self._write(_TABLES[table].delete().filter_by(**having))

    def let_dangle(self) -> None:
        """From now on, let rows point to others that are not there."""
        self._memory.execute("PRAGMA defer_foreign_keys=ON")  # until a commit that never comes

    def bind(self, contact_id: str, slack: SlackIdentity | None) -> None:
        """Give the contact that Slack account, or none, in place of theirs."""
        self.change("contacts", contact_id, **slack_columns(slack))

    def swap_slack(self, one: ContactId, other: ContactId) -> None:
        """Have each of two people be the other in Slack."""
        with self.snapshot() as reading:
            slack = [
                contact.slack for contact in map(reading.contacts.get, (one, other)) if contact
            ]
        self.bind(one, None)
        self.bind(other, slack[0])
        self.bind(one, slack[1])

    def give(self, contact_id: str, **roles: Role) -> None:
        """Give the contact a role in each of these accounts besides."""
        for account_id, role in roles.items():
            values = {"contact_id": contact_id, "account_id": account_id, "role": role}
            self._write(_TABLES["memberships"].insert().values(values))

    def dump(self) -> str:
        """Return everything stored, as text."""
        return "\n".join(self._memory.iterdump())

    def _write(self, statement: Executable) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement)


@cache
def _laid() -> bytes:
    with TemporaryDirectory() as folder:
        path = lay_database(Path(folder))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # there is no log beside memory
            return connection.serialize()
