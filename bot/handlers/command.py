"""The command `/reset-2fa`."""

from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient

from bot.blocks.elements import paragraph
from bot.blocks.ids import COMMAND
from bot.blocks.modals import Context, code_modal, picker, waiting_text
from bot.blocks.texts import TRIGGER_EXPIRED, help_text, refusal_text
from bot.blocks.wording import inert
from bot.domain.asking import AskingService
from bot.domain.errors import MentionMissing, Refusal, SeveralMentions
from bot.domain.model import SlackIdentity
from bot.domain.notices import CaseView
from bot.domain.ports import Clock
from bot.domain.requests import Named
from bot.handlers.actors import actor_of
from bot.handlers.mentions import parse_command
from bot.handlers.opening import TriggerExpired, open_modal
from bot.handlers.payloads import Payload, response_url_of, trigger_of


class CommandHandlers:
    """Answer the command with the code modal, the picker, help, or why not."""

    def __init__(self, *, asking: AskingService, clock: Clock, help_contact: str | None) -> None:
        self._asking = asking
        self._clock = clock
        self._help = help_text(help_contact)

    def register(self, app: App) -> None:
        """Attach the listener to `app`."""
        app.command(COMMAND)(self.command)

    def command(self, ack: Ack, body: Payload, client: WebClient) -> None:
        """Open the modal that the words ask for; what cannot be done is told to that person."""
        actor = actor_of(body)
        try:
            answer = self._run(actor, body, client)
        except TriggerExpired:
            answer = TRIGGER_EXPIRED
        except Refusal as refusal:
            if isinstance(refusal, MentionMissing | SeveralMentions):
                self._asking.refuse_input(actor, refusal)
            answer = refusal_text(refusal, now=self._clock.now())
        if answer is None:
            ack()
        else:
            tell(ack, answer)

    def _run(self, actor: SlackIdentity, body: Payload, client: WebClient) -> str | None:
        """Return what there is to say where no modal was opened."""
        asked = parse_command(str(body.get("text") or ""))
        if asked.help:
            return self._help
        user = self._asking.named(actor, asked.username) if asked.username else asked.user
        named = Named(slack_user=user)
        context = Context(subscriber=named, response_url=response_url_of(body), reason=asked.reason)
        if user is None:
            open_modal(client, trigger_of(body), picker(context))
            return None
        form = self._asking.prepare(actor, named, response_url=context.response_url)
        if isinstance(form, CaseView):
            return waiting_text(form)
        open_modal(client, trigger_of(body), code_modal(form, context))
        return None


def tell(ack: Ack, answer: str) -> BoltResponse:
    """Acknowledge a command with words for that person alone."""
    return ack(text=inert(answer), blocks=[paragraph(answer)], response_type="ephemeral")
