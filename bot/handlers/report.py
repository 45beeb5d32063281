"""The report of a reset that was not one's own: the button, and the modal that asks once more."""

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.ids import ActionId, CallbackId
from bot.blocks.modals import report_confirm, report_taken, told
from bot.blocks.texts import NOT_OPENED, refusal_text
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import CaseId
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.resets.reports import ReportService
from bot.handlers.actors import actor_of
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import Payload, carried_id_of, click_of, trigger_of, view_of


class ReportHandlers:
    """Ask the subscriber whether they mean it, then take the report."""

    def __init__(
        self,
        *,
        reports: ReportService,
        answers: PersonalAnswers,
        clock: Clock,
        help_contact: str | None,
    ) -> None:
        self._reports = reports
        self._answers = answers
        self._clock = clock
        self._help_contact = help_contact

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.action(ActionId.RESET_REPORT)(self.press)
        app.view(CallbackId.RESET_REPORT_CONFIRM)(self.submit)

    def press(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Ask once more, if that person may report that case."""
        click = click_of(body)
        try:
            view = self._reports.authorize(click.actor, CaseId(click.value))
            open_modal(client, trigger_of(body), report_confirm(view))
        except (Refusal, NotOpened) as no:
            text = self._text(no)
            self._answers.give(click, text)
        ack()

    def submit(self, ack: Ack, body: Payload) -> None:
        """Make the report true, and show in the same modal what has happened."""
        actor, view = actor_of(body), view_of(body)
        try:
            self._reports.report(actor, CaseId(carried_id_of(view)))
        except Refusal as refusal:
            ack(response_action="update", view=told("This wasn't me", [self._text(refusal)]))
        else:
            ack(response_action="update", view=report_taken(self._help_contact))

    def _text(self, no: Refusal | NotOpened) -> str:
        if isinstance(no, NotOpened):
            return NOT_OPENED
        return refusal_text(no, now=self._clock.now(), help_contact=self._help_contact)
