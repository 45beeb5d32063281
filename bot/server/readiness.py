"""Whether the program can do its work just now."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.ports.clock import Clock

KEPT_FOR = timedelta(seconds=2)
"""How long an answer is given again: anybody may ask, and each look writes, and asks Slack."""
PASSED_ON_FOR = timedelta(seconds=10)
"""How long it is given to those who come during the next look, rather than that they wait too."""
STOPPING = "Rekey is being stopped."


@dataclass(frozen=True, slots=True)
class _Answer:
    missing: str | None
    at: datetime


class Readiness:
    """Remembers for a few seconds what `look` found; one thread looks at a time.

    `look` returns what is missing, in one sentence, or `None`.
    """

    def __init__(self, look: Callable[[], str | None], *, clock: Clock) -> None:
        self._look = look
        self._clock = clock
        self._looking = threading.Lock()
        self._stopping = threading.Event()
        self._last: _Answer | None = None

    def stop(self) -> None:
        """Say from now on, at once, that the program is being stopped."""
        self._stopping.set()

    def missing(self) -> str | None:
        """Return what is missing, in one sentence; `None` where nothing is."""
        if self._stopping.is_set():
            return STOPPING
        answer = self._last_within(KEPT_FOR) or self._looked()
        return STOPPING if self._stopping.is_set() else answer.missing

    def _looked(self) -> _Answer:
        """Look, or take what another thread finds; what was found lately does while it looks."""
        lately = self._last_within(PASSED_ON_FOR)
        if lately is not None and self._looking.locked():
            return lately
        with self._looking:
            answer = self._last_within(KEPT_FOR)
            if answer is None:
                answer = self._last = _Answer(self._look(), self._clock.now())
            return answer

    def _last_within(self, time: timedelta) -> _Answer | None:
        last = self._last
        if last is None:
            return None
        # a clock that was put back makes no answer last
        return last if timedelta(0) <= self._clock.now() - last.at < time else None
