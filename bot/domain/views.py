"""Reading together what a message about a case may show."""

from bot.domain.case import Case, CaseState
from bot.domain.ids import ContactId
from bot.domain.model import Contact
from bot.domain.notices import CaseView, Message, NoticeKind, NoticeView
from bot.domain.ports import UnitOfWork

_TRUE_ONLY_IN = {
    NoticeKind.CONFIRM_ASKED: CaseState.AWAITING_CONFIRMATION,
    NoticeKind.SUBSCRIBER_REMINDED: CaseState.COMPLETED,
    NoticeKind.OWNER_REMINDED: CaseState.COMPLETED,
}
"""Notices that stop being true when their case moves on."""


def case_view(uow: UnitOfWork, case: Case) -> CaseView:
    """Return the case with its people and its account.

    Raises `LookupError` where the directory no longer has them, which no act of Rekey brings about.
    """
    account = uow.contacts.account(case.account_id)
    subscriber = uow.contacts.get(case.subscriber_id)
    if account is None or subscriber is None:
        raise LookupError(f"case {case.id} names an account or a contact that is gone")
    return CaseView(
        case=case, account=account, subscriber=subscriber, admin=_contact(uow, case.admin_id)
    )


def compose(uow: UnitOfWork, message: Message) -> NoticeView | None:
    """Return what is needed to draw the message; `None` for one that is no longer true.

    A reminder is no longer true once the subscriber has re-enrolled, a request to confirm once the
    case was decided, a digest once nothing is stale.
    """
    notice = message.notice
    case = uow.cases.get(notice.case_id) if notice.case_id else None
    needed = _TRUE_ONLY_IN.get(notice.kind)
    if needed is not None and (case is None or case.state is not needed):
        return None
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
    )


def _stale_cases(uow: UnitOfWork, admin_id: ContactId | None) -> tuple[CaseView, ...]:
    """Return the admin's completed cases of which the subscriber was reminded at least once."""
    if admin_id is None:
        return ()
    cases = uow.cases.completed_of(admin_id)
    return tuple(case_view(uow, case) for case in cases if case.reminders_sent)


def _contact(uow: UnitOfWork, contact_id: ContactId | None) -> Contact | None:
    return uow.contacts.get(contact_id) if contact_id else None
