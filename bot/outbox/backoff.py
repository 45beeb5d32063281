"""How long a message waits for its next attempt."""

from collections.abc import Callable
from datetime import timedelta

from bot.domain.model.pace import LONGEST_HOLD

FIRST = timedelta(seconds=20)
LONGEST = LONGEST_HOLD
SHORTEST = timedelta(seconds=1)
_DOUBLINGS = 8  # beyond these it is an hour anyway


def next_attempt_after(
    attempts: int, *, retry_after: timedelta | None, jitter: Callable[[], float]
) -> timedelta:
    """Return what Slack asked for, else more after each attempt; an hour at most in either case.

    The first pauses are under a minute. `jitter` returns a number from 0 to 1; by it a pause is
    between a half and the whole, so that what failed together is not tried again together.
    """
    if retry_after is not None:
        return min(max(retry_after, SHORTEST), LONGEST)
    doublings = min(attempts, _DOUBLINGS)
    return min(FIRST * (1 << doublings), LONGEST) * (1 + jitter()) / 2
