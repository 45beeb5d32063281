"""Opening a modal: the one call to Slack that cannot wait; its trigger lives three seconds."""

from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.elements import View
from bot.domain.errors import WorkspaceUnavailableError

_TRIGGER_GONE = frozenset(
    {
        "expired_trigger_id",
        "trigger_expired",
        "exchanged_trigger_id",
        "trigger_exchanged",
        "invalid_trigger_id",
    }
)


class TriggerExpired(Exception):
    """Slack takes the trigger no longer: not a fault, the person only has to do it again."""


def open_modal(client: WebClient, trigger_id: str, view: View) -> None:
    """Open `view`; raises `TriggerExpired`, or `WorkspaceUnavailableError`."""
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except SlackApiError as error:
        if _word(error.response) in _TRIGGER_GONE:
            raise TriggerExpired from None
        raise WorkspaceUnavailableError from error
    except (SlackClientError, OSError, HTTPException, ValueError) as error:
        raise WorkspaceUnavailableError from error


def _word(response: Any) -> object:  # noqa: ANN401  # the SDK says no more of it
    """Return Slack's word for what is wrong; some answers have none."""
    return response.get("error") if hasattr(response, "get") else None
