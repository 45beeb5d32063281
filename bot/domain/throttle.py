"""Guessing limits: how many failed attempts in how long (design rules 3 and 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.model import AttemptKind
from bot.domain.people_stores import AttemptRepository


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `attempts` within `period`."""

    attempts: int
    period: timedelta


CODE_LIMITS = (
    Limit(5, timedelta(minutes=5)),
    Limit(20, timedelta(hours=1)),
    Limit(50, timedelta(days=1)),
)
PASSWORD_LIMITS = CODE_LIMITS
SET_UP_CODE_LIMITS = CODE_LIMITS
SET_UP_MESSAGE_LIMITS = (Limit(3, timedelta(hours=1)),)
REMINDER_LIMITS = (Limit(1, timedelta(hours=1)),)
REQUEST_LIMITS = (Limit(3, timedelta(days=1)),)

LIMITS = {
    AttemptKind.CODE: CODE_LIMITS,
    AttemptKind.PASSWORD: PASSWORD_LIMITS,
    AttemptKind.SET_UP_CODE: SET_UP_CODE_LIMITS,
    AttemptKind.SET_UP_MESSAGE: SET_UP_MESSAGE_LIMITS,
    AttemptKind.REMINDER: REMINDER_LIMITS,
    AttemptKind.REQUEST: REQUEST_LIMITS,
}

LOCK_AFTER = 100
"""Wrong codes in a row that lock an authenticator until a reset (SP 800-63B-4, 3.2.2)."""


def retry_at(
    attempts: AttemptRepository, kind: AttemptKind, key: str, *, now: datetime
) -> datetime | None:
    """Return when the next attempt is allowed; `None` means now."""
    limits = LIMITS[kind]
    longest = max(limit.period for limit in limits)
    most = max(limit.attempts for limit in limits)
    made = attempts.recent(kind, key, since=now - longest, limit=most)
    return _latest([_allowed_at(made, limit) for limit in limits], now=now)


def _allowed_at(made: Sequence[datetime], limit: Limit) -> datetime | None:
    if len(made) < limit.attempts:
        return None
    return made[limit.attempts - 1] + limit.period


def _latest(times: Sequence[datetime | None], *, now: datetime) -> datetime | None:
    return max((time for time in times if time is not None and time > now), default=None)
