"""A database in memory, used one unit of work at a time."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from bot.domain.model.notices import Channel
from tests.fakes.cases import FakeCases
from tests.fakes.history import FakeAuditLog, FakeOutbox
from tests.fakes.overview import FakeOverview
from tests.fakes.people import FakeContacts, FakeRoster, FakeSuspensions
from tests.fakes.requests import FakeRequests
from tests.fakes.sign_in import FakeAttempts, FakeAuthenticators, FakeSessions
from tests.fakes.state import State

PATIENCE = 5.0
"""Seconds after which a unit that waits for another is a deadlock, not a queue."""


class FakeDatabase:
    """Stands in for `storage.database.Database`: what was not committed is rolled back.

    `state` is what was committed; tests may look into it. Units of different threads queue; a unit
    within a unit of the same thread is a fault, as it is in SQLite.
    """

    def __init__(
        self,
        *,
        on_outbox: Callable[[], None] = lambda: None,
        channels: frozenset[Channel] = frozenset({Channel.SLACK}),
    ) -> None:
        self.state = State()
        self.channels = channels
        self.commits = 0
        self.on_outbox = on_outbox
        self.lock = threading.Lock()
        self.holder: int | None = None

    def unit_of_work(self) -> "FakeUnitOfWork":
        return FakeUnitOfWork(self)

    def snapshot(self) -> "FakeUnitOfWork":
        return FakeUnitOfWork(self, reads_only=True)


class FakeUnitOfWork:
    contacts: FakeContacts
    roster: FakeRoster
    authenticators: FakeAuthenticators
    sessions: FakeSessions
    suspensions: FakeSuspensions
    cases: FakeCases
    requests: FakeRequests
    attempts: FakeAttempts
    outbox: FakeOutbox
    audit: FakeAuditLog
    overview: FakeOverview

    def __init__(self, database: FakeDatabase, *, reads_only: bool = False) -> None:
        self._database = database
        self._reads_only = reads_only
        self._messages_committed = False
        self._state: State

    def __enter__(self) -> Self:
        if not self._reads_only:
            self._take_turn()
        self._state = self._database.state.snapshot()
        self.contacts = FakeContacts(self._state)
        self.roster = FakeRoster(self._state)
        self.authenticators = FakeAuthenticators(self._state)
        self.sessions = FakeSessions(self._state)
        self.suspensions = FakeSuspensions(self._state)
        self.cases = FakeCases(self._state)
        self.requests = FakeRequests(self._state)
        self.attempts = FakeAttempts(self._state)
        self.outbox = FakeOutbox(self._state, channels=self._database.channels)
        self.audit = FakeAuditLog(self._state)
        self.overview = FakeOverview(self._state)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if not self._reads_only:
            self._database.holder = None
            self._database.lock.release()
        if self._messages_committed:
            self._database.on_outbox()

    def commit(self) -> None:
        if self._reads_only:
            raise RuntimeError("a snapshot has nothing to commit")
        self._database.state = self._state.snapshot()
        self._database.commits += 1
        self._messages_committed = self.outbox.has_written

    def _take_turn(self) -> None:
        if self._database.holder == threading.get_ident():
            raise RuntimeError("a unit of work is open in this thread already")
        if not self._database.lock.acquire(timeout=PATIENCE):
            raise AssertionError("a unit of work was held for so long that it must be a deadlock")
        self._database.holder = threading.get_ident()
