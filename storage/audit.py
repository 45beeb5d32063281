"""The audit chain in the database: records that nobody changes, details that can be erased."""

import json
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.domain.model.audit import AuditEvent, AuditRecord, seal
from bot.domain.model.ids import AccountId, CaseId, ContactId
from storage.tables import audit_details, audit_head, audit_records

_SALT_BYTES = 16
_BATCH = 1000

_HEAD = select(audit_head.c.hash, audit_head.c.number)
_LOCKED_HEAD = _HEAD.with_for_update()
_ADD_RECORD = insert(audit_records)
_ADD_DETAILS = insert(audit_details)
_MOVE_HEAD = update(audit_head).values(number=bindparam("to_number"), hash=bindparam("to_hash"))
_ERASE = delete(audit_details).where(
    audit_details.c.number.in_(
        select(audit_records.c.number).where(
            or_(
                audit_records.c.actor == bindparam("contact_id"),
                audit_records.c.subscriber_id == bindparam("contact_id"),
            )
        )
    )
)
_LIKELY_MENTIONS = select(audit_details.c.number, audit_details.c.details).where(
    func.lower(cast(audit_details.c.details, Text)).like(bindparam("pattern"), escape="\\")
)
_ERASE_NUMBERED = delete(audit_details).where(audit_details.c.number == bindparam("erased"))
_RECORDS = (
    select(audit_records, audit_details.c.salt, audit_details.c.details)
    .select_from(audit_records)
    .outerjoin(audit_details, audit_details.c.number == audit_records.c.number)
    .order_by(audit_records.c.number)
)


class SqlAuditLog:
    """`bot.domain.ports.audit.AuditLog` over one connection; never commits.

    Storing locks the chain's head until the transaction ends, so that two writers never fork the
    chain. Events are therefore kept until `flush`, just before the commit, where others may wait.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._recorded: list[AuditEvent] = []

    def record(self, event: AuditEvent) -> None:
        """Have the event sealed behind the last record when the unit of work is committed."""
        self._recorded.append(event)

    def flush(self) -> None:
        """Seal what was recorded behind the last record, and store it, details too."""
        if self._recorded:
            self._store(self._recorded)
            self._recorded = []

    def record_all(self, events: Iterable[AuditEvent]) -> Iterator[int]:
        """Record the events in bulk, in order, yielding how many are done from time to time."""
        self.flush()
        done, remaining = 0, iter(events)
        while some := tuple(islice(remaining, _BATCH)):
            self._store(some)
            done += len(some)
            yield done

    def erase_details(self, contact_id: ContactId) -> int:
        """Erase the details of every record by or about the contact; return of how many."""
        self._take_time()
        self.flush()
        return self._connection.execute(_ERASE, {"contact_id": contact_id}).rowcount

    def erase_mentions(self, value: str) -> int:
        """Erase the details of every record that give just this value; return of how many."""
        self._take_time()
        self.flush()
        found = self._connection.execute(_LIKELY_MENTIONS, {"pattern": _pattern_of(value)})
        erased = [
            {"erased": row.number}
            for row in found
            if value.lower() in (given.lower() for given in row.details.values())
        ]
        if erased:
            self._connection.execute(_ERASE_NUMBERED, erased)
        return len(erased)

    def _take_time(self) -> None:
        """Let statements of this unit read the whole log, for as long as that takes."""
        if self._connection.dialect.name != "sqlite":
            self._connection.exec_driver_sql("SET LOCAL statement_timeout = 0")

    def _store(self, events: Sequence[AuditEvent]) -> None:
        head = self._connection.execute(_LOCKED_HEAD).one()
        number, previous_hash = head.number, head.hash
        records = []
        for event in events:
            salt = secrets.token_hex(_SALT_BYTES)
            record = seal(event, number=number + 1, previous_hash=previous_hash, salt=salt)
            number, previous_hash = record.number, record.hash
            records.append(record)
        self._connection.execute(_ADD_RECORD, [_to_row(record) for record in records])
        self._connection.execute(
            _ADD_DETAILS,
            [{"number": r.number, "salt": r.salt, "details": r.details} for r in records],
        )
        self._connection.execute(_MOVE_HEAD, {"to_number": number, "to_hash": previous_hash})

    def head(self) -> tuple[str, int]:
        """Return the last record's hash and number; the genesis hash and 0 for an empty log."""
        self.flush()
        head = self._connection.execute(_HEAD).one()
        return head.hash, head.number

    def records(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        account: AccountId | None = None,
        case: CaseId | None = None,
    ) -> Iterator[AuditRecord]:
        """Yield the records in order, with their details; `until` itself is left out."""
        self.flush()
        wanted: list[ColumnElement[bool]] = []
        if since is not None:
            wanted.append(audit_records.c.at >= since)
        if until is not None:
            wanted.append(audit_records.c.at < until)
        if account is not None:
            wanted.append(audit_records.c.account_id == account)
        if case is not None:
            wanted.append(audit_records.c.case_id == case)
        found = self._connection.execute(
            _RECORDS.where(*wanted), execution_options={"yield_per": _BATCH}
        )
        for row in found.mappings():
            yield record_of(row)


def _pattern_of(value: str) -> str:
    """Return a pattern of LIKE for every column, in lower case, that gives the value in any case.

    The column holds JSON as SQLAlchemy writes it: a letter beyond ASCII is an escape there, which
    has no lower case. Neither do `K` (Kelvin) and `İ`, which `str.lower` makes a k and an i.
    """
    return f'%"{"".join(_seen_in_json(letter) for letter in value.lower())}"%'


def _seen_in_json(letter: str) -> str:
    if not letter.isascii() or letter in "ik":
        return "%"
    return re.sub(r"([\\%_])", r"\\\1", json.dumps(letter)[1:-1])


def _to_row(record: AuditRecord) -> dict[str, object]:
    return {
        "number": record.number,
        "version": record.version,
        "at": record.at,
        "tag": record.tag,
        "actor": record.actor,
        "subscriber_id": record.subscriber,
        "account_id": record.account,
        "case_id": record.case,
        "slack_enterprise": record.slack_enterprise,
        "slack_team": record.slack_team,
        "slack_user": record.slack_user,
        "details_hash": record.details_hash,
        "previous_hash": record.previous_hash,
        "hash": record.hash,
    }


def record_of(row: RowMapping) -> AuditRecord:
    """Return the record in a row of the chain, with the details that were read along."""
    return AuditRecord(
        number=row["number"],
        version=row["version"],
        at=row["at"],
        tag=row["tag"],
        actor=row["actor"],
        subscriber=row["subscriber_id"],
        account=row["account_id"],
        case=row["case_id"],
        slack_enterprise=row["slack_enterprise"],
        slack_team=row["slack_team"],
        slack_user=row["slack_user"],
        details_hash=row["details_hash"],
        previous_hash=row["previous_hash"],
        hash=row["hash"],
        salt=row["salt"],
        details=row["details"],
    )
