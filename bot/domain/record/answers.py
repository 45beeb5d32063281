"""Answers to whoever clicked: they leave through the outbox, so that none is lost."""

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory


class Replies:
    """Writes an answer to one person in Slack, contact or not."""

    def __init__(self, *, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    def post(self, slack_user: str, text: str, *, response_url: str | None) -> None:
        """Answer where the click was, seen by that person alone; or by DM where that fails."""
        notice = Notice(
            kind=NoticeKind.REPLY,
            slack_address=slack_user,
            facts={"text": text},
            response_url=response_url,
        )
        with self._unit_of_work() as uow:
            uow.outbox.add(notice, now=self._clock.now())
            uow.commit()
