"""What came of one attempt to hand a message over."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Delivered:
    """It was taken; `channel` and `ts` are Slack's names for a message that it keeps."""

    channel: str | None = None
    ts: str | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """Not now; for as long as `hold` no other message need be tried by the same way either.

    `in_doubt` where the answer was lost on its way: the message may have arrived.
    """

    error: str
    retry_after: timedelta | None = None
    hold: timedelta | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never, by this way."""

    error: str


Result = Delivered | Delayed | Refused
