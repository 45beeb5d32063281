"""The picker: choosing the subscriber when the command named nobody."""

from slack_bolt import Ack, App

from bot.blocks.ids import BlockId, CallbackId
from bot.blocks.modals import Context, already_waiting, code_modal
from bot.blocks.texts import refusal_text
from bot.domain.asking import AskingService
from bot.domain.errors import MentionMissing, Refusal
from bot.domain.notices import CaseView
from bot.domain.ports import Clock
from bot.domain.requests import Named
from bot.handlers.actors import actor_of
from bot.handlers.payloads import Payload, chosen_person, context_of, view_of


class PickerHandlers:
    """Turn the picker into the code modal, or say under its field why not."""

    def __init__(self, *, asking: AskingService, clock: Clock) -> None:
        self._asking = asking
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listener to `app`."""
        app.view(CallbackId.RESET_PICK)(self.submit)

    def submit(self, ack: Ack, body: Payload) -> None:
        """Settle who the two people are, and go on to the code."""
        actor, view = actor_of(body), view_of(body)
        carried, user = context_of(view), chosen_person(view, BlockId.SUBSCRIBER)
        if user is None:
            nobody = MentionMissing()
            self._asking.refuse_input(actor, nobody)
            self._refuse(ack, nobody)
            return
        named = Named(slack_user=user)
        context = Context(
            subscriber=named, response_url=carried.response_url, reason=carried.reason
        )
        try:
            form = self._asking.prepare(actor, named, response_url=context.response_url)
        except Refusal as refusal:
            self._refuse(ack, refusal)
            return
        following = (
            already_waiting(form) if isinstance(form, CaseView) else code_modal(form, context)
        )
        ack(response_action="update", view=following)

    def _refuse(self, ack: Ack, refusal: Refusal) -> None:
        text = refusal_text(refusal, now=self._clock.now())
        ack(response_action="errors", errors={BlockId.SUBSCRIBER: text})
