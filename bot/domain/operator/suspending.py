"""What the operator does about a sign-in: suspends it, and lifts whatever suspends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState, case_without_admin
from bot.domain.model.errors import NotSuspended, SuspendedAlready
from bot.domain.model.people import Contact, Operator, Suspension, SuspensionCause
from bot.domain.model.reset_form import verify_reason
from bot.domain.operator.acts import held_contact, record_operators_act, tell_of_act
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.audience import Audience
from bot.domain.record.journal import OPERATOR, Journal
from bot.domain.record.refusals import Recorder
from bot.domain.resets.effects import end_sessions
from bot.domain.set_up.set_up_cases import schedule_first_reminder
from bot.domain.standing.suspensions import new_suspension, suspensions_that_hold, tell_reinstated

_UNDONE = frozenset({CaseState.COMPLETED, CaseState.LAPSED, CaseState.VETOED})
"""Cases whose set-up was not done, or was undone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reinstated:
    """Who may sign in again, and the case on which their set-up hangs, if there is one to do."""

    contact: Contact
    case: Case | None


class SuspensionService:
    """Each act is on the operator's word, audited with who that was and why, and told."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        directory: DirectoryFactory,
        clock: Clock,
        remind_after: Sequence[timedelta],
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.operators_refusals, "suspension")
        self._directory = directory
        self._clock = clock
        self._first_reminder = min(remind_after, default=None)
        self._audience = audience

    def suspend(self, email: str, *, reason: str, operator: Operator) -> Contact:
        """Suspend the contact's sign-in and end every session; authenticators stay as they are.

        For whoever calls to say that it was not them, and cannot open Slack. Until it is lifted by
        `reinstate` no reset is possible. Raises `ContactNotFound`, `SuspendedAlready` or, for the
        reason, an `InputRefused`, recorded.
        """
        with self._refusals(operator) as trail, self._unit_of_work() as uow:
            contact, now = held_contact(uow, email, trail), self._clock.now()
            kept = verify_reason(reason)
            if contact.suspended:
                raise SuspendedAlready
            cause = SuspensionCause.OPERATOR
            uow.suspensions.add(new_suspension(contact.id, cause=cause, now=now))

            def record(what: str, details: Mapping[str, str]) -> None:
                record_operators_act(uow, what, contact, operator, now=now, details=details)

            record("suspension:added", {"cause": cause, "reason": kept})
            end_sessions(self._directory(uow), contact.id, record)
            act = "suspended the sign-in"
            tell_of_act(uow, contact, act, audience=self._audience, now=now)
            uow.commit()
        return contact

    def reinstate(self, email: str, *, reason: str, operator: Operator) -> Reinstated:
        """Lift whatever suspends the contact.

        Where 2FA has to be set up, the cases that led there are superseded by one of the operator,
        with its reminders, on which the set-up hangs; where it was set up meanwhile, at the
        console, by the case of that. Raises `ContactNotFound`, `NotSuspended` or, for the reason,
        an `InputRefused`, recorded.
        """
        with self._refusals(operator) as trail, self._unit_of_work() as uow:
            contact, now = held_contact(uow, email, trail), self._clock.now()
            kept = verify_reason(reason)
            holding = suspensions_that_hold(uow, contact.id)
            if not holding:
                raise NotSuspended
            uow.suspensions.lift(contact.id, lifted_by=OPERATOR, now=now)
            journal = Journal(
                uow=uow,
                source=Source.OPERATOR,
                actor=OPERATOR,
                now=now,
                details={"reason": kept, **operator.details()},
            )
            for each in holding:
                _record_lifting(journal, contact, each, operator)
            case = self._case_to_set_up_on(journal, contact)
            if case is None:
                _supersede_by_enrolment(journal, contact)
            tell_reinstated(journal, contact, holding, by=case, audience=self._audience)
            uow.commit()
        return Reinstated(contact=contact, case=case)

    def _case_to_set_up_on(self, journal: Journal, contact: Contact) -> Case | None:
        """Put a new case in the place of whatever waits; `None` where nothing has to be set up."""
        uow, directory = journal.uow, self._directory(journal.uow)
        undone = any(case.state in _UNDONE for case in uow.cases.of(contact.id))
        needed = directory.set_up_required(contact.id) or (
            undone and not directory.authenticators_of(contact.id)
        )
        if not needed or not contact.memberships:
            return None
        case = _open_case(journal, contact)
        _supersede(journal, contact, by=case)
        schedule_first_reminder(journal, case, self._first_reminder)
        return case


def _supersede_by_enrolment(journal: Journal, contact: Contact) -> None:
    """Close what waits where the contact has enrolled since, as the newest case says."""
    newest = next(iter(journal.uow.cases.of(contact.id)), None)
    if newest is not None and newest.state is CaseState.RE_ENROLLED:
        _supersede(journal, contact, by=newest)


def _supersede(journal: Journal, contact: Contact, *, by: Case) -> None:
    for old in journal.uow.cases.supersede(contact.id, by=by.id, now=journal.now):
        journal.entered(old, {"superseded_by": by.id})


def _open_case(journal: Journal, contact: Contact) -> Case:
    """Open a case that is already completed: nothing had to be reset any more."""
    case = case_without_admin(
        contact, kind=CaseKind.OPERATOR, state=CaseState.COMPLETED, now=journal.now
    )
    journal.uow.cases.add(case)
    journal.entered(case)
    return case


def _record_lifting(
    journal: Journal, contact: Contact, lifted: Suspension, operator: Operator
) -> None:
    """Record it of the case that led there, where one did."""
    uow, details = journal.uow, {"cause": str(lifted.cause)}
    case = uow.cases.get(lifted.case_id) if lifted.case_id else None
    if case is not None:
        journal.happened("suspension:lifted", case, details)
        return
    details |= {"reason": journal.details["reason"]}
    record_operators_act(
        uow, "suspension:lifted", contact, operator, now=journal.now, details=details
    )
