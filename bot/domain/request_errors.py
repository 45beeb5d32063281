"""Why a person's own request for a reset was not made, taken or withdrawn.

* Refusal
  + RequestRefused: a person's own request
    x RequestWaits   x RequestThrottled   x RequestTaken   x RequestGone   x NobodyEntitled
"""

from bot.domain.errors import Later, Refusal


class RequestRefused(Refusal):
    """A person's own request for a reset cannot be made, taken or withdrawn."""


class RequestWaits(RequestRefused):
    """The person has asked already, and that request has not ended."""


class RequestThrottled(Later, RequestRefused):
    """The person has asked three times within a day; says when to try again."""


class RequestTaken(RequestRefused):
    """Another administrator has taken the request; names them."""

    def __init__(self, admin_name: str) -> None:
        super().__init__(admin_name)
        self.admin_name = admin_name


class RequestGone(RequestRefused):
    """There is no such request for whoever asks, or it has ended."""


class NobodyEntitled(RequestRefused):
    """Nobody in Slack may reset the person, so a request would reach nobody."""
