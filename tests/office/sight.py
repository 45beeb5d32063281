"""What stands in a store: cases, audit records, messages."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import Case
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Message, Notice, NoticeKind
from bot.domain.model.people import Contact
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.fakes import FixedClock, Person


class Sight:
    """What can be seen in a store of the sample people."""

    clock: FixedClock
    look: UnitOfWorkFactory

    def case(self, case_id: CaseId) -> Case:
        with self.look() as uow:
            case = uow.cases.get(case_id)
        assert case is not None
        return case

    def cases(self, person: Person) -> Sequence[Case]:
        """Return every case of theirs, newest first."""
        with self.look() as uow:
            return uow.cases.of(person.id)

    def contact(self, person: Person) -> Contact:
        with self.look() as uow:
            contact = uow.contacts.get(person.id)
        assert contact is not None
        return contact

    def active(self, contact_id: ContactId) -> int:
        """Return how many authenticators they have."""
        with self.look() as uow:
            return len(uow.authenticators.active_of(contact_id))

    def records(self) -> list[AuditRecord]:
        with self.look() as uow:
            return list(uow.audit.records())

    def tags(self, *, since: int = 0) -> list[str]:
        return [record.tag for record in self.records()][since:]

    def messages(self, kind: NoticeKind | None = None) -> list[Message]:
        """Return what may leave now."""
        return self._due(kind, within=timedelta(0))

    def notices(self, kind: NoticeKind) -> list[Notice]:
        """Return what may leave within a day."""
        return [message.notice for message in self._due(kind, within=timedelta(days=1))]

    def told(self, kind: NoticeKind) -> list[str]:
        """Who is told: a contact's id, a Slack address, or `replaced` for a block's replacement."""
        return [
            m.notice.contact_id or m.notice.slack_address or "replaced" for m in self.messages(kind)
        ]

    def _due(self, kind: NoticeKind | None, *, within: timedelta) -> list[Message]:
        with self.look() as uow:
            due = uow.outbox.due(self.clock.now() + within, limit=1000)
        return [m for m in due if kind is None or m.notice.kind is kind]
