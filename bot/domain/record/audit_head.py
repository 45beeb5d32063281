"""The audit chain's head, sent once a day to where the server cannot change it."""

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.audience import Audience


class AuditHeadService:
    """Posts the head to the audit channel: only a head kept elsewhere shows what was cut off."""

    def __init__(
        self, *, unit_of_work: UnitOfWorkFactory, clock: Clock, audience: Audience
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._audience = audience

    def post_due(self) -> bool:
        """Write the day's message, once for each UTC date; return whether it was written now.

        Nothing is written where there is no audit channel, or no record yet.
        """
        if self._audience.audit_channel is None:
            return False
        now = self._clock.now()
        with self._unit_of_work() as uow:
            head, number = uow.audit.head()
            if number == 0:
                return False
            notice = Notice(
                kind=NoticeKind.AUDIT_HEAD,
                facts={"head": head, "number": str(number), "at": now.isoformat()},
                once=f"audit_head:{now:%Y-%m-%d}",
            )
            written = self._audience.tell_channel(uow, notice, now=now) is not None
            uow.commit()
        return written
