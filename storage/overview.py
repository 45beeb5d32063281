"""An account at a glance, read from the database in a fixed number of statements."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, null, or_, select

from bot.domain.audit import AuditRecord
from bot.domain.case import UNENROLLED_STATES
from bot.domain.ids import AccountId, ContactId
from bot.domain.model import AuthenticatorState, Suspension, SuspensionCause
from bot.domain.overview import ContactEntry, ContactPage
from storage.audit import record_of
from storage.contacts import SqlContacts
from storage.statements import like_pattern
from storage.tables import (
    NOT_LIFTED,
    audit_records,
    authenticators,
    cases,
    contacts,
    memberships,
    suspensions,
)

_OF_ACCOUNT = (
    select(contacts.c.id)
    .join(memberships, memberships.c.contact_id == contacts.c.id)
    .where(memberships.c.account_id == bindparam("account_id"))
)
_MATCHING = _OF_ACCOUNT.where(
    or_(
        *(
            func.lower(column).like(bindparam("pattern"), escape="\\")
            for column in (contacts.c.name, contacts.c.username, contacts.c.email)
        )
    )
)
_COUNT = (
    select(func.count())
    .select_from(memberships)
    .where(memberships.c.account_id == bindparam("account_id"))
)


def _some_of(found: Select[Any]) -> Select[Any]:
    in_order = found.order_by(func.lower(contacts.c.name), contacts.c.email)
    return in_order.limit(bindparam("most")).offset(bindparam("passed_over"))


_PAGE = _some_of(_OF_ACCOUNT)
_PAGE_MATCHING = _some_of(_MATCHING)
_COUNT_MATCHING = select(func.count()).select_from(_MATCHING.subquery())
_IDS: BindParameter[Any] = bindparam("contact_ids", expanding=True)
_ACTIVE = (
    select(
        authenticators.c.contact_id,
        func.count().label("number"),
        func.max(authenticators.c.last_used_at).label("last_used_at"),
    )
    .where(
        authenticators.c.contact_id.in_(_IDS), authenticators.c.state == AuthenticatorState.ACTIVE
    )
    .group_by(authenticators.c.contact_id)
)
_UNENROLLED = (
    select(cases.c.subscriber_id, cases.c.kind, cases.c.completed_at)
    .where(cases.c.subscriber_id.in_(_IDS), cases.c.state.in_(sorted(UNENROLLED_STATES)))
    .order_by(cases.c.number)
)
_SUSPENDED = (
    select(suspensions)
    .where(suspensions.c.contact_id.in_(_IDS), NOT_LIFTED)
    .order_by(
        suspensions.c.cause == SuspensionCause.VETOED,
        suspensions.c.suspended_at,
        suspensions.c.id,
    )
)
_LAST_ACTS = (
    select(audit_records, null().label("salt"), null().label("details"))
    .where(
        audit_records.c.account_id == bindparam("account_id"),
        audit_records.c.tag.not_in(bindparam("without", expanding=True)),
    )
    .order_by(audit_records.c.number.desc())
    .limit(bindparam("most"))
)


class SqlOverview:
    """`bot.domain.overview.OverviewRepository` over one connection; writes nothing."""

    def __init__(self, connection: Connection, *, contacts: SqlContacts) -> None:
        self._connection = connection
        self._contacts = contacts

    def page(self, account_id: AccountId, words: str, *, offset: int, limit: int) -> ContactPage:
        """Return contacts of the account whose name, user name or e-mail holds `words`."""
        values: dict[str, object] = {"account_id": account_id}
        count, page = _COUNT, _PAGE
        if words.strip():  # else no name has to be looked at to count them
            values |= {"pattern": like_pattern(words)}
            count, page = _COUNT_MATCHING, _PAGE_MATCHING
        total: int = self._connection.execute(count, values).scalar_one()
        values |= {"most": limit, "passed_over": offset}
        ids = [ContactId(found) for found in self._connection.scalars(page, values)]
        return ContactPage(entries=self._entries(ids), total=total)

    def last_acts(
        self, account_id: AccountId, *, limit: int, without: Collection[str] = ()
    ) -> tuple[AuditRecord, ...]:
        """Return the account's newest records, the newest first, without their details."""
        values = {"account_id": account_id, "most": limit, "without": sorted(without)}
        found = self._connection.execute(_LAST_ACTS, values)
        return tuple(record_of(row) for row in found.mappings())

    def _entries(self, ids: list[ContactId]) -> tuple[ContactEntry, ...]:
        if not ids:
            return ()
        values = {"contact_ids": ids}
        known = {contact.id: contact for contact in self._contacts.with_ids(ids)}
        # Of several rows about one contact the last counts: each statement says which that is.
        used = {row.contact_id: row for row in self._connection.execute(_ACTIVE, values)}
        waits = {row.subscriber_id: row for row in self._connection.execute(_UNENROLLED, values)}
        held = {row.contact_id: row for row in self._connection.execute(_SUSPENDED, values)}
        return tuple(
            ContactEntry(
                contact=known[each],
                authenticators=used[each].number if each in used else 0,
                last_used_at=used[each].last_used_at if each in used else None,
                waits_for=waits[each].kind if each in waits else None,
                waits_since=waits[each].completed_at if each in waits else None,
                suspension=Suspension(**held[each]._asdict()) if each in held else None,
            )
            for each in ids
        )
