"""Administrators at work: each asks for one reset after another, and does again what was lost."""

import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from bot.clock import SystemClock
from bot.domain.model.cases import CaseState
from bot.domain.proving import totp
from playground.slack.model import Delivery, Message
from playground.slack.person import Person
from tests.faults.site import CHANNEL, Site

_QUESTION_WITHIN = 15
"""Seconds after which somebody types the command again."""
_TRIES = 30


@dataclass
class Administrator:
    """Works through a list of people until told to stop; ends no reset in the middle."""

    site: Site
    name: str
    people: Sequence[str]
    stop: threading.Event
    reset: list[str] = field(default_factory=list)
    """Whose Yes was acknowledged."""
    lost: int = 0
    """What Slack got no answer to, and was done again."""

    def work(self) -> None:
        for subscriber in self.people:
            if self.stop.is_set():
                return
            self._say_yes(self._ask(subscriber), subscriber)
            self.reset.append(subscriber)

    def _ask(self, subscriber: str) -> Message:
        """Ask for a reset until there is a question; the same command brings it again."""
        for _ in range(_TRIES):
            self._person.close_all()
            before = {message.ts for message in self._questions()}
            if not self._got_through(self.site.type(self.name, subscriber)):
                continue
            if self._person.modals:
                self._wait_for_a_new_code()
                if not self._got_through(self.site.submit_code(self.name)):
                    continue
            question = self._question(but=before)
            if question is not None:
                return question
        raise AssertionError(f"{self.name} is never asked whether to reset {subscriber}")

    def _say_yes(self, question: Message, subscriber: str) -> None:
        """Click until a click is acknowledged, and the case decided."""
        for _ in range(_TRIES):
            clicked = self._person.click(question, "reset_yes", even_if_unseen=True)
            decided = self.site.state(subscriber) != CaseState.AWAITING_CONFIRMATION
            if self._got_through(clicked) and decided:
                return
        raise AssertionError(f"{self.name} never gets a Yes for {subscriber} through")

    def _got_through(self, delivery: Delivery) -> bool:
        self.lost += delivery.error is not None
        return delivery.ok

    def _wait_for_a_new_code(self) -> None:
        """Wait until the app shows a code that was not typed yet, half a minute at most."""
        app, now = self.site.staff[self.name].app, SystemClock().now()
        if app.last_step >= totp.step_at(now):
            begins_at = (app.last_step + 1) * totp.TIME_STEP.total_seconds()
            threading.Event().wait(begins_at - now.timestamp())

    def _question(self, *, but: Collection[str]) -> Message | None:
        def found() -> list[Message]:
            return [message for message in self._questions() if message.ts not in but]

        try:
            self.site.slack.wait_for(lambda: bool(found()), timeout=_QUESTION_WITHIN)
        except TimeoutError:
            return None
        return found()[-1]

    def _questions(self) -> list[Message]:
        seen = [*self._person.messages(CHANNEL), *self._person.dm]
        return [message for message in seen if "reset_yes" in message.action_ids]

    @property
    def _person(self) -> Person:
        return self.site.slack_of(self.name)
