"""One transaction over everything stored."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.model.notices import Channel
from storage.attempts import SqlAttempts
from storage.audit import SqlAuditLog
from storage.authenticators import SqlAuthenticators
from storage.cases import SqlCases
from storage.contacts import SqlContacts
from storage.encryption import SecretBox
from storage.errors import DatabaseBusyError
from storage.outbox import SqlOutbox
from storage.overview import SqlOverview
from storage.requests import SqlRequests
from storage.roster import SqlRoster
from storage.sessions import SqlSessions
from storage.suspensions import SqlSuspensions
from storage.writers import BUSY, Writers


class SqlUnitOfWork:
    """`bot.domain.ports.unit_of_work.UnitOfWork` over one connection; usable once entered."""

    contacts: SqlContacts
    roster: SqlRoster
    authenticators: SqlAuthenticators
    sessions: SqlSessions
    suspensions: SqlSuspensions
    cases: SqlCases
    requests: SqlRequests
    attempts: SqlAttempts
    outbox: SqlOutbox
    audit: SqlAuditLog
    overview: SqlOverview

    def __init__(
        self,
        engine: Engine,
        *,
        box: SecretBox,
        on_outbox: Callable[[], None],
        channels: frozenset[Channel],
        writer: Writers | None,
        reads_only: bool = False,
    ) -> None:
        self._engine = engine
        self._box = box
        self._on_outbox = on_outbox
        self._channels = channels
        self._writer = writer
        self._reads_only = reads_only
        self._connection: Connection
        self._messages_committed = False

    def __enter__(self) -> Self:
        if self._writer:
            self._writer.acquire()
        try:
            self._connection = self._begin()
        except BaseException:
            if self._writer:
                self._writer.release()
            raise
        self._bind(self._connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            self._connection.close()  # rolls back what was not committed
        finally:
            if self._writer:
                self._writer.release()
        if self._messages_committed:
            self._on_outbox()

    def commit(self) -> None:
        """Make everything durable; the outbox's sender is woken once the unit has ended."""
        if self._reads_only:
            raise RuntimeError("a snapshot has nothing to commit")
        self.outbox.flush()
        self.audit.flush()  # the last, since it locks the chain's head
        self._connection.commit()
        self.contacts.read_anew()
        self._messages_committed = self.outbox.has_written

    def _begin(self) -> Connection:
        try:
            connection = self._engine.connect()
        except PoolTimeoutError:
            raise DatabaseBusyError(BUSY) from None
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection

    def _bind(self, connection: Connection) -> None:
        self.contacts = SqlContacts(connection)
        self.roster = SqlRoster(connection, on_change=self.contacts.read_anew)
        self.authenticators = SqlAuthenticators(connection, box=self._box)
        self.sessions = SqlSessions(connection)
        self.suspensions = SqlSuspensions(connection, on_change=self.contacts.read_anew)
        self.cases = SqlCases(connection)
        self.requests = SqlRequests(connection)
        self.attempts = SqlAttempts(connection)
        self.outbox = SqlOutbox(connection, box=self._box, channels=self._channels)
        self.audit = SqlAuditLog(connection)
        self.overview = SqlOverview(connection, contacts=self.contacts)
