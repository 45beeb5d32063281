"""How the audit chain is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from bot.domain.model.audit import AuditEvent, AuditRecord
from bot.domain.model.ids import AccountId, CaseId, ContactId


class AuditLog(Protocol):
    def record(self, event: AuditEvent) -> None:
        """Have the event sealed behind the last record when the unit of work is committed."""
        ...

    def record_all(self, events: Iterable[AuditEvent]) -> Iterator[int]:
        """Record the events in bulk, in order, yielding how many are done from time to time."""
        ...

    def head(self) -> tuple[str, int]:
        """Return the last record's hash and number; the genesis hash and 0 for an empty log."""
        ...

    def records(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        account: AccountId | None = None,
        case: CaseId | None = None,
    ) -> Iterator[AuditRecord]:
        """Yield the records in order, with their details; `until` itself is left out."""
        ...

    def erase_details(self, contact_id: ContactId) -> int:
        """Erase the details of every record by or about the contact; return of how many."""
        ...

    def erase_mentions(self, value: str) -> int:
        """Erase the details of every record that give just this value; return of how many.

        Upper and lower case do not matter.
        """
        ...
