"""What becomes of a set-up that nobody does: the sign-in is suspended (design, section 3)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.domain.batches import run_each
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, Role, SuspensionCause
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record import telling
from bot.domain.record.audience import Audience, administrators_of
from bot.domain.record.journal import SWEEP, Journal
from bot.domain.resets.effects import end_sessions
from bot.domain.set_up.set_up_cases import close_if_re_enrolled
from bot.domain.standing.suspensions import new_suspension

_COMPLETED = frozenset({CaseState.COMPLETED})


class LapseService:
    """Suspends whoever has not set 2FA up within `suspend_after`; `None` never suspends anybody."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        directory: DirectoryFactory,
        clock: Clock,
        suspend_after: timedelta | None,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock
        self._suspend_after = suspend_after
        self._audience = audience

    def lapse_due(self) -> int:
        """Lapse every case that is due, each in a transaction of its own; return how many did.

        One that fails holds up no other: what failed is raised in the end, as an `ExceptionGroup`.
        A case whose subscriber turns out to have re-enrolled is closed instead. Whoever is an
        account's last owner is reported, once, and goes on; whoever is suspended already has
        somebody to look after that, and goes on too.
        """
        if self._suspend_after is None:
            return 0
        with self._unit_of_work() as uow:
            due = uow.cases.due_to_lapse(self._clock.now() - self._suspend_after)
        return run_each(due, self._settle)

    def _settle(self, case: Case) -> bool:
        with self._unit_of_work() as uow:
            uow.contacts.hold(case.subscriber_id)
            journal = Journal(uow=uow, source=Source.SWEEP, actor=SWEEP, now=self._clock.now())
            lapsed = self._lapse(journal, case)
            uow.commit()
        return lapsed

    def _lapse(self, journal: Journal, due: Case) -> bool:
        uow = journal.uow
        case, contact = uow.cases.get(due.id), uow.contacts.get(due.subscriber_id)
        if case is None or case.state is not CaseState.COMPLETED:
            return False
        if contact is None or contact.suspended:
            return False
        if close_if_re_enrolled(journal, self._directory(uow), contact):
            return False
        if is_last_owner(uow, contact):
            self._spare(journal, case, contact)
            return False
        lapsed = uow.cases.move(case.id, states=_COMPLETED, to=CaseState.LAPSED, now=journal.now)
        if lapsed is None:  # a rival sweep, or the enrolment, came first
            return False
        self._suspend(journal, lapsed, contact)
        return True

    def _suspend(self, journal: Journal, case: Case, contact: Contact) -> None:
        uow, cause = journal.uow, SuspensionCause.LAPSED
        journal.entered(case)
        uow.suspensions.add(
            new_suspension(contact.id, cause=cause, now=journal.now, case_id=case.id)
        )
        journal.happened("suspension:added", case, {"cause": cause})
        end_sessions(self._directory(uow), contact.id, partial(_record, journal, case))
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_LAPSED, case=case, now=journal.now)
        self._tell(journal, NoticeKind.LAPSED, case, contact)

    def _spare(self, journal: Journal, case: Case, contact: Contact) -> None:
        if journal.uow.cases.spare(case.id, now=journal.now):
            journal.happened("suspension:spared", case)
            self._tell(journal, NoticeKind.SPARED, case, contact)

    def _tell(self, journal: Journal, kind: NoticeKind, case: Case, contact: Contact) -> None:
        """Tell whoever is in charge, the administrators and owners, and the audit channel."""
        people = [case.in_charge_id, *administrators_of(journal.uow, contact)]
        notice = Notice(kind=kind, case_id=case.id)
        self._audience.tell(journal.uow, notice, people, now=journal.now)


def lapses_at(uow: UnitOfWork, case: Case, *, suspend_after: timedelta | None) -> datetime | None:
    """Return when the completed case is due to lapse; `None` where, as things are, it never is."""
    contact = uow.contacts.get(case.subscriber_id)
    if suspend_after is None or contact is None or is_last_owner(uow, contact):
        return None
    return (case.completed_at or case.opened_at) + suspend_after


def is_last_owner(uow: UnitOfWork, contact: Contact) -> bool:
    """Whether an account has no owner but the contact who could sign in."""
    owned = [each.account.id for each in contact.memberships if each.role is Role.OWNER]
    return any(not _has_another_owner(uow, account_id, contact) for account_id in owned)


def _has_another_owner(uow: UnitOfWork, account_id: AccountId, contact: Contact) -> bool:
    owners = uow.contacts.with_role([account_id], at_least=Role.OWNER)
    return any(owner.id != contact.id and not owner.suspended for owner in owners)


def _record(journal: Journal, case: Case, what: str, details: Mapping[str, str]) -> None:
    journal.happened(what, case, details)
