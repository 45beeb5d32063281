"""Carrying a confirmed reset out: its effects, what it closes, and whom it tells (rules 7, 8)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from bot.domain import request_outcomes, telling
from bot.domain.alerts import Alerts
from bot.domain.case import Case, CaseState
from bot.domain.effects import reset_authenticators
from bot.domain.errors import DirectoryRefusedError
from bot.domain.ids import CaseId
from bot.domain.journal import Journal
from bot.domain.model import Role, SuspensionCause
from bot.domain.notices import NoticeKind
from bot.domain.ports import DirectoryFactory
from bot.domain.set_up_cases import schedule_first_reminder
from bot.domain.suspensions import reported_since, suspensions_that_hold, tell_reinstated

_EXECUTING = frozenset({CaseState.EXECUTING})
_LIFTED_BY_RESET = frozenset({SuspensionCause.VETOED, SuspensionCause.LAPSED})
"""An operator's suspension is lifted by the operator alone."""


class Executor:
    """Works inside the caller's unit of work, from state `EXECUTING`."""

    def __init__(
        self,
        *,
        directory: DirectoryFactory,
        remind_after: Sequence[timedelta],
        alerts: Alerts,
        audit_channel: str | None,
    ) -> None:
        self._directory = directory
        self._first_reminder = min(remind_after, default=None)
        self._alerts = alerts
        self._audit_channel = audit_channel

    def execute(self, journal: Journal, case: Case, *, response_url: str | None) -> None:
        """Perform the reset and complete the case, or fail it where the directory refuses for good.

        What was done before such a refusal stays done and recorded. Raises
        `DirectoryUnavailableError`; the caller then rolls everything back.
        """
        directory = self._directory(journal.uow)
        record = partial(_record, journal, case)
        try:
            reset_authenticators(directory, case.subscriber_id, record)
        except DirectoryRefusedError:
            ended = _leave(journal, case.id, to=CaseState.FAILED)
        else:
            self._supersede(journal, case)
            self._lift_suspension(journal, case)
            ended = _leave(journal, case.id, to=CaseState.COMPLETED)
            schedule_first_reminder(journal, ended, self._first_reminder)
            self._tell_others(journal, ended)
            self._alerts.reset_completed(journal, ended)
        request_outcomes.case_ended(journal, ended)
        telling.tell_outcome(journal.uow, ended, response_url=response_url, now=journal.now)

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
        tell_reinstated(journal, subscriber, holding, by=case, channel=self._audit_channel)

    def _tell_others(self, journal: Journal, case: Case) -> None:
        uow, now = journal.uow, journal.now
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_RESET, case=case, now=now)
        subscriber = uow.contacts.get(case.subscriber_id)
        owners = telling.concerned(uow, subscriber, at_least=Role.OWNER) if subscriber else ()
        told = [owner.id for owner in owners if owner.id != case.admin_id]
        telling.tell(uow, NoticeKind.OWNER_RESET, told, case=case, now=now)
        telling.tell_channel(uow, NoticeKind.OWNER_RESET, self._audit_channel, case=case, now=now)


def _record(journal: Journal, case: Case, what: str, details: Mapping[str, str]) -> None:
    journal.happened(what, case, details)


def _leave(journal: Journal, case_id: CaseId, *, to: CaseState) -> Case:
    """Leave `EXECUTING`, in which this very unit of work has put the case."""
    case = journal.uow.cases.move(case_id, states=_EXECUTING, to=to, now=journal.now)
    if case is None:
        raise LookupError(f"case {case_id} left the state executing by itself")
    journal.entered(case)
    return case
