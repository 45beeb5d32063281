"""The command `/reset-2fa`."""

from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient

from bot.blocks.elements import Drawn, paragraph
from bot.blocks.ids import COMMAND
from bot.blocks.modals import Context, code_modal, waiting
from bot.blocks.picker import reset_picker
from bot.blocks.texts import NOT_OPENED, help_text, refusal_text
from bot.blocks.wording import inert
from bot.domain.model.errors import MentionMissing, Refusal, SeveralMentions
from bot.domain.model.people import SlackIdentity
from bot.domain.model.reset_form import Named
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.resets.asking import AskingService
from bot.handlers.actors import actor_of
from bot.handlers.mentions import Act, parse_command
from bot.handlers.opening import NotOpened, open_modal
from bot.handlers.payloads import Payload, response_url_of, trigger_of

Answer = str | Drawn | None
"""What there is to say to that person alone; nothing where a modal was opened."""

Answering = Callable[[SlackIdentity, Named, Payload, WebClient], Answer]
"""Carries out one act about whoever was named; raises a `Refusal` or `NotOpened`."""


class CommandHandlers:
    """Answer the command with a modal, help, or why not; `others` are the acts beside a reset."""

    def __init__(
        self,
        *,
        asking: AskingService,
        clock: Clock,
        help_contact: str | None,
        others: Mapping[Act, Answering],
    ) -> None:
        self._asking = asking
        self._clock = clock
        self._help_contact = help_contact
        self._others = others

    def register(self, app: App) -> None:
        """Attach the listener to `app`."""
        app.command(COMMAND)(self.command)

    def command(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Open the modal that the words ask for; what cannot be done is told to that person."""
        actor = actor_of(body)
        answer: Answer
        try:
            answer = self._run(actor, body, client)
        except NotOpened:
            answer = NOT_OPENED
        except Refusal as refusal:
            if isinstance(refusal, MentionMissing | SeveralMentions):
                self._asking.refuse_input(actor, refusal)
            now = self._clock.now()
            answer = refusal_text(refusal, now=now, help_contact=self._help_contact)
        if answer is None:
            ack()
        else:
            tell(ack, answer)

    def _run(self, actor: SlackIdentity, body: Payload, client: WebClient) -> Answer:
        asked = parse_command(str(body.get("text") or ""))
        other = self._others.get(asked.act)
        if other is None and asked.act is not Act.RESET:
            return help_text(self._help_contact)
        user = self._asking.named(actor, asked.username) if asked.username else asked.user
        named = Named(slack_user=user)
        if other is not None:
            return other(actor, named, body, client)
        return self._reset(actor, named, asked.reason, body, client)

    def _reset(
        self, actor: SlackIdentity, named: Named, reason: str, body: Payload, client: WebClient
    ) -> Answer:
        context = Context(subscriber=named, response_url=response_url_of(body), reason=reason)
        if named.slack_user is None:
            open_modal(client, trigger_of(body), reset_picker(context))
            return None
        form = self._asking.prepare(actor, named, response_url=context.response_url)
        if isinstance(form, CaseView):
            return waiting(form)
        open_modal(client, trigger_of(body), code_modal(form, context))
        return None


def tell(ack: Ack, answer: str | Drawn) -> BoltResponse:
    """Acknowledge a command with words for that person alone."""
    drawn = Drawn(inert(answer), (paragraph(answer),)) if isinstance(answer, str) else answer
    return ack(text=drawn.text, blocks=drawn.blocks, response_type="ephemeral")
