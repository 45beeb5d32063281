"""Reminding of resets that were never followed by a re-enrolment."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain import telling
from bot.domain.audit import Source
from bot.domain.case import Case
from bot.domain.ids import ContactId
from bot.domain.journal import SWEEP, Journal
from bot.domain.model import Role
from bot.domain.notices import Notice, NoticeKind
from bot.domain.ports import Clock, DirectoryFactory, UnitOfWork, UnitOfWorkFactory
from bot.domain.set_up_cases import close_by_enrolment


class ReminderService:
    """Sends each step of `remind_after` once; after an outage the latest one only."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        directory: DirectoryFactory,
        clock: Clock,
        remind_after: Sequence[timedelta],
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock
        self._remind_after = tuple(sorted(remind_after))

    def remind_due(self) -> int:
        """Remind of every case that is due; return how many were.

        The subscriber is reminded by case, their admin by one digest of all their stale cases, and
        at the last step the owners too. A case whose subscriber turns out to have re-enrolled is
        closed instead.
        """
        with self._unit_of_work() as uow:
            journal = Journal(uow=uow, source=Source.SWEEP, actor=SWEEP, now=self._clock.now())
            reminded = [
                case
                for case in uow.cases.due_to_remind(journal.now)
                if not self._close_if_re_enrolled(journal, case) and self._remind(journal, case)
            ]
            for contact_id in dict.fromkeys(case.in_charge_id for case in reminded):
                if contact_id is not None:
                    _send_digest(uow, contact_id, journal)
            uow.commit()
        return len(reminded)

    def _close_if_re_enrolled(self, journal: Journal, case: Case) -> bool:
        directory = self._directory(journal.uow)
        contact = journal.uow.contacts.get(case.subscriber_id)
        if contact is None or directory.set_up_required(contact.id):
            return False
        if not directory.authenticators_of(contact.id):
            return False
        close_by_enrolment(journal, contact)
        return True

    def _remind(self, journal: Journal, case: Case) -> bool:
        """Send the latest step that is due; false where a rival sweep has done so."""
        uow, now = journal.uow, journal.now
        since = case.completed_at or case.opened_at
        steps = [since + after for after in self._remind_after]
        due = sum(at <= now for at in steps)
        next_at = steps[due] if due < len(steps) else None
        moved = uow.cases.schedule_reminder(
            case.id, sent_before=case.reminders_sent, sent=due, next_at=next_at
        )
        if not moved or due <= case.reminders_sent:
            return False
        journal.happened("reminder:sent", case, {"step": str(due)})
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_REMINDED, case=case, now=now)
        if next_at is None:
            self._tell_owners(uow, case, journal)
        return True

    def _tell_owners(self, uow: UnitOfWork, case: Case, journal: Journal) -> None:
        subscriber = uow.contacts.get(case.subscriber_id)
        owners = telling.concerned(uow, subscriber, at_least=Role.OWNER) if subscriber else ()
        told = [owner.id for owner in owners if owner.id != case.in_charge_id]
        telling.tell(uow, NoticeKind.OWNER_REMINDED, told, case=case, now=journal.now)


def _send_digest(uow: UnitOfWork, contact_id: ContactId, journal: Journal) -> None:
    uow.outbox.add(Notice(kind=NoticeKind.ADMIN_DIGEST, contact_id=contact_id), now=journal.now)
