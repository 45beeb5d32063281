"""Looking after cases: `status`, `pending` and `mine`, and the buttons beside each case."""

from collections.abc import Callable
from dataclasses import replace

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.cases import case_details, own_cases, pending_cases, person_status
from bot.blocks.elements import Drawn
from bot.blocks.ids import IN_STATUS, ActionId
from bot.blocks.own_status import own_status
from bot.blocks.texts import NOT_OPENED, refusal_text
from bot.domain.desk.case_lists import CaseListService
from bot.domain.desk.case_work import CaseWorkService
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import CaseId
from bot.domain.model.people import SlackIdentity
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.domain.model.views import PersonStatus
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import Payload, click_of, trigger_of
from bot.handlers.shapes import button


class CaseHandlers:
    """Show cases, and carry out what is pressed; what was done is answered by the outbox."""

    def __init__(
        self,
        *,
        work: CaseWorkService,
        lists: CaseListService,
        answers: PersonalAnswers,
        clock: Clock,
        help_contact: str | None,
    ) -> None:
        self._work = work
        self._lists = lists
        self._answers = answers
        self._clock = clock
        self._help_contact = help_contact

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.action(ActionId.CASE_REMIND)(self.remind)
        app.action(ActionId.CASE_TAKE_OVER)(self.take_over)
        app.action(ActionId.CASE_CANCEL)(self.cancel)
        app.action(ActionId.CASE_DETAILS)(self.details)

    def status(
        self, actor: SlackIdentity, named: Named, _body: Payload, _client: WebClient
    ) -> Drawn:
        """Return how the named person's cases stand, or one's own 2FA; raises a `Refusal`."""
        status = self._work.status(actor, named)
        if isinstance(status, PersonStatus):
            return person_status(status)
        return own_status(status, help_contact=self._help_contact)

    def pending(
        self, actor: SlackIdentity, _named: Named, _body: Payload, _client: WebClient
    ) -> Drawn:
        """Return what waits in the accounts that one administers; raises a `Refusal`."""
        return pending_cases(self._lists.pending(actor))

    def mine(
        self, actor: SlackIdentity, _named: Named, _body: Payload, _client: WebClient
    ) -> Drawn:
        """Return what waits and is one's own to look after; raises a `Refusal`."""
        return own_cases(self._lists.mine(actor))

    def remind(self, ack: Ack, body: Payload) -> None:
        """Remind the subscriber of the case named by the button."""
        self._act(self._work.remind, body)
        ack()

    def take_over(self, ack: Ack, body: Payload) -> None:
        """Put whoever pressed in charge of the case named by the button."""
        self._act(self._work.take_over, body)
        ack()

    def cancel(self, ack: Ack, body: Payload) -> None:
        """End the case named by the button before anything is done."""
        self._act(self._work.cancel, body)
        ack()

    def details(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Show the story of the case named by the button."""
        click, trigger = click_of(body), trigger_of(body)
        try:
            story = self._work.details(click.actor, CaseId(click.value))
            open_modal(client, trigger, case_details(story))
        except NotOpened:
            self._answers.give(click, NOT_OPENED)
        except Refusal as refusal:
            self._refuse(refusal, body)
        ack()

    def _act(self, act: Callable[[Pressed], None], body: Payload) -> None:
        try:
            act(_pressed(body))
        except Refusal as refusal:
            self._refuse(refusal, body)

    def _refuse(self, refusal: Refusal, body: Payload) -> None:
        click = click_of(body)
        text = refusal_text(refusal, now=self._clock.now())
        self._answers.give(click, text)


def _pressed(body: Payload) -> Pressed:
    """Return where the button stood; only an answer to `status` is replaced by the new one."""
    where = str(button(body).get("block_id") or "")
    return replace(click_of(body), replace=where.startswith(IN_STATUS))
