"""When the next attempt is allowed."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.model.limits import LIMITS, Limit
from bot.domain.model.people import AttemptKind
from bot.domain.ports.sign_in import AttemptRepository


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
