"""The writers' queue, which a test can watch."""

import threading
from collections.abc import Callable

from storage.writers import WriterLock


class WatchedLock(WriterLock):
    """Says when somebody has queued, and lets a test lay hands on their turn."""

    def __init__(self, on_turn: Callable[[threading.Event], None] = lambda _turn: None) -> None:
        super().__init__()
        self.has_queued = threading.Semaphore(0)
        self.on_turn = on_turn

    def _queued(self) -> threading.Event | None:
        turn = super()._queued()
        if turn is not None:
            self.on_turn(turn)
            self.has_queued.release()
        return turn
