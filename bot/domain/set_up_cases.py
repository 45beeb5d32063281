"""The case on which a set-up hangs, and who hears of it (design rules 8, 9 and 12)."""

from bot.domain import telling
from bot.domain.case import OPEN_STATES, UNENROLLED_STATES, Case, CaseKind, CaseState
from bot.domain.ids import AccountId, CaseId, ContactId, new_id
from bot.domain.journal import Journal
from bot.domain.model import AttemptKind, Contact, Session, TwoFactor
from bot.domain.notices import Notice, NoticeKind
from bot.domain.ports import UnitOfWork
from bot.domain.throttle import retry_at


def announce_waiting(journal: Journal, session: Session, contact: Contact) -> None:
    """Tell the contact that this sign-in waits for a set-up code, unless too many did of late."""
    case = case_of_set_up(journal, contact)
    attempts, key = journal.uow.attempts, contact.id
    if retry_at(attempts, AttemptKind.SET_UP_MESSAGE, key, now=journal.now) is not None:
        return
    attempts.record(AttemptKind.SET_UP_MESSAGE, key, at=journal.now)
    notice = Notice(
        kind=NoticeKind.SET_UP_WAITING,
        case_id=case.id if case else None,
        session_id=session.id,
        once=f"set_up_waiting:{session.id}",
    )
    telling.write_to(journal.uow, contact, notice, now=journal.now)


def close_by_enrolment(journal: Journal, contact: Contact) -> Case | None:
    """Move every case that waits for the set-up to `RE_ENROLLED`, and tell whom it concerns.

    Where there is none one is opened first, so that the contact can report the enrolment; only
    while a reset of theirs is open there is no other. Returns the newest that was closed.
    """
    uow, now = journal.uow, journal.now
    if not any(case.state in UNENROLLED_STATES for case in uow.cases.of(contact.id)):
        _open_first_set_up(journal, contact)
    moved = [
        uow.cases.move(case.id, states=UNENROLLED_STATES, to=CaseState.RE_ENROLLED, now=now)
        for case in uow.cases.of(contact.id)
    ]
    closed = [case for case in moved if case is not None]
    for case in closed:
        journal.entered(case)
        telling.tell(uow, NoticeKind.ADMIN_ENROLLED, [case.in_charge_id], case=case, now=now)
    newest = next(iter(closed), None)
    enrolled = Notice(kind=NoticeKind.SUBSCRIBER_ENROLLED, case_id=newest.id if newest else None)
    telling.write_to(uow, contact, enrolled, now=now)
    return newest


def case_of_set_up(journal: Journal, contact: Contact) -> Case | None:
    """Return the case that is under way; where there is none one is opened, to hang a set-up on."""
    return case_under_way(journal.uow, contact.id) or _open_first_set_up(journal, contact)


def case_under_way(uow: UnitOfWork, contact_id: ContactId) -> Case | None:
    """Return the newest case that waits for the contact's set-up, else the one that is open."""
    cases = uow.cases.of(contact_id)
    unenrolled = [case for case in cases if case.state in UNENROLLED_STATES]
    open_ones = [case for case in cases if case.state in OPEN_STATES]
    return next(iter(unenrolled + open_ones), None)


def _open_first_set_up(journal: Journal, contact: Contact) -> Case | None:
    """Open a case that no admin asked for, already completed: nothing had to be reset."""
    case = Case(
        id=CaseId(new_id("case")),
        kind=CaseKind.FIRST_SET_UP,
        state=CaseState.COMPLETED,
        account_id=strictest_account(contact),
        admin_id=None,
        subscriber_id=contact.id,
        proof=None,
        reason=None,
        ticket=None,
        opened_at=journal.now,
        confirm_by=None,
        completed_at=journal.now,
    )
    if not journal.uow.cases.add(case):
        return None
    journal.entered(case)
    return case


def strictest_account(contact: Contact) -> AccountId:
    """Return the account for whose sake 2FA is set up; the first where none requires it."""
    accounts = [membership.account for membership in contact.memberships]
    required = [account for account in accounts if account.two_factor is TwoFactor.REQUIRED]
    return (required + accounts)[0].id
