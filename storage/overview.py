"""An account at a glance, read from the database in a fixed number of statements."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Row, bindparam, func, null, select

from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import UNENROLLED_STATES
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import AuthenticatorState, Suspension, SuspensionCause
from bot.domain.model.views import ContactEntry, ContactPage
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

_APART = "\n"
"""Between what is looked through together; nobody can type it into a search."""

_FOUND = (
    select(contacts.c.id, func.count().over().label("total"))
    .join(memberships, memberships.c.contact_id == contacts.c.id)
    .where(memberships.c.account_id == bindparam("account_id"))
    .order_by(func.lower(contacts.c.name), contacts.c.email)
    .limit(bindparam("most"))
    .offset(bindparam("passed_over"))
)
# On SQLite lower() is ours and costs more than all else, so it is called once for each contact.
_MATCHING = _FOUND.where(
    func.lower(contacts.c.name + _APART + contacts.c.username + _APART + contacts.c.email).like(
        bindparam("pattern"), escape="\\"
    )
)
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
    """`bot.domain.ports.overview.OverviewRepository` over one connection; writes nothing."""

    def __init__(self, connection: Connection, *, contacts: SqlContacts) -> None:
        self._connection = connection
        self._contacts = contacts

    def page(self, account_id: AccountId, words: str, *, offset: int, limit: int) -> ContactPage:
        """Return contacts of the account whose name, user name or e-mail holds `words`."""
        statement, values = _FOUND, {"account_id": account_id, "most": limit, "passed_over": offset}
        if words.strip():
            statement, values = _MATCHING, {**values, "pattern": like_pattern(words)}
        rows = self._connection.execute(statement, values).all()
        if not rows and offset:  # beyond the last page no row tells how many there are
            first = self._connection.execute(statement, {**values, "most": 1, "passed_over": 0})
            return ContactPage(entries=(), total=_total(first.all()))
        return ContactPage(
            entries=self._entries([ContactId(row.id) for row in rows]), total=_total(rows)
        )

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


def _total(rows: Sequence[Row[Any]]) -> int:
    return int(rows[0].total) if rows else 0
