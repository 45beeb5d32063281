"""What people see of a fault, and what the log does: where it broke, never what was in it."""

import logging
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from http.client import HTTPException
from pathlib import PurePath

from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.blocks.ids import BlockId, CallbackId
from bot.blocks.modals import told
from bot.blocks.texts import BROKEN, refusal_text
from bot.domain.model.errors import Fault, WorkspaceUnavailableError
from bot.domain.model.pressed import Pressed
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.handlers.command import tell
from bot.handlers.guard import malformed
from bot.handlers.payloads import Payload, click_of, press_of, view_of
from bot.handlers.shapes import MalformedPayload

_FIELDS = {
    CallbackId.RESET_PICK: BlockId.SUBSCRIBER,
    CallbackId.RESET_VERIFY: BlockId.CODE,
    CallbackId.HAND_OVER_PICK: BlockId.SUBSCRIBER,
    CallbackId.HAND_OVER_VERIFY: BlockId.CODE,
    CallbackId.REQUEST_RESET: BlockId.REASON,
}
_SHORTCUTS = frozenset({"shortcut", "message_action"})
_NO_SLACK = (SlackClientError, OSError, HTTPException)
"""What asking Slack raises where it does not answer, or not properly."""
_FRAMES_KEPT = 12

logger = logging.getLogger(__name__)


class ErrorHandlers:
    """Answer each surface in its own way, with one sentence."""

    def __init__(self, *, answers: PersonalAnswers, clock: Clock) -> None:
        self._answers = answers
        self._clock = clock

    def register(self, app: App) -> None:
        """Make this the handler of everything that listeners and middleware raise."""
        app.error(self.handle)

    def handle(self, error: Exception, ack: Ack, body: Payload, client: WebClient) -> BoltResponse:
        """Return the answer to what failed: 400 for what is malformed, else 200 and a sentence."""
        try:
            if isinstance(error, MalformedPayload):
                raise error
            return self._answer(error, ack, body, client)
        except MalformedPayload as part:
            logger.warning("a malformed payload was refused: %s (%s)", part, describe(error))
            return malformed()

    def _answer(self, error: Exception, ack: Ack, body: Payload, client: WebClient) -> BoltResponse:
        surface = str(body.get("type") or "command")
        known, text = isinstance(error, (Fault, *_NO_SLACK)), self._sentence(error)
        if "command" in body:
            answer = tell(ack, text)
        elif surface == "view_submission":
            answer = _answer_modal(ack, view_of(body), text)
        elif surface == "block_actions":
            self._reply(client, click_of(body), text, known=known)
            answer = ack()
        elif surface in _SHORTCUTS:
            self._reply(client, press_of(body), text, known=known)
            answer = ack()
        elif surface == "block_suggestion":
            answer = ack(options=[])
        elif surface == "event_callback":  # nobody waits for an answer, and Slack would try again
            answer = ack()
        else:
            raise MalformedPayload("type")
        level = logging.WARNING if known else logging.ERROR
        logger.log(level, "%s failed: %s", surface, describe(error))
        return answer

    def _sentence(self, error: Exception) -> str:
        if isinstance(error, _NO_SLACK):
            error = WorkspaceUnavailableError()
        return refusal_text(error, now=self._clock.now()) if isinstance(error, Fault) else BROKEN

    def _reply(self, client: WebClient, pressed: Pressed, text: str, *, known: bool) -> None:
        """Answer through the outbox; what is not `known` may be the database's, so it is said.

        A locked database takes two of Slack's three seconds, and the outbox would take two more.
        """
        if not known and _say(client, pressed, text):
            return
        try:
            self._answers.give(pressed, text)
        except Exception as error:  # noqa: BLE001  # whatever broke first may break this too
            logger.error("an answer could not be written: %s", describe(error))  # noqa: TRY400  # a traceback's text may hold input


def _say(client: WebClient, pressed: Pressed, text: str) -> bool:
    """Tell one person a sentence of our own at once; return whether Slack took it."""
    try:
        if pressed.response_url is None:
            client.chat_postMessage(channel=pressed.actor.user, text=text, mrkdwn=False)
            return True
        hook = WebhookClient(
            pressed.response_url,
            timeout=client.timeout,
            ssl=client.ssl,
            proxy=client.proxy,
            retry_handlers=[],
        )
        answered = hook.send(text=text, response_type="ephemeral", replace_original=False)
    except (*_NO_SLACK, ValueError):
        return False
    return answered.status_code == HTTPStatus.OK


def _answer_modal(ack: Ack, view: Payload, text: str) -> BoltResponse:
    callback = view.get("callback_id")
    for known, block in _FIELDS.items():
        if callback == known:
            return ack(response_action="errors", errors={block: text})
    return ack(response_action="update", view=told("Rekey", [text]))


def describe(error: BaseException) -> str:
    """Name an exception and its causes by type and place, without their words."""
    return ", caused by ".join(f"{type(one).__name__} at {_places(one)}" for one in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _places(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES_KEPT:]
    return " > ".join(f"{'/'.join(PurePath(f.filename).parts[-3:])}:{f.lineno}" for f in frames)
