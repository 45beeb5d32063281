"""Guessing limits: how many failed attempts in how long (design rules 3 and 9)."""

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.model.people import AttemptKind


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
