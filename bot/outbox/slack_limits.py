"""How fast messages leave by each way, for all processes together."""

from datetime import timedelta

from bot.domain.model.notices import Way
from bot.domain.model.pace import Pace

_MINUTE = timedelta(minutes=1)

PACES = {
    # "several hundred messages per minute" in a workspace: here never more than 300 in any
    Way.POST: Pace(every=_MINUTE / 270, burst=30),
    # "no more than one message per second per channel", short bursts allowed
    Way.CHANNEL: Pace(every=timedelta(seconds=1), burst=15),
    # tier 3, 50 a minute: here never more in any
    Way.CHANGE: Pace(every=_MINUTE / 40, burst=10),
    # no limit is documented; each leads to one person's own window
    Way.ANSWER: Pace(every=_MINUTE / 270, burst=30),
    # a mail server of one's own sets its own; these are not noticed by most
    Way.EMAIL: Pace(every=_MINUTE / 120, burst=30),
}
"""https://docs.slack.dev/apis/web-api/rate-limits/

In no minute are there more than `burst` and what `every` allows in one together.
"""

CLAIM = timedelta(seconds=45)
"""How long a message belongs to who sends it: longer than two calls of ten seconds take."""
