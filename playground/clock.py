"""A clock that can be moved, so that nobody waits a day for a reminder."""

import re
from datetime import datetime, timedelta

from bot.clock import SystemClock

_SPAN = re.compile(r"([0-9]{1,4})\s*([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class PlaygroundClock:
    """The port `Clock`, ahead of the real time; one that `stands_still` moves only so."""

    def __init__(self, *, stands_still: bool = False) -> None:
        self._real = SystemClock()
        self._stopped_at = self._real.now() if stands_still else None
        self._ahead = timedelta(0)

    @property
    def stands_still(self) -> bool:
        return self._stopped_at is not None

    @property
    def ahead(self) -> timedelta:
        """By how much it was moved, all in all."""
        return self._ahead

    def now(self) -> datetime:
        """Return the playground's instant, aware, in UTC."""
        return (self._stopped_at or self._real.now()) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Move forward; what falls due by it is noticed at the next sweep."""
        self._ahead += by


def parse_span(text: str) -> timedelta | None:
    """Return what `45s`, `30m`, `2h` or `1d` says; `None` for anything else."""
    found = _SPAN.fullmatch(text.strip().lower())
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
