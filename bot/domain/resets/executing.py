"""Carrying a confirmed reset out: its effects, what it closes, and whom it tells (rules 7, 8)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import DirectoryRefusedError
from bot.domain.model.ids import CaseId, LeaseHolder
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import SuspensionCause
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.record import telling
from bot.domain.record.alerts import Alerts
from bot.domain.record.audience import Audience, owners_of
from bot.domain.record.journal import Journal
from bot.domain.resets import request_outcomes
from bot.domain.resets.effects import reset_authenticators
from bot.domain.standing.suspensions import reported_since, suspensions_that_hold, tell_reinstated

_EXECUTING = frozenset({CaseState.EXECUTING})
_LIFTED_BY_RESET = frozenset({SuspensionCause.VETOED, SuspensionCause.LAPSED})
"""An operator's suspension is lifted by the operator alone."""


class Executor:
    """Works inside the caller's unit of work, on a case whose lease the caller holds."""

    def __init__(
        self,
        *,
        directory: DirectoryFactory,
        remind_after: Sequence[timedelta],
        alerts: Alerts,
        audience: Audience,
    ) -> None:
        self._directory = directory
        self._first_reminder = min(remind_after, default=None)
        self._alerts = alerts
        self._audience = audience

    def execute(self, journal: Journal, case: Case, *, held_by: LeaseHolder) -> Case | None:
        """Perform the reset and complete the case, or fail it where the directory refuses for good.

        What was done before such a refusal stays done and recorded. Returns `None` where the lease
        was another's by the end, and raises `DirectoryUnavailableError`; the caller then rolls
        everything back, the effects with it, since the embedded directory keeps them in the same
        database.
        """
        directory = self._directory(journal.uow)
        record = partial(_record, journal, case)
        try:
            reset_authenticators(directory, case.subscriber_id, record)
        except DirectoryRefusedError:
            ended = _leave(journal, case.id, to=CaseState.FAILED, held_by=held_by)
        else:
            ended = self._complete(journal, case, held_by=held_by)
        if ended is not None:
            request_outcomes.case_ended(journal, ended)
            telling.tell_outcome(journal, ended)
        return ended

    def _complete(self, journal: Journal, case: Case, *, held_by: LeaseHolder) -> Case | None:
        self._supersede(journal, case)
        self._lift_suspension(journal, case)
        first, now = self._first_reminder, journal.now
        remind_at = now + first if first is not None else None
        ended = _leave(
            journal, case.id, to=CaseState.COMPLETED, held_by=held_by, remind_at=remind_at
        )
        if ended is not None:
            self._tell_others(journal, ended)
            self._alerts.reset_completed(journal, ended)
        return ended

    def _supersede(self, journal: Journal, case: Case) -> None:
        closed = journal.uow.cases.supersede(case.subscriber_id, by=case.id, now=journal.now)
        for old in closed:
            journal.entered(old, {"superseded_by": case.id})

    def _lift_suspension(self, journal: Journal, case: Case) -> None:
        uow = journal.uow
        subscriber = uow.contacts.get(case.subscriber_id)
        holding = suspensions_that_hold(uow, case.subscriber_id)
        causes = {each.cause for each in holding}
        if subscriber is None or not causes or not causes <= _LIFTED_BY_RESET:
            return
        if reported_since(uow, case):  # by a rival, since standing was settled
            return
        uow.suspensions.lift(case.subscriber_id, lifted_by=journal.actor, now=journal.now)
        for each in holding:
            journal.happened("suspension:lifted", case, {"cause": each.cause})
        tell_reinstated(journal, subscriber, holding, by=case, audience=self._audience)

    def _tell_others(self, journal: Journal, case: Case) -> None:
        uow, now = journal.uow, journal.now
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_RESET, case=case, now=now)
        subscriber = uow.contacts.get(case.subscriber_id)
        notice = Notice(kind=NoticeKind.OWNER_RESET, case_id=case.id)
        owners = owners_of(uow, subscriber)
        self._audience.tell(uow, notice, owners, but=[case.admin_id], now=now)


def _record(journal: Journal, case: Case, what: str, details: Mapping[str, str]) -> None:
    journal.happened(what, case, details)


def _leave(
    journal: Journal,
    case_id: CaseId,
    *,
    to: CaseState,
    held_by: LeaseHolder,
    remind_at: datetime | None = None,
) -> Case | None:
    """Leave `EXECUTING` for good; `None` where somebody else carries the case out by now."""
    case = journal.uow.cases.move(
        case_id, states=_EXECUTING, to=to, now=journal.now, remind_at=remind_at, held_by=held_by
    )
    if case is not None:
        journal.entered(case)
    return case
