"""Who had a hand in what led a person to a set-up, or to a report (design rules 9 and 10)."""

from itertools import takewhile

from bot.domain.model.cases import REPORT_WITHIN, SUPERSEDABLE_STATES, Case, CaseState
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Suspension
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.audience import involved_in

_CARRIED_OUT = SUPERSEDABLE_STATES | {CaseState.RE_ENROLLED, CaseState.SUPERSEDED}
"""Cases by which something was done to the subscriber's sign-in, if only half of it."""


def admins_behind(uow: UnitOfWork, case: Case) -> frozenset[ContactId]:
    """Return who asked for the case, and for resets that failed since the last enrolment.

    The operator's case has no admin. It took the place of others, and what they led to: their
    admins count as its own.
    """
    counting = {CaseState.FAILED}
    if case.admin_id is None:
        counting.add(CaseState.SUPERSEDED)
    cases = uow.cases.of(case.subscriber_id)
    since = takewhile(lambda each: each.state is not CaseState.RE_ENROLLED, cases)
    before = (each.admin_id for each in since if each.state in counting)
    return frozenset(admin_id for admin_id in (case.admin_id, *before) if admin_id is not None)


def involved_in_report(uow: UnitOfWork, suspension: Suspension) -> frozenset[ContactId]:
    """Return who had a hand in anything that the subscriber may have meant by a report.

    The case that was reported is that of the message which was at hand. So every case counts that
    was carried out since the last enrolment which had stood for thirty days by then. Whoever took
    one over counts too: they looked after it, and may have talked with the caller.
    """
    reported = uow.cases.get(suspension.case_id) if suspension.case_id else None
    if reported is None:
        return frozenset()
    earlier = (
        case
        for case in uow.cases.of(reported.subscriber_id)
        if case.opened_at <= suspension.suspended_at and case.state in _CARRIED_OUT
    )
    meant = {reported, *takewhile(lambda case: not _stood(case, suspension), earlier)}
    return frozenset(who for case in meant for who in involved_in(uow, case))


def _stood(case: Case, suspension: Suspension) -> bool:
    """Whether the case ended with an enrolment that could no longer be reported by then."""
    if case.state is not CaseState.RE_ENROLLED or case.re_enrolled_at is None:
        return False
    return case.re_enrolled_at <= suspension.suspended_at - REPORT_WITHIN
