"""An account at a glance: its contacts page by page, and what was done in it last."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from bot.domain.model.audit import AuditRecord
from bot.domain.model.ids import AccountId
from bot.domain.model.views import ContactPage


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
