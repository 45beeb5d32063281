"""The button that shows a set-up code, and the link to the sign-in page."""

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.ids import ActionId
from bot.blocks.modals import set_up_code
from bot.blocks.texts import NOT_OPENED, refusal_text
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import SessionId
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.set_up.enrolment import SetUpService
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import Payload, click_of, trigger_of


class SetUpCodeHandlers:
    """Show the code in a modal, which no message or log ever holds."""

    def __init__(
        self,
        *,
        set_up: SetUpService,
        answers: PersonalAnswers,
        clock: Clock,
        help_contact: str | None,
    ) -> None:
        self._set_up = set_up
        self._answers = answers
        self._clock = clock
        self._help_contact = help_contact

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.action(ActionId.SHOW_SET_UP_CODE)(self.show)
        app.action(ActionId.OPEN_SET_UP)(self.follow)

    def show(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Make a new code for the waiting sign-in and show it to the one whose it is."""
        click, trigger = click_of(body), trigger_of(body)
        try:
            shown = self._set_up.show_code(click.actor, SessionId(click.value))
            view = set_up_code(
                shown.code,
                shown.session,
                expires_at=shown.expires_at,
                help_contact=self._help_contact,
            )
            open_modal(client, trigger, view)
        except NotOpened:
            self._answers.give(click, NOT_OPENED)
        except Refusal as refusal:
            now = self._clock.now()
            text = refusal_text(refusal, now=now, help_contact=self._help_contact)
            self._answers.give(click, text)
        ack()

    def follow(self, ack: Ack) -> None:
        """Slack tells of a press of a link too; the browser has opened it."""
        ack()
