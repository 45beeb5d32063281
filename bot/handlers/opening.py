"""Opening a modal: the one call to Slack that cannot wait; its trigger lives three seconds."""

import logging
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.elements import View
from bot.handlers.slack_errors import word_of

_TRIGGER_GONE = frozenset(
    {
        "expired_trigger_id",
        "trigger_expired",
        "exchanged_trigger_id",
        "trigger_exchanged",
        "invalid_trigger_id",
    }
)

logger = logging.getLogger(__name__)


class NotOpened(Exception):
    """Slack did not open the window: what was stored before stays, and the press is repeated."""


def open_modal(client: WebClient, trigger_id: str, view: View) -> None:
    """Open `view`; raises `NotOpened`, logged unless the trigger was only too old."""
    try:
        client.views_open(trigger_id=trigger_id, view=view)
    except SlackApiError as error:
        word = word_of(error.response)
        if word not in _TRIGGER_GONE:
            logger.warning("a window was not opened: %s", word)
        raise NotOpened from None
    except (SlackClientError, OSError, HTTPException, ValueError) as error:
        logger.warning("a window was not opened: %s", type(error).__name__)
        raise NotOpened from None
