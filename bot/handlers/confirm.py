"""The buttons Yes and No of the confirm block."""

from collections.abc import Callable

from slack_bolt import Ack, App

from bot.blocks.ids import ActionId
from bot.blocks.texts import refusal_text
from bot.domain.model.cases import Case
from bot.domain.model.errors import Refusal
from bot.domain.model.pressed import Pressed
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.resets.deciding import DecidingService
from bot.handlers.payloads import Payload, click_of


class ConfirmHandlers:
    """Turn the two clicks into the case's one decision; its outcome comes by the outbox."""

    def __init__(
        self, *, deciding: DecidingService, answers: PersonalAnswers, clock: Clock
    ) -> None:
        self._deciding = deciding
        self._answers = answers
        self._clock = clock

    def register(self, app: App) -> None:
        """Attach the listeners to `app`."""
        app.action(ActionId.RESET_YES)(self.yes)
        app.action(ActionId.RESET_NO)(self.no)

    def yes(self, ack: Ack, body: Payload) -> None:
        """Perform the reset named by the button."""
        self._decide(self._deciding.confirm, body)
        ack()

    def no(self, ack: Ack, body: Payload) -> None:
        """Decline the reset named by the button."""
        self._decide(self._deciding.decline, body)
        ack()

    def _decide(self, decide: Callable[[Pressed], Case], body: Payload) -> None:
        click = click_of(body)
        try:
            decide(click)
        except Refusal as refusal:
            text = refusal_text(refusal, now=self._clock.now())
            self._answers.give(click, text)
