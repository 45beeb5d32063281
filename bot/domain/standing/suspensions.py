"""The rows by which a sign-in is suspended: what holds, how one is made, who hears of its end."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.model.cases import Case
from bot.domain.model.ids import CaseId, ContactId, SuspensionId, new_id
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, Suspension, SuspensionCause
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.audience import Audience, administrators_of, involved_in
from bot.domain.record.journal import Journal


def suspensions_that_hold(uow: UnitOfWork, contact_id: ContactId) -> tuple[Suspension, ...]:
    """Return what suspends the contact now, the newest first; several may hold at once."""
    contact = uow.contacts.get(contact_id)
    if contact is None or not contact.suspended:
        return ()
    return tuple(each for each in uow.suspensions.of(contact_id) if each.lifted_at is None)


def reported_since(uow: UnitOfWork, case: Case) -> bool:
    """Whether a report holds of which nobody could know when `case` was asked for (rule 10).

    The code of that case was spent before there was anything to lift. The instants tell, since a
    report is later than whatever was open then, by any clock.
    """
    return any(
        each.cause is SuspensionCause.VETOED and each.suspended_at > case.opened_at
        for each in suspensions_that_hold(uow, case.subscriber_id)
    )


def new_suspension(
    contact_id: ContactId,
    *,
    cause: SuspensionCause,
    now: datetime,
    case_id: CaseId | None = None,
    suspended_by: ContactId | None = None,
) -> Suspension:
    """Make a suspension that holds until it is lifted."""
    return Suspension(
        id=SuspensionId(new_id("susp")),
        contact_id=contact_id,
        cause=cause,
        case_id=case_id,
        suspended_by=suspended_by,
        suspended_at=now,
        lifted_by=None,
        lifted_at=None,
    )


def tell_reinstated(
    journal: Journal,
    subscriber: Contact,
    lifted: Sequence[Suspension],
    *,
    by: Case | None,
    audience: Audience,
) -> None:
    """Tell everybody concerned who lifted the suspensions: all but whoever did.

    `by` is the case whose set-up follows, and its admin who lifted them; the operator did where it
    has no admin, and nothing has to be set up where there is none.
    """
    uow, now = journal.uow, journal.now
    notice = Notice(
        kind=NoticeKind.REINSTATED, case_id=by.id if by else None, subject_id=subscriber.id
    )
    telling.write_to(uow, subscriber, notice, now=now)
    caused = [uow.cases.get(each.case_id) for each in lifted if each.case_id]
    involved = [each for case in caused if case for each in involved_in(uow, case)]
    lifted_by = {journal.actor, by.admin_id if by else None}  # the sweep acts for the case's admin
    people = [*involved, *administrators_of(uow, subscriber)]
    audience.tell(uow, notice, people, but=lifted_by, now=now)
