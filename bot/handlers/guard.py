"""Turning away what Bolt itself would trip over, before it looks for a listener."""

from collections.abc import Callable

from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

from bot.handlers.shapes import MalformedPayload, button, mapping, text


class ShapeGuard(Middleware):
    """Answers 400 to a signed request whose buttons, view or menu are not of Slack's shape.

    Bolt reads these for every listener and for its error handler too, so that neither would be
    reached.
    """

    def process(
        self,
        *,
        req: BoltRequest,
        resp: BoltResponse,
        next: Callable[[], BoltResponse],  # noqa: A002  # Bolt's name
    ) -> BoltResponse:
        """Pass on what has the right shape."""
        try:
            if "view" in req.body:
                mapping(req.body["view"], "view")
            if "actions" in req.body:
                button(req.body)
            if req.body.get("type") == "block_suggestion":
                text(req.body, "action_id")
        except MalformedPayload:
            return malformed()
        return next()


def malformed() -> BoltResponse:
    """Return the answer to what is not Slack's."""
    return BoltResponse(status=400, body={"error": "malformed payload"})
