"""One sweep over everything that falls due by itself."""

from collections.abc import Callable
from datetime import timedelta

from bot.domain.batches import run_each
from bot.domain.following_up.lapsing import LapseService
from bot.domain.following_up.reminders import ReminderService
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.audit_head import AuditHeadService
from bot.domain.resets.asking_for_help import OwnRequestService
from bot.domain.resets.deciding import DecidingService
from bot.domain.resets.picking_up import PickUpService

ATTEMPTS_KEPT_FOR = timedelta(days=2)
"""Longer than any throttle looks back."""

SENT_KEPT_FOR = timedelta(days=90)
"""Longer than any `once` key can come up again.

Those are of a day, an hour, a sign-in that waits for half an hour, a message that failed, which is
said in the transaction that gives it up, or a case, which completes once. Nothing else reads a
message that was sent; what it told stands in the audit log.
"""

SESSIONS_KEPT_FOR = SENT_KEPT_FOR
"""After its end a session only tells from where somebody signed in, as the audit log does.

No longer, since that is personal; and no shorter, since messages name it.
"""

AT_ONCE = 500
"""How many messages, and sessions, one sweep deletes at most: milliseconds of a writer's time."""

ATTEMPTS_AT_ONCE = 10 * AT_ONCE
"""The same of attempts: nothing hangs on one, and whoever floods the sign-in page makes many."""


class Sweep:
    """Does what is due for cases, requests and the audit head, and forgets what is old."""

    def __init__(
        self,
        *,
        pick_ups: PickUpService,
        deciding: DecidingService,
        lapses: LapseService,
        reminders: ReminderService,
        own_requests: OwnRequestService,
        audit_heads: AuditHeadService,
        unit_of_work: UnitOfWorkFactory,
        clock: Clock,
    ) -> None:
        self._pick_ups = pick_ups
        self._deciding = deciding
        self._lapses = lapses
        self._reminders = reminders
        self._own_requests = own_requests
        self._audit_heads = audit_heads
        self._unit_of_work = unit_of_work
        self._clock = clock

    def run(self) -> None:
        """Do whatever is due now; may be run at any time, by any number of processes.

        What fails holds up nothing else, and is raised in the end, as an `ExceptionGroup`.
        """
        parts: tuple[Callable[[], int], ...] = (
            self._pick_ups.carry_out_due,
            self._deciding.expire_due,
            self._lapses.lapse_due,
            self._reminders.remind_due,
            self._own_requests.expire_due,
            self._audit_heads.post_due,
            self._forget_old,
        )
        run_each(parts, lambda part: part())

    def _forget_old(self) -> int:
        now = self._clock.now()
        with self._unit_of_work() as uow:
            forgotten = uow.attempts.prune(before=now - ATTEMPTS_KEPT_FOR, limit=ATTEMPTS_AT_ONCE)
            forgotten += uow.outbox.prune(sent_before=now - SENT_KEPT_FOR, limit=AT_ONCE)
            forgotten += uow.sessions.prune(expired_before=now - SESSIONS_KEPT_FOR, limit=AT_ONCE)
            uow.commit()
        return forgotten
