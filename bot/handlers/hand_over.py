"""Handing a set-up code over: by the command, and the modal that asks for proof and a code."""

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blocks.hand_over import code_to_give, hand_over_modal
from bot.blocks.ids import BlockId, CallbackId
from bot.blocks.picker import hand_over_picker
from bot.blocks.texts import refusal_text
from bot.domain.model.cases import Proof
from bot.domain.model.errors import ProofMissing, Refusal, SignInMissing
from bot.domain.model.ids import SessionId
from bot.domain.model.people import SlackIdentity
from bot.domain.model.reset_form import Named
from bot.domain.ports.clock import Clock
from bot.domain.set_up.handing_over import FilledHandOver, HandOverService
from bot.handlers.actors import actor_of
from bot.handlers.opening import open_modal
from bot.handlers.payloads import (
    Payload,
    chosen_option,
    context_of,
    has_block,
    trigger_of,
    typed,
    view_of,
)


class HandOverHandlers:
    """Show the code in the modal that was filled in, which no message or log ever holds."""

    def __init__(self, *, hand_over: HandOverService, clock: Clock) -> None:
        self._hand_over = hand_over
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listener to `app`."""
        app.view(CallbackId.HAND_OVER_VERIFY)(self.submit)

    def begin(self, actor: SlackIdentity, named: Named, body: Payload, client: WebClient) -> None:
        """Open the modal for whoever was named, or the picker; raises as `prepare` does."""
        if named.slack_user is None:
            open_modal(client, trigger_of(body), hand_over_picker())
            return
        form = self._hand_over.prepare(actor, named)
        open_modal(client, trigger_of(body), hand_over_modal(form, named))

    def submit(self, ack: Ack, body: Payload) -> None:
        """Show the code, once, in place of the form, or say under its field why not."""
        actor, view = actor_of(body), view_of(body)
        try:
            handed_over = self._hand_over.hand_over(actor, _request(view))
        except Refusal as refusal:
            text = refusal_text(refusal, now=self._clock.now())
            ack(response_action="errors", errors={_field(refusal, view): text})
        else:
            ack(response_action="update", view=code_to_give(handed_over))


def _request(view: Payload) -> FilledHandOver:
    context, proof = context_of(view), chosen_option(view, BlockId.PROOF)
    picked = chosen_option(view, BlockId.SIGN_IN)
    return FilledHandOver(
        subscriber=context.subscriber,
        session_id=SessionId(picked) if picked else context.sign_in,
        proof=Proof(proof) if proof in set(Proof) else None,
        code=typed(view, BlockId.CODE),
    )


def _field(refusal: Refusal, view: Payload) -> BlockId:
    """Return the field under which the refusal belongs; the code's where there is none."""
    match refusal:
        case ProofMissing():
            return BlockId.PROOF
        case SignInMissing() if has_block(view, BlockId.SIGN_IN):
            return BlockId.SIGN_IN
        case _:
            return BlockId.CODE
