"""The case that an enrolment at the console closes."""

from datetime import datetime

from bot.domain.model.audit import Source
from bot.domain.model.cases import UNENROLLED_STATES, Case, CaseKind, CaseState, case_without_admin
from bot.domain.model.ids import AuthenticatorId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Contact, Operator, SuspensionCause
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.audience import Audience
from bot.domain.record.journal import OPERATOR, Journal
from bot.domain.standing.suspensions import suspensions_that_hold, tell_reinstated


def close_by_console(
    uow: UnitOfWork,
    contact: Contact,
    operator: Operator,
    *,
    bound: AuthenticatorId,
    audience: Audience,
    now: datetime,
) -> Case:
    """Close what waits for the enrolment; where nothing does, write a case that it can hang on.

    Lifts the suspension of whoever was suspended for not enrolling, and tells whom that concerns.
    """
    journal = Journal(
        uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=now, details=operator.details()
    )
    moved = [
        uow.cases.move(case.id, states=UNENROLLED_STATES, to=CaseState.RE_ENROLLED, now=now)
        for case in uow.cases.of(contact.id)
    ]
    closed = [case for case in moved if case is not None] or [_new_case(uow, contact, now=now)]
    journal.happened("authenticator:bound", closed[0], {"authenticator": bound})
    for case in closed:
        journal.entered(case)
        telling.tell(uow, NoticeKind.ADMIN_ENROLLED, [case.in_charge_id], case=case, now=now)
    holding = suspensions_that_hold(uow, contact.id)
    if {each.cause for each in holding} == {SuspensionCause.LAPSED}:  # others no enrolment cures
        uow.suspensions.lift(contact.id, lifted_by=OPERATOR, now=now)
        journal.happened("suspension:lifted", closed[0], {"cause": SuspensionCause.LAPSED})
        tell_reinstated(journal, contact, holding, by=None, audience=audience)
    return closed[0]


def _new_case(uow: UnitOfWork, contact: Contact, *, now: datetime) -> Case:
    case = case_without_admin(contact, kind=CaseKind.OPERATOR, state=CaseState.RE_ENROLLED, now=now)
    uow.cases.add(case)
    return case
