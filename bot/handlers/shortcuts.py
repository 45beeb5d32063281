"""The shortcuts: on a message, for the person who wrote it, and everywhere, with the picker."""

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.elements import View
from bot.blocks.ids import ShortcutId
from bot.blocks.modals import Context, already_waiting, code_modal
from bot.blocks.picker import reset_picker
from bot.blocks.texts import NOT_OPENED, refusal_text
from bot.domain.model.errors import BotRefused, Refusal
from bot.domain.model.people import SlackIdentity
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.resets.asking import AskingService
from bot.handlers.actors import actor_of
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import Payload, press_of, trigger_of
from bot.handlers.shapes import mapping, text


class ShortcutHandlers:
    """Begin a reset where the command would be in the way; its confirm block comes by DM."""

    def __init__(self, *, asking: AskingService, answers: PersonalAnswers, clock: Clock) -> None:
        self._asking = asking
        self._answers = answers
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.shortcut(ShortcutId.RESET_MESSAGE)(self.of_message)
        app.shortcut(ShortcutId.RESET_GLOBAL)(self.everywhere)

    def of_message(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Open the modal for the message's author, or say why not to whoever asked alone."""
        try:
            open_modal(client, trigger_of(body), self._about_author(actor_of(body), body))
        except NotOpened:
            self._answer(body, NOT_OPENED)
        except Refusal as refusal:
            self._answer(body, refusal_text(refusal, now=self._clock.now()))
        ack()

    def everywhere(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Ask whose 2FA is to be reset."""
        try:
            open_modal(client, trigger_of(body), reset_picker(Context()))
        except NotOpened:
            self._answer(body, NOT_OPENED)
        ack()

    def _about_author(self, actor: SlackIdentity, body: Payload) -> View:
        named = self._author(actor, body)
        form = self._asking.prepare(actor, named, response_url=None)
        if isinstance(form, CaseView):
            return already_waiting(form)
        return code_modal(form, Context(subscriber=named))

    def _author(self, actor: SlackIdentity, body: Payload) -> Named:
        """Return who wrote the message; raises `BotRefused` for what an app wrote.

        https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload/
        """
        message = mapping(body.get("message"), "message")
        if message.get("bot_id") or not message.get("user"):
            refusal = BotRefused()
            self._asking.refuse_input(actor, refusal)
            raise refusal
        return Named(slack_user=text(message, "user"))

    def _answer(self, body: Payload, text: str) -> None:
        self._answers.give(press_of(body), text)
