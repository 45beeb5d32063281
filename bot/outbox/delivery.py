"""One attempt to hand a message to Slack, and what came of it."""

import json
import logging
import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient, WebhookResponse

from bot.blocks.elements import Drawn
from bot.outbox.results import Delayed, Delivered, Refused, Result

FINAL = frozenset(
    {
        "cannot_dm_bot",
        "cant_update_message",
        "channel_not_found",
        "invalid_user_combination",
        "edit_window_closed",
        "is_archived",
        "message_not_found",
        "messages_tab_disabled",
        "not_in_channel",
        "org_login_required",
        "restricted_action",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
    }
)
"""Answers about the recipient that trying again does not change.

Those about our token (`token_revoked`, `account_inactive` and the like) are for the operator to put
right, and the message waits. https://docs.slack.dev/reference/methods/chat.postMessage/#errors
"""

_UNFIT = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_arguments"}
)
_SECONDS = re.compile(r"[0-9]{1,6}")
_WORD = re.compile(r"[a-z0-9_]{1,64}")

logger = logging.getLogger(__name__)


class Delivery:
    """Speaks to Slack once for each attempt; when to try again is for the sender to say.

    So `client` makes each call once.
    """

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def post(self, address: str, drawn: Drawn) -> Result:
        """Post to a person's DM or a channel; blocks that Slack will not have are left out."""
        result = self._post(address, drawn)
        if isinstance(result, Delayed) and result.error in _UNFIT and drawn.blocks:
            logger.error("Slack takes no such blocks: %s; sending the text alone", result.error)
            return self._post(address, Drawn(text=drawn.text))
        return result

    def _post(self, address: str, drawn: Drawn) -> Result:
        try:
            response = self._client.chat_postMessage(
                channel=address,
                text=drawn.text,
                blocks=list(drawn.blocks),
                mrkdwn=False,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackApiError as error:
            return _judged(error.response)
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            return _unanswered(error)
        return Delivered(channel=response.get("channel"), ts=response.get("ts"))

    def change(self, channel: str, ts: str, drawn: Drawn) -> Result:
        """Put something else in the place of a message that was posted."""
        try:
            self._client.chat_update(
                channel=channel, ts=ts, text=drawn.text, blocks=list(drawn.blocks)
            )
        except SlackApiError as error:
            return _judged(error.response)
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            return _unanswered(error)
        return Delivered()

    def answer(self, url: str, drawn: Drawn, *, replace_original: bool) -> Result:
        """Answer by a `response_url`, seen by one person alone; `Refused` once that is spent."""
        hook = WebhookClient(
            url,
            timeout=self._client.timeout,
            ssl=self._client.ssl,
            proxy=self._client.proxy,
            retry_handlers=[],
        )
        try:
            response = hook.send(
                text=drawn.text,
                blocks=list(drawn.blocks),
                response_type="ephemeral",
                replace_original=replace_original,
            )
        except SlackClientError as error:
            return Refused(type(error).__name__)
        except (OSError, HTTPException, ValueError) as error:
            return _unanswered(error)
        return _answered(response)


def _unanswered(error: Exception) -> Delayed:
    """Judge a call without an answer that can be read: unless it never left, it may have worked.

    `urllib` raises a `URLError` for what befalls a request, and not for what befalls its answer.
    """
    return Delayed(type(error).__name__, in_doubt=not isinstance(error, URLError))


def _judged(response: Any) -> Result:  # noqa: ANN401  # the SDK says no more of it
    status, data = response.status_code, response.data
    word = _word(data, status)
    if status == HTTPStatus.TOO_MANY_REQUESTS or word in {"ratelimited", "rate_limited"}:
        return _rate_limited(response.headers)
    return Refused(word) if word in FINAL else Delayed(word)


def _answered(response: WebhookResponse) -> Result:
    status = response.status_code
    body = _body(response.body)
    word = _word(body, status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _rate_limited(response.headers)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused(word)
    if status != HTTPStatus.OK or body is None:
        return Delayed(word)
    return Delivered() if body.get("ok", True) else Refused(word)


def _body(body: str) -> Mapping[str, Any] | None:
    """Return what Slack answered; `None` for what Slack never answers, such as a proxy's page."""
    if body.strip() in {"", "ok"}:
        return {}
    try:
        decoded = json.loads(body)
    except ValueError:
        return None
    return decoded if isinstance(decoded, Mapping) else None


def _word(data: object, status: int) -> str:
    """Return Slack's word for the error, or the status where there is none: never free text."""
    word = data.get("error") if isinstance(data, Mapping) else None
    return word if isinstance(word, str) and _WORD.fullmatch(word) else f"http_{status}"


def _rate_limited(headers: Mapping[str, Any]) -> Delayed:
    """Hold back every message that goes by the same method: the limit is said of that."""
    after = _retry_after(headers)
    return Delayed("ratelimited", after, hold=after)


def _retry_after(headers: Mapping[str, Any]) -> timedelta | None:
    """Return for how long Slack asks us to wait; `None` if it says nothing that is a number."""
    for name, value in headers.items():
        if name.lower() == "retry-after" and _SECONDS.fullmatch(str(value)):
            return timedelta(seconds=int(value))
    return None
