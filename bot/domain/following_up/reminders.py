"""Reminding of resets that were never followed by a re-enrolment."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from bot.domain.batches import run_in_batches
from bot.domain.following_up.lapsing import lapses_at
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record import telling
from bot.domain.record.audience import owners_of
from bot.domain.record.journal import SWEEP, Journal
from bot.domain.set_up.set_up_cases import close_if_re_enrolled

MOST_DATED = 40
"""Cases of which a digest knows when the sign-in is suspended: twice as many as it has room for."""


class ReminderService:
    """Sends each step of `remind_after` once; after an outage the latest one only."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        directory: DirectoryFactory,
        clock: Clock,
        remind_after: Sequence[timedelta],
        suspend_after: timedelta | None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._clock = clock
        self._remind_after = tuple(sorted(remind_after))
        self._suspend_after = suspend_after

    def remind_due(self) -> int:
        """Remind of every case that is due; return how many were.

        The subscriber is reminded by case, whoever is in charge by one digest of all their stale
        cases, and at the last step the owners too; each is told when the sign-in will be suspended.
        A case whose subscriber turns out to have re-enrolled is closed instead, and one whose
        subscriber is suspended waits. One that fails holds up no other: what failed is raised in
        the end, as an `ExceptionGroup`.
        """
        with self._unit_of_work() as uow:
            due = uow.cases.due_to_remind(self._clock.now())
        return run_in_batches(due, partial(self._remind_all, set()))

    def _remind_all(self, told: set[ContactId], due: Sequence[Case]) -> int:
        """Remind of them in one transaction; whoever is in charge, and not yet `told`, by a digest.

        A digest names all the cases of its recipient, those of later transactions too.
        """
        with self._unit_of_work() as uow:
            journal = Journal(uow=uow, source=Source.SWEEP, actor=SWEEP, now=self._clock.now())
            reminded = [case for case in due if self._settle(journal, case)]
            in_charge = dict.fromkeys(case.in_charge_id for case in reminded)
            to_tell = [each for each in in_charge if each is not None and each not in told]
            for contact_id in to_tell:
                self._send_digest(journal, contact_id)
            uow.commit()
        told.update(to_tell)
        return len(reminded)

    def _settle(self, journal: Journal, case: Case) -> bool:
        contact = journal.uow.contacts.get(case.subscriber_id)
        if contact is None or contact.suspended:
            return False
        if close_if_re_enrolled(journal, self._directory(journal.uow), contact):
            return False
        return self._remind(journal, case, contact)

    def _remind(self, journal: Journal, case: Case, contact: Contact) -> bool:
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
        facts = suspension_fact(uow, case, suspend_after=self._suspend_after)
        telling.tell_subscriber(
            uow, NoticeKind.SUBSCRIBER_REMINDED, case=case, now=now, facts=facts
        )
        if next_at is None:
            told = [each for each in owners_of(uow, contact) if each != case.in_charge_id]
            telling.tell(uow, NoticeKind.OWNER_REMINDED, told, case=case, now=now, facts=facts)
        return True

    def _send_digest(self, journal: Journal, contact_id: ContactId) -> None:
        uow, found = journal.uow, dict[str, str]()
        for case in uow.cases.completed_of(contact_id)[:MOST_DATED]:
            at = lapses_at(uow, case, suspend_after=self._suspend_after)
            found |= {case.id: at.isoformat()} if at else {}
        notice = Notice(kind=NoticeKind.ADMIN_DIGEST, contact_id=contact_id, facts=found)
        uow.outbox.add(notice, now=journal.now)


def suspension_fact(
    uow: UnitOfWork, case: Case, *, suspend_after: timedelta | None
) -> Mapping[str, str]:
    """Return what a reminder says of the suspension to come: `suspend_on`, if there is one."""
    at = lapses_at(uow, case, suspend_after=suspend_after)
    return {"suspend_on": at.isoformat()} if at else {}
