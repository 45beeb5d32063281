"""The case on which a set-up hangs, and who hears of it (design rules 8, 9 and 12)."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.model.cases import (
    OPEN_STATES,
    UNENROLLED_STATES,
    Case,
    CaseKind,
    CaseState,
    case_without_admin,
)
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Channel, Notice, NoticeKind
from bot.domain.model.people import AttemptKind, Contact, Role, Session
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving.throttle import retry_at
from bot.domain.record import telling
from bot.domain.record.journal import Journal


def announce_waiting(
    journal: Journal, session: Session, contact: Contact, *, first_reminder: timedelta | None
) -> None:
    """Tell the contact that this sign-in waits for a set-up code, unless too many did of late."""
    case = case_of_set_up(journal, contact, first_reminder=first_reminder)
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
    ways = telling.ways_to(journal.uow, contact)
    if ways:
        telling.write_to(journal.uow, contact, notice, now=journal.now)
    if Channel.SLACK not in ways:
        _tell_unreachable(journal, notice, contact, case)


def _tell_unreachable(
    journal: Journal, notice: Notice, contact: Contact, case: Case | None
) -> None:
    """Tell who can do something about it that nobody can show the contact the code in Slack.

    That is whoever is in charge of the case; where nobody in Slack is, the administrators of its
    account.
    """
    about = replace(notice, kind=NoticeKind.SET_UP_UNREACHABLE, subject_id=contact.id, once=None)
    for contact_id in _looking_after(journal.uow, contact, case):
        journal.uow.outbox.add(replace(about, contact_id=contact_id), now=journal.now)


def _looking_after(uow: UnitOfWork, contact: Contact, case: Case | None) -> list[ContactId]:
    in_charge = case.in_charge_id if case is not None else None
    contact_in_charge = uow.contacts.get(in_charge) if in_charge else None
    if contact_in_charge is not None and contact_in_charge.slack is not None:
        return [contact_in_charge.id]
    everywhere = [membership.account.id for membership in contact.memberships]
    accounts = [case.account_id] if case is not None else everywhere
    people = uow.contacts.with_role(accounts, at_least=Role.ADMINISTRATOR)
    return [person.id for person in people if person.slack is not None]


def close_by_enrolment(journal: Journal, contact: Contact) -> Case | None:
    """Move every case that waits for the set-up to `RE_ENROLLED`, and tell whom it concerns.

    Where there is none one is opened first, so that the contact can report the enrolment; only
    while a reset of theirs is open there is no other. Returns the newest that was closed.
    """
    if not any(case.state in UNENROLLED_STATES for case in journal.uow.cases.of(contact.id)):
        _open_first_set_up(journal, contact)
    closed = _close(journal, contact)
    newest = next(iter(closed), None)
    enrolled = Notice(kind=NoticeKind.SUBSCRIBER_ENROLLED, case_id=newest.id if newest else None)
    telling.write_to(journal.uow, contact, enrolled, now=journal.now)
    return newest


def _close(journal: Journal, contact: Contact) -> list[Case]:
    """Move what waits for the set-up on, and tell whose cases those are."""
    uow, now = journal.uow, journal.now
    moved = [
        uow.cases.move(case.id, states=UNENROLLED_STATES, to=CaseState.RE_ENROLLED, now=now)
        for case in uow.cases.of(contact.id)
    ]
    closed = [case for case in moved if case is not None]
    for case in closed:
        journal.entered(case)
        telling.tell(uow, NoticeKind.ADMIN_ENROLLED, [case.in_charge_id], case=case, now=now)
    return closed


def close_if_re_enrolled(journal: Journal, directory: Directory, contact: Contact) -> bool:
    """Close what waits for the set-up if the directory says that it was done; else false.

    Where the enrolment itself has closed it meanwhile there is nothing left to tell.
    """
    if directory.set_up_required(contact.id) or not directory.authenticators_of(contact.id):
        return False
    closed = _close(journal, contact)
    if closed:
        telling.tell_subscriber(
            journal.uow, NoticeKind.SUBSCRIBER_ENROLLED, case=closed[0], now=journal.now
        )
    return True


def case_of_set_up(
    journal: Journal, contact: Contact, *, first_reminder: timedelta | None
) -> Case | None:
    """Return the case that is under way; where there is none one is opened, to hang a set-up on.

    Its first reminder is due `first_reminder` later, if there is one.
    """
    under_way = case_under_way(journal.uow, contact.id)
    return under_way or _open_first_set_up(journal, contact, first_reminder=first_reminder)


def schedule_first_reminder(journal: Journal, case: Case, first_reminder: timedelta | None) -> None:
    """Have the subscriber of a case that has just completed be reminded after that time."""
    if first_reminder is not None:
        journal.uow.cases.schedule_reminder(
            case.id, sent_before=0, sent=0, next_at=journal.now + first_reminder
        )


def case_under_way(uow: UnitOfWork, contact_id: ContactId) -> Case | None:
    """Return the newest case that waits for the contact's set-up, else the one that is open."""
    cases = uow.cases.of(contact_id)
    unenrolled = [case for case in cases if case.state in UNENROLLED_STATES]
    open_ones = [case for case in cases if case.state in OPEN_STATES]
    return next(iter(unenrolled + open_ones), None)


def _open_first_set_up(
    journal: Journal, contact: Contact, *, first_reminder: timedelta | None = None
) -> Case | None:
    """Open a case that no admin asked for, already completed: nothing had to be reset."""
    case = case_without_admin(
        contact, kind=CaseKind.FIRST_SET_UP, state=CaseState.COMPLETED, now=journal.now
    )
    if not journal.uow.cases.add(case):
        return None
    journal.entered(case)
    schedule_first_reminder(journal, case, first_reminder)
    return case
