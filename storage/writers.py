"""Who may write at once within one process."""

import threading
from collections import deque
from typing import Protocol

from storage.engine import LOCK_WAIT
from storage.errors import DatabaseBusyError

BUSY = "Rekey itself is busy with the database; try again."
_NESTED = "a unit of work is open in this thread already"


class Writers(Protocol):
    """Who may write at once within one process; never twice the same thread."""

    def acquire(self) -> None: ...

    def release(self) -> None: ...


class OneEachThread:
    """Refuses a unit within a unit, which would wait for the outer one's locks."""

    def __init__(self) -> None:
        self._thread = threading.local()

    def acquire(self) -> None:
        if getattr(self._thread, "writes", False):
            raise RuntimeError(_NESTED)
        self._thread.writes = True

    def release(self) -> None:
        self._thread.writes = False


class WriterLock:
    """Lets the writers of one process in as they came, where SQLite would let them starve.

    Whoever leaves hands the lock to the first in the queue: were it merely let go, the thread that
    runs already would take it again and again before the one that must first be woken.
    """

    def __init__(self) -> None:
        self._door = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._taken = False
        self._holder: int | None = None

    def acquire(self) -> None:
        """Wait for those who came before; raises `DatabaseBusyError` after `LOCK_WAIT` seconds."""
        if self._holder == threading.get_ident():
            raise RuntimeError(_NESTED)
        turn = self._queued()
        if turn is not None:
            self._await(turn)
        self._holder = threading.get_ident()

    def release(self) -> None:
        """Let the next one in."""
        self._holder = None
        with self._door:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False

    def _queued(self) -> threading.Event | None:
        """Take the lock at once, or return what is set when one's turn has come."""
        with self._door:
            if not self._taken:
                self._taken = True
                return None
            turn = threading.Event()
            self._queue.append(turn)
            return turn

    def _await(self, turn: threading.Event) -> None:
        """Return once the turn has come; who does not get so far keeps no place and no lock."""
        try:
            came = turn.wait(LOCK_WAIT)
        except BaseException:  # an interrupt from the keyboard
            if not self._left(turn):
                self.release()
            raise
        if not came and self._left(turn):
            raise DatabaseBusyError(BUSY)

    def _left(self, turn: threading.Event) -> bool:
        """Leave the queue; false where the turn came at the last moment."""
        with self._door:
            if turn not in self._queue:
                return False
            self._queue.remove(turn)
            return True
