"""PersonalAnswers to whoever clicked: they leave through the outbox, so that none is lost."""

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.pressed import Pressed
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory


class PersonalAnswers:
    """Writes an answer to one person in Slack, contact or not."""

    def __init__(self, *, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def give(self, pressed: Pressed, text: str) -> None:
        """Answer where the button was, seen by that person alone; or by DM where that fails."""
        notice = Notice(
            kind=NoticeKind.REPLY,
            slack_address=pressed.actor.user,
            facts={"text": text},
            response_url=pressed.response_url,
        )
        with self._unit_of_work() as uow:
            uow.outbox.add(notice, now=self._clock.now())
            uow.commit()
