"""Reading together what a message about a case may show."""

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.domain.case import Case, CaseState
from bot.domain.case_status import CaseStatus, PersonStatus, Undelivered, acts_on
from bot.domain.errors import ResetRefused
from bot.domain.ids import AccountId, ContactId, RequestId
from bot.domain.model import Account, Contact
from bot.domain.notices import CaseView, Message, NoticeKind, NoticeView
from bot.domain.own_requests import OwnRequest, RequestState, RequestView
from bot.domain.policy import authorize_reset
from bot.domain.ports import UnitOfWork
from bot.domain.suspensions import suspensions_that_hold
from bot.domain.telling import ways_to

MOST_CASES = 5
"""Cases of one person that a message shows."""

MOST_RESETS = 3
"""Of a person's last resets, those that are told."""

_TRUE_ONLY_IN = {
    NoticeKind.CONFIRM_ASKED: CaseState.AWAITING_CONFIRMATION,
    NoticeKind.SUBSCRIBER_REMINDED: CaseState.COMPLETED,
    NoticeKind.OWNER_REMINDED: CaseState.COMPLETED,
    NoticeKind.SUBSCRIBER_LAPSED: CaseState.LAPSED,
    NoticeKind.LAPSED: CaseState.LAPSED,
    NoticeKind.SPARED: CaseState.COMPLETED,
}
"""Notices that stop being true when their case moves on."""


_OF_REQUESTS = frozenset(
    {
        NoticeKind.REQUEST_OFFERED,
        NoticeKind.REQUEST_CHANGED,
        NoticeKind.REQUEST_MADE,
        NoticeKind.REQUEST_TAKEN,
        NoticeKind.REQUEST_ENDED,
    }
)


def look_up_both(uow: UnitOfWork, case: Case) -> None:
    """Have admin and subscriber looked up at once, for whoever asks about them one by one."""
    if case.admin_id is not None:
        uow.contacts.with_ids((case.admin_id, case.subscriber_id))


def case_view(uow: UnitOfWork, case: Case) -> CaseView:
    """Return the case with its people and its account.

    Raises `LookupError` where the directory no longer has them, which no act of Rekey brings about.
    """
    subscriber = uow.contacts.get(case.subscriber_id)
    account = _account(uow, case.account_id, subscriber)
    if account is None or subscriber is None:
        raise LookupError(f"case {case.id} names an account or a contact that is gone")
    return CaseView(
        case=case,
        account=account,
        subscriber=subscriber,
        admin=_contact(uow, case.admin_id),
        taken_over_by=_contact(uow, case.taken_over_by),
        ways=ways_to(uow, subscriber),
    )


def request_view(uow: UnitOfWork, request: OwnRequest) -> RequestView:
    """Return the request with its people and its account; raises `LookupError` as `case_view`."""
    account = uow.contacts.account(request.account_id)
    subscriber = uow.contacts.get(request.subscriber_id)
    if account is None or subscriber is None:
        raise LookupError(f"request {request.id} names an account or a contact that is gone")
    return RequestView(
        request=request,
        account=account,
        subscriber=subscriber,
        taken_by=_contact(uow, request.taken_by),
    )


def compose(uow: UnitOfWork, message: Message) -> NoticeView | None:
    """Return what is needed to draw the message; `None` for one that is no longer true.

    A reminder is no longer true once the subscriber has re-enrolled, a request to confirm once the
    case was decided, a digest once nothing is stale, the offer of a request once it was taken, an
    answer once its text was erased with whoever it was for.
    """
    notice = message.notice
    request = _request(uow, message)
    if notice.kind in _OF_REQUESTS and request is None:
        return None
    if notice.kind is NoticeKind.REPLY and "text" not in notice.facts:
        return None
    case_id = request.case_id if request else notice.case_id
    case = uow.cases.get(case_id) if case_id else None
    needed = _TRUE_ONLY_IN.get(notice.kind)
    if needed is not None and (case is None or case.state is not needed):
        return None
    if case is not None:
        look_up_both(uow, case)
    stale = _stale_cases(uow, notice.contact_id) if notice.kind is NoticeKind.ADMIN_DIGEST else ()
    if notice.kind is NoticeKind.ADMIN_DIGEST and not stale:
        return None
    return NoticeView(
        notice=notice,
        recipient=_contact(uow, notice.contact_id),
        case=case_view(uow, case) if case else None,
        session=uow.sessions.get(notice.session_id) if notice.session_id else None,
        subject=_contact(uow, notice.subject_id),
        stale=stale,
        written_at=message.created_at,
        status=_status(uow, message),
        request=request_view(uow, request) if request else None,
        in_doubt=message.in_doubt,
    )


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
        and (recipient := _contact(uow, message.notice.contact_id)) is not None
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


def _status(uow: UnitOfWork, message: Message) -> PersonStatus | None:
    notice = message.notice
    if notice.kind is not NoticeKind.CASE_ACT_DONE:
        return None
    viewer, subscriber = _contact(uow, notice.contact_id), _contact(uow, notice.subject_id)
    if viewer is None or subscriber is None:
        return None
    try:
        accounts = authorize_reset(viewer, subscriber)
    except ResetRefused:
        return None
    return person_status(uow, viewer.id, subscriber, accounts, now=message.created_at)


def _request(uow: UnitOfWork, message: Message) -> OwnRequest | None:
    """Return the request that the notice names; an offer is true of an open one alone."""
    notice = message.notice
    if notice.kind not in _OF_REQUESTS:
        return None
    request = uow.requests.get(RequestId(notice.facts.get("request", "")))
    if request is None or notice.kind is not NoticeKind.REQUEST_OFFERED:
        return request
    return request if request.state is RequestState.OPEN else None


def _stale_cases(uow: UnitOfWork, admin_id: ContactId | None) -> tuple[CaseView, ...]:
    """Return the admin's completed cases of which the subscriber was reminded at least once."""
    if admin_id is None:
        return ()
    cases = uow.cases.completed_of(admin_id)
    return tuple(case_view(uow, case) for case in cases if case.reminders_sent)


def _account(uow: UnitOfWork, account_id: AccountId, of: Contact | None) -> Account | None:
    """Return the account; it is known already where the contact still belongs to it."""
    known = (member.account for member in of.memberships) if of else ()
    found = next((account for account in known if account.id == account_id), None)
    return found or uow.contacts.account(account_id)


def _contact(uow: UnitOfWork, contact_id: ContactId | None) -> Contact | None:
    return uow.contacts.get(contact_id) if contact_id else None
