"""Reading together what a message shows, as long as it is true."""

from bot.domain.desk.statuses import person_status
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import ContactId, RequestId
from bot.domain.model.notices import Message, NoticeKind
from bot.domain.model.requests import OwnRequest, RequestState
from bot.domain.model.views import (
    CaseView,
    NoticeView,
    PersonStatus,
)
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.case_views import case_view, contact_of, look_up_both, request_view
from bot.domain.standing.policy import entitled_accounts

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
        recipient=contact_of(uow, notice.contact_id),
        case=case_view(uow, case) if case else None,
        session=uow.sessions.get(notice.session_id) if notice.session_id else None,
        subject=contact_of(uow, notice.subject_id),
        stale=stale,
        written_at=message.created_at,
        status=_status(uow, message),
        request=request_view(uow, request) if request else None,
        in_doubt=message.in_doubt,
    )


def _status(uow: UnitOfWork, message: Message) -> PersonStatus | None:
    notice = message.notice
    if notice.kind is not NoticeKind.CASE_ACT_DONE:
        return None
    viewer, subscriber = contact_of(uow, notice.contact_id), contact_of(uow, notice.subject_id)
    if viewer is None or subscriber is None:
        return None
    accounts = entitled_accounts(viewer, subscriber)
    if not accounts:
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
