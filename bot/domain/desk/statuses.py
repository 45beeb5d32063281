"""How a person's cases stand, as far as whoever looks may know it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Message
from bot.domain.model.people import Account, Contact
from bot.domain.model.views import (
    CaseStatus,
    CaseView,
    PersonStatus,
    Undelivered,
    acts_on,
)
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.case_views import case_view, contact_of
from bot.domain.standing.suspensions import suspensions_that_hold

MOST_CASES = 5
"""Cases of one person that a message shows."""


MOST_RESETS = 3
"""Of a person's last resets, those that are told."""


def person_status(
    uow: UnitOfWork,
    viewer_id: ContactId,
    subscriber: Contact,
    accounts: Collection[Account],
    *,
    now: datetime,
) -> PersonStatus:
    """Return what the viewer, who is entitled in those accounts, may know of the subscriber."""
    shared = {account.id for account in accounts}
    cases = [case for case in uow.cases.of(subscriber.id) if case.account_id in shared]
    resets = sorted((case.reset_at for case in cases if case.reset_at), reverse=True)
    return PersonStatus(
        as_of=now,
        subscriber=subscriber,
        accounts=tuple(accounts),
        cases=case_statuses(uow, cases[:MOST_CASES], viewer_id),
        older=len(cases[MOST_CASES:]),
        suspensions=suspensions_that_hold(uow, subscriber.id),
        last_resets=tuple(resets[:MOST_RESETS]),
    )


def case_statuses(
    uow: UnitOfWork, cases: Sequence[Case], viewer_id: ContactId
) -> tuple[CaseStatus, ...]:
    """Return how the cases stand, in the order given."""
    if not cases:
        return ()
    undelivered = uow.outbox.undelivered_of([case.id for case in cases])
    return tuple(_case_status(uow, case, viewer_id, undelivered) for case in cases)


def _case_status(
    uow: UnitOfWork, case: Case, viewer_id: ContactId, undelivered: Sequence[Message]
) -> CaseStatus:
    view = case_view(uow, case)
    missed = [
        Undelivered(message=message, recipient=recipient)
        for message in undelivered
        if message.notice.case_id == case.id
        and (recipient := contact_of(uow, message.notice.contact_id)) is not None
        and is_known_to(view, recipient)
    ]
    acts = acts_on(case, viewer_id, suspended=view.subscriber.suspended)
    return CaseStatus(view=view, undelivered=tuple(missed), acts=acts)


def is_known_to(view: CaseView, contact: Contact) -> bool:
    """Whether whoever administers the case's account may hear the contact's name.

    The owners of the subscriber's other accounts are told of a reset too, and are strangers here.
    """
    case = view.case
    parties = {case.subscriber_id, case.admin_id, case.taken_over_by}
    return contact.id in parties or contact.role_in(case.account_id) is not None
