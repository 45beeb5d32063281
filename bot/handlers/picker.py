"""The picker: choosing the subscriber when the command named nobody."""

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.blocks.elements import View
from bot.blocks.hand_over import hand_over_modal
from bot.blocks.ids import VALUE, BlockId, CallbackId
from bot.blocks.modals import Context, already_waiting, code_modal
from bot.blocks.picker import suggestions
from bot.blocks.texts import refusal_text
from bot.domain.desk.searching import SearchService
from bot.domain.model.errors import InputRefused, MentionMissing, Refusal, SeveralMentions
from bot.domain.model.ids import ContactId
from bot.domain.model.people import SlackIdentity
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.resets.asking import AskingService
from bot.domain.set_up.handing_over import HandOverService
from bot.handlers.actors import actor_of
from bot.handlers.payloads import Payload, chosen_option, chosen_person, context_of, view_of
from bot.handlers.shapes import MalformedPayload


class PickerHandlers:
    """Turn the picker into the modal that follows, or say under its field why not."""

    def __init__(
        self,
        *,
        asking: AskingService,
        hand_over: HandOverService,
        search: SearchService,
        clock: Clock,
    ) -> None:
        self._asking = asking
        self._hand_over = hand_over
        self._search = search
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.view(CallbackId.RESET_PICK)(self.submit)
        app.view(CallbackId.HAND_OVER_PICK)(self.submit_hand_over)
        app.options(VALUE)(self.suggest)

    def suggest(self, ack: Ack, body: Payload) -> None:
        """Offer the contacts that the actor administers and whose name or e-mail holds the words.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload/
        """
        words = body.get("value")
        if not isinstance(words, str):
            raise MalformedPayload("value")
        found = self._search.search(actor_of(body), words)
        ack(options=suggestions(found))

    def submit(self, ack: Ack, body: Payload) -> None:
        """Settle who the two people are, and go on to the code."""
        carried = context_of(view_of(body))

        def following(actor: SlackIdentity, named: Named) -> View:
            context = Context(
                subscriber=named, response_url=carried.response_url, reason=carried.reason
            )
            form = self._asking.prepare(actor, named, response_url=context.response_url)
            if isinstance(form, CaseView):
                return already_waiting(form)
            return code_modal(form, context)

        self._go_on(ack, body, following)

    def submit_hand_over(self, ack: Ack, body: Payload) -> None:
        """Settle the same, and go on to the hand-over."""
        self._go_on(
            ack,
            body,
            lambda actor, named: hand_over_modal(self._hand_over.prepare(actor, named), named),
        )

    def _go_on(
        self, ack: Ack, body: Payload, following: Callable[[SlackIdentity, Named], View]
    ) -> None:
        actor, view = actor_of(body), view_of(body)
        user, contact = (
            chosen_person(view, BlockId.SUBSCRIBER),
            chosen_option(view, BlockId.CONTACT),
        )
        try:
            named = self._named(actor, user, contact)
            ack(response_action="update", view=following(actor, named))
        except Refusal as refusal:
            text = refusal_text(refusal, now=self._clock.now())
            under = BlockId.CONTACT if contact else BlockId.SUBSCRIBER
            ack(response_action="errors", errors={under: text})

    def _named(self, actor: SlackIdentity, user: str | None, contact: str | None) -> Named:
        """Return the one who was chosen; raises `MentionMissing` or `SeveralMentions`, recorded."""
        if contact and not user:
            return Named(contact_id=ContactId(contact))
        if user and not contact:
            return Named(slack_user=user)
        refusal: InputRefused = SeveralMentions() if user else MentionMissing()
        self._asking.refuse_input(actor, refusal)
        raise refusal
