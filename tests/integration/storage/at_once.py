"""Two units of work at once, forced: the first is held just before a statement of its own."""

import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event

from storage.database import Database

WAIT = 30
"""Seconds; machines that run other tests meanwhile are slow."""


class Paused:
    """Holds the first unit just before the n-th statement that begins so, until told to go on."""

    def __init__(self, database: Database, beginning: str, *, nth: int = 1) -> None:
        self._beginning, self._left = beginning, nth
        self._reached, self._go_on = threading.Event(), threading.Event()
        event.listen(database._engine, "before_cursor_execute", self._look)  # noqa: SLF001  # the engine beneath

    def wait(self) -> None:
        assert self._reached.wait(WAIT), "the statement never came"

    def go_on(self) -> None:
        self._go_on.set()

    def _look(self, _connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(self._beginning) or self._reached.is_set():
            return
        self._left -= 1
        if not self._left:
            self._reached.set()
            assert self._go_on.wait(WAIT)


class Acting(threading.Thread):
    """Does something in a thread of its own, and keeps what came of it."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self.raised: BaseException | None = None

    def run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001  # looked at by the test
            self.raised = error
