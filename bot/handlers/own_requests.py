"""Asking for one's own reset, taking such a request, and withdrawing it."""

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.elements import Drawn
from bot.blocks.ids import ActionId, BlockId, CallbackId
from bot.blocks.modals import Context, already_waiting, code_modal, told
from bot.blocks.requests import (
    TITLE,
    WARNING,
    WITHDRAWN,
    own_request,
    request_modal,
    request_sent,
)
from bot.blocks.texts import NOT_OPENED, refusal_text
from bot.domain.model.errors import AccountRefused, Refusal
from bot.domain.model.ids import AccountId, RequestId
from bot.domain.model.people import SlackIdentity
from bot.domain.model.requests import RequestView
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.resets.asking_for_help import OwnRequestService, Taken
from bot.handlers.actors import actor_of
from bot.handlers.home_pages import HomePages
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import (
    Payload,
    chosen_option,
    click_of,
    has_block,
    press_of,
    trigger_of,
    typed,
    view_of,
)


class OwnRequestHandlers:
    """Show the form, and answer every button of a request to whoever pressed it alone."""

    def __init__(
        self,
        *,
        requests: OwnRequestService,
        answers: PersonalAnswers,
        clock: Clock,
        help_contact: str | None,
        home: HomePages,
    ) -> None:
        self._requests = requests
        self._answers = answers
        self._clock = clock
        self._help_contact = help_contact
        self._home = home

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.action(ActionId.REQUEST_ASK)(self.press)
        app.action(ActionId.REQUEST_TAKE)(self.take)
        app.action(ActionId.REQUEST_WITHDRAW)(self.withdraw)
        app.view(CallbackId.REQUEST_RESET)(self.submit)

    def begin(
        self, actor: SlackIdentity, _named: Named, body: Payload, client: WebClient
    ) -> Drawn | None:
        """Open the form, or return how one's request stands; raises a `Refusal`."""
        form = self._requests.prepare(actor)
        if isinstance(form, RequestView):
            return own_request(form)
        open_modal(client, trigger_of(body), request_modal(form))
        return None

    def press(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Open the form, or say why not in its place: Home has none for an answer of its own."""
        try:
            standing = self.begin(actor_of(body), Named(), body, client)
            if standing is not None:
                self._open_answer(body, client, standing.text)
        except Refusal as refusal:
            self._open_answer(body, client, self._text(refusal))
        except NotOpened as no:
            self._answer(body, self._text(no))
        ack()

    def _open_answer(self, body: Payload, client: WebClient, text: str) -> None:
        try:
            open_modal(client, trigger_of(body), told(TITLE, [text]))
        except NotOpened:
            self._answer(body, text)

    def submit(self, ack: Ack, body: Payload) -> None:
        """Make the request, or say under its field why not."""
        actor, view = actor_of(body), view_of(body)
        account = chosen_option(view, BlockId.ACCOUNT)
        try:
            self._requests.ask(
                actor,
                account_id=AccountId(account) if account else None,
                reason=typed(view, BlockId.REASON),
            )
        except Refusal as refusal:
            ack(response_action="errors", errors={_field(refusal, view): self._text(refusal)})
        else:
            ack(response_action="update", view=request_sent(self._help_contact))
            self._home.refresh(actor)

    def take(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Take the request, and go on to the code for it."""
        click, trigger = click_of(body), trigger_of(body)
        try:
            taken = self._requests.take(click.actor, RequestId(click.value))
        except Refusal as refusal:
            self._answer(body, self._text(refusal))
        else:
            self._go_on(body, client, trigger, taken)
            self._home.refresh_contact(taken.request.subscriber_id)
        ack()

    def _go_on(self, body: Payload, client: WebClient, trigger: str, taken: Taken) -> None:
        """Ask for the code, or say that no window was opened: taken is the request either way."""
        request = taken.request
        if isinstance(taken.form, CaseView):
            view = already_waiting(taken.form)
        else:
            context = Context(
                subscriber=Named(contact_id=request.subscriber_id),
                reason=request.reason or "",
                account_id=request.account_id,
            )
            view = code_modal(taken.form, context, warning=WARNING)
        try:
            open_modal(client, trigger, view)
        except NotOpened as no:
            self._answer(body, self._text(no))

    def withdraw(self, ack: Ack, body: Payload) -> None:
        """End the request of whoever pressed."""
        click = click_of(body)
        try:
            self._requests.withdraw(click.actor, RequestId(click.value))
            self._answer(body, WITHDRAWN)
            self._home.refresh(click.actor)
        except Refusal as refusal:
            self._answer(body, self._text(refusal))
        ack()

    def _answer(self, body: Payload, text: str) -> None:
        self._answers.give(press_of(body), text)

    def _text(self, no: Refusal | NotOpened) -> str:
        if isinstance(no, NotOpened):
            return NOT_OPENED
        return refusal_text(no, now=self._clock.now(), help_contact=self._help_contact)


def _field(refusal: Refusal, view: Payload) -> BlockId:
    """Return the field under which the refusal belongs; the reason's where there is none."""
    if isinstance(refusal, AccountRefused) and has_block(view, BlockId.ACCOUNT):
        return BlockId.ACCOUNT
    return BlockId.REASON
