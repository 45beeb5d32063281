"""An account at a glance: its contacts page by page, and what was done in it last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.domain.audit import AuditRecord
    from bot.domain.case import CaseKind
    from bot.domain.ids import AccountId
    from bot.domain.model import Contact, Suspension


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """A contact, and how their 2FA stands.

    `waits_for` is how the case began whose set-up is still to do, and `waits_since` when; neither
    is there without one. Of the suspensions that hold, `suspension` is a veto before all others.
    """

    contact: Contact
    authenticators: int
    last_used_at: datetime | None
    waits_for: CaseKind | None
    waits_since: datetime | None
    suspension: Suspension | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Some of the contacts that were found, by name; `total` counts them all."""

    entries: tuple[ContactEntry, ...]
    total: int


class OverviewRepository(Protocol):
    """Reads together what a list shows, in as many statements however long it is."""

    def page(self, account_id: AccountId, words: str, *, offset: int, limit: int) -> ContactPage:
        """Return contacts of the account whose name, user name or e-mail holds `words`.

        Upper and lower case do not matter; empty `words` find everybody.
        """
        ...

    def last_acts(
        self, account_id: AccountId, *, limit: int, without: Collection[str] = ()
    ) -> tuple[AuditRecord, ...]:
        """Return the account's newest records, the newest first, without their details.

        Records with one of the tags in `without` are passed over.
        """
        ...
