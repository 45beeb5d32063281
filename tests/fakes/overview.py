"""An account at a glance, in memory."""

from collections.abc import Collection
from dataclasses import replace

from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import UNENROLLED_STATES
from bot.domain.model.ids import AccountId
from bot.domain.model.people import AuthenticatorState, Contact
from bot.domain.model.views import ContactEntry, ContactPage
from tests.fakes.cases import FakeCases
from tests.fakes.people import FakeContacts, FakeSuspensions
from tests.fakes.state import State


class FakeOverview:
    def __init__(self, state: State) -> None:
        self._state = state

    def page(self, account_id: AccountId, words: str, *, offset: int, limit: int) -> ContactPage:
        contacts = FakeContacts(self._state)
        found = contacts.search([account_id], words, limit=len(self._state.contacts))
        shown = found[offset : offset + limit]
        return ContactPage(entries=tuple(map(self._entry, shown)), total=len(found))

    def last_acts(
        self, account_id: AccountId, *, limit: int, without: Collection[str] = ()
    ) -> tuple[AuditRecord, ...]:
        found = [
            replace(record, salt=None, details=None)
            for record in reversed(self._state.audit)
            if record.account == account_id and record.tag not in without
        ]
        return tuple(found[:limit])

    def _entry(self, contact: Contact) -> ContactEntry:
        active = [
            row.authenticator
            for row in self._state.authenticators.values()
            if row.authenticator.contact_id == contact.id
            and row.authenticator.state is AuthenticatorState.ACTIVE
        ]
        used = [each.last_used_at for each in active if each.last_used_at]
        waits = [
            case
            for case in FakeCases(self._state).of(contact.id)
            if case.state in UNENROLLED_STATES
        ]
        return ContactEntry(
            contact=contact,
            authenticators=len(active),
            last_used_at=max(used, default=None),
            waits_for=waits[0].kind if waits else None,
            waits_since=waits[0].completed_at if waits else None,
            suspension=FakeSuspensions(self._state).current(contact.id),
        )
