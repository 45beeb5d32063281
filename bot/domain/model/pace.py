"""How fast messages leave, by each way: so many at once, and from then on one at a time.

The generic cell rate algorithm: https://www.itu.int/rec/T-REC-I.371, annex A.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from bot.domain.model.notices import Way

LONGEST_HOLD = timedelta(hours=1)
"""A way that is held back for longer is tried once an hour all the same."""

SKEW = timedelta(minutes=5)
"""How far the clocks of two processes may be apart: what Slack allows between its own and ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """One message `every` so often; after a rest `burst` messages at once."""

    every: timedelta
    burst: int

    @property
    def lead(self) -> timedelta:
        """How far ahead a way may be booked."""
        return self.every * (self.burst - 1)


Paces = Mapping[Way, Pace]
"""A way without one is as fast as it can be."""

_UNPACED = Pace(every=timedelta(0), burst=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookings:
    """How far ahead a way is booked by the messages that left, and until when it is held back."""

    booked_until: datetime
    held_until: datetime | None = None

    def opens_at(self, pace: Pace, *, now: datetime) -> datetime:
        """Return when the next message may leave, never earlier than `now`.

        What is booked further ahead than can be was booked before the clock was set back.
        """
        held_until = self._held_until(now)
        furthest = max(now, held_until) + pace.every * pace.burst + SKEW
        if self.booked_until > furthest:
            return held_until
        return max(self.booked_until - pace.lead, held_until)

    def book(self, pace: Pace, *, now: datetime) -> Self:
        """Book a message that leaves now, when the way is open."""
        opens_at = self.opens_at(pace, now=now)
        booked_until = max(min(self.booked_until, opens_at + pace.lead), now) + pace.every
        return type(self)(booked_until=booked_until, held_until=self.held_until)

    def hold(self, pace: Pace, *, until: datetime, now: datetime) -> Self:
        """Hold the way back, `LONGEST_HOLD` at most; what leaves after that leaves one by one."""
        held_until = max(min(until, now + LONGEST_HOLD), self._held_until(now))
        return type(self)(booked_until=held_until + pace.lead, held_until=held_until)

    def _held_until(self, now: datetime) -> datetime:
        """Return until when it is held back; `now` if it is not, or if that cannot be true."""
        if self.held_until is None or self.held_until > now + LONGEST_HOLD + SKEW:
            return now
        return max(self.held_until, now)


def pace_of(way: Way, paces: Paces) -> Pace:
    """Return the way's pace."""
    return paces.get(way, _UNPACED)


def opens_at(
    way: Way, bookings: Mapping[Way, Bookings], *, now: datetime, paces: Paces
) -> datetime:
    """Return when a message may leave by that way next, never earlier than `now`."""
    known = [(bookings[each], pace_of(each, paces)) for each in way.booked if each in bookings]
    return max((booked.opens_at(pace, now=now) for booked, pace in known), default=now)


def book(
    way: Way, bookings: Mapping[Way, Bookings], *, now: datetime, paces: Paces
) -> dict[Way, Bookings]:
    """Return what a message that leaves by that way now books, always in the same order."""
    rested = Bookings(booked_until=now)
    return {
        each: bookings.get(each, rested).book(paces[each], now=now)
        for each in way.booked
        if each in paces
    }
