"""The code modal: how, why, and the admin's own code."""

from slack_bolt import Ack, App

from bot.blocks.ids import BlockId, CallbackId
from bot.blocks.texts import refusal_text
from bot.domain.model.cases import Proof
from bot.domain.model.errors import (
    AccountRefused,
    ProofMissing,
    ReasonHoldsCode,
    ReasonMissing,
    ReasonTooLong,
    Refusal,
    TicketMissing,
    TicketUnfit,
)
from bot.domain.model.ids import AccountId
from bot.domain.model.reset_form import FilledForm, Named
from bot.domain.ports.clock import Clock
from bot.domain.resets.asking import AskingService
from bot.handlers.actors import actor_of
from bot.handlers.payloads import Payload, chosen_option, context_of, has_block, typed, view_of


class VerifyHandlers:
    """Turn the filled-in modal into a request, and a refusal into an error under its field."""

    def __init__(self, *, asking: AskingService, clock: Clock) -> None:
        self._asking = asking
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listener to `app`."""
        app.view(CallbackId.RESET_VERIFY)(self.submit)

    def submit(self, ack: Ack, body: Payload) -> None:
        """Ask for the reset; the confirm block comes by the outbox and the modal closes."""
        actor, view = actor_of(body), view_of(body)
        context = context_of(view)
        request = _request(view, subscriber=context.subscriber)
        try:
            self._asking.request(actor, request, response_url=context.response_url)
        except Refusal as refusal:
            text = refusal_text(refusal, now=self._clock.now())
            ack(response_action="errors", errors={_field(refusal, view): text})
        else:
            ack()


def _request(view: Payload, *, subscriber: Named) -> FilledForm:
    account, proof = chosen_option(view, BlockId.ACCOUNT), chosen_option(view, BlockId.PROOF)
    return FilledForm(
        subscriber=subscriber,
        account_id=AccountId(account) if account else None,
        proof=Proof(proof) if proof in set(Proof) else None,
        reason=typed(view, BlockId.REASON),
        ticket=typed(view, BlockId.TICKET).strip() or None,
        code=typed(view, BlockId.CODE),
    )


def _field(refusal: Refusal, view: Payload) -> BlockId:
    """Return the field under which the refusal belongs; the code's where there is none."""
    match refusal:
        case ProofMissing():
            return BlockId.PROOF
        case ReasonMissing() | ReasonTooLong() | ReasonHoldsCode():
            return BlockId.REASON
        case TicketMissing() | TicketUnfit():
            return BlockId.TICKET
        case AccountRefused() if has_block(view, BlockId.ACCOUNT):
            return BlockId.ACCOUNT
        case _:
            return BlockId.CODE
