"""Picking up what somebody began to carry out, and let go of, or died on."""

from datetime import timedelta

from bot.domain.batches import run_each
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import ConfirmedTooLongAgo, Fault, NotAContact, StandingLost
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.journal import SWEEP, Author
from bot.domain.record.refusals import Trail
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.standing.case_standing import Settle, ask_slack, settle_operators_case
from bot.domain.standing.standing import StandingService

YES_HOLDS = timedelta(days=1)
"""For how long a Yes is carried out; whoever still wants the reset after that says so again."""


class PickUpService:
    """Carries out, case by case, what was confirmed and never came to its end."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        standing: StandingService,
        executing: ExecutingService,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._standing = standing
        self._executing = executing
        self._clock = clock

    def carry_out_due(self) -> int:
        """Bring every case that nobody works on to its end; return how many that were.

        Slack and the directory are asked anew, before the first effect, whether it may still be
        done. Where one of them does not answer the case waits for the next sweep, and ends when
        `YES_HOLDS` is over. One that fails holds up no other: what failed is raised in the end, as
        an `ExceptionGroup`.
        """
        with self._unit_of_work() as uow:
            due = uow.cases.due_to_carry_out(self._clock.now())
        return run_each(due, self._pick_up)

    def _pick_up(self, case: Case) -> int:
        lease = self._executing.take(case.id)
        if lease is None:  # a rival was quicker
            return 0
        author = Author(source=Source.SWEEP, actor=SWEEP)
        try:
            settle = self._settling(case)
            seen = self._executing.perform(case.id, lease.holder, author, settle=settle)
        except StandingLost:
            return 1
        except Fault:
            self._executing.let_go(case.id, lease.holder)
            raise
        return int(seen.state is not CaseState.EXECUTING)

    def _settling(self, case: Case) -> Settle:
        if self._clock.now() - (case.decided_at or case.opened_at) > YES_HOLDS:
            return lambda _uow, _case: ConfirmedTooLongAgo()
        if case.kind is CaseKind.OPERATOR:
            return settle_operators_case
        with self._unit_of_work() as uow:
            admin = uow.contacts.get(case.admin_id) if case.admin_id else None
            subscriber = uow.contacts.get(case.subscriber_id)
        if admin is None or admin.slack is None:
            return lambda _uow, _case: NotAContact()
        return ask_slack(self._standing, admin.slack, subscriber, Trail())
