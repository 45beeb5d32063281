"""The audit chain: what a record holds, how it is sealed, and how a chain is verified.

A tag is `source:subject:action`: source is `slack`, `portal`, `operator` or `sweep`; subject the
thing acted upon; action a past participle, a case's new state, or a refusal's tag. The chain holds
ids, tags and one salted hash of each record's details; the details (names, reasons, addresses) lie
beside it and can be erased on a person's request without breaking the chain (design rule 12).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import SlackIdentity

FORMAT_VERSION = 1
GENESIS_HASH = "0" * 64
"""What the first record names as the hash before it."""

_TAG = re.compile(r"(slack|portal|operator|sweep):[a-z0-9_]+:[a-z0-9_]+")


class Source(StrEnum):
    """Through which door an act came in."""

    SLACK = "slack"
    PORTAL = "portal"
    OPERATOR = "operator"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """Something that happened, as the domain reports it.

    `actor` is a contact's id, `operator`, `sweep`, or `nobody` where the act proves no contact.
    Raises `ValueError` for a tag outside the grammar.
    """

    tag: str
    at: datetime
    actor: str
    subscriber: ContactId | None = None
    account: AccountId | None = None
    case: CaseId | None = None
    slack: SlackIdentity | None = None
    details: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.tag):
            raise ValueError(f"not an audit tag: {self.tag!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One sealed record; `details` is `None` once erased, or where it was not read along."""

    number: int
    version: int
    at: datetime
    tag: str
    actor: str
    subscriber: str | None
    account: str | None
    case: str | None
    slack_enterprise: str | None
    slack_team: str | None
    slack_user: str | None
    details_hash: str
    previous_hash: str
    hash: str
    salt: str | None = None
    details: Mapping[str, str] | None = None


def seal(event: AuditEvent, *, number: int, previous_hash: str, salt: str) -> AuditRecord:
    """Make the record that follows the one with `previous_hash`; `salt` is fresh random hex."""
    slack = event.slack
    record = AuditRecord(
        number=number,
        version=FORMAT_VERSION,
        at=event.at.astimezone(UTC),
        tag=event.tag,
        actor=event.actor,
        subscriber=event.subscriber,
        account=event.account,
        case=event.case,
        slack_enterprise=slack.enterprise if slack else None,
        slack_team=slack.team if slack else None,
        slack_user=slack.user if slack else None,
        details_hash=hash_details(event.details, salt=salt),
        previous_hash=previous_hash,
        hash="",
        salt=salt,
        details=dict(event.details),
    )
    return replace(record, hash=hash_record(record))


def hash_details(details: Mapping[str, str], *, salt: str) -> str:
    """Return the hex SHA-256 that binds `details` to a record without revealing them."""
    return hashlib.sha256(f"{salt}\n{_canonical(dict(details))}".encode()).hexdigest()


def hash_record(record: AuditRecord) -> str:
    """Return the hex SHA-256 over everything in the chain's part of `record`."""
    chained = {
        "version": record.version,
        "number": record.number,
        "at": record.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "tag": record.tag,
        "actor": record.actor,
        "subscriber": record.subscriber,
        "account": record.account,
        "case": record.case,
        "slack_enterprise": record.slack_enterprise,
        "slack_team": record.slack_team,
        "slack_user": record.slack_user,
        "details_hash": record.details_hash,
        "previous_hash": record.previous_hash,
    }
    return hashlib.sha256(_canonical(chained).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify_chain` found: `fault` is `None` for a chain that holds."""

    records: int
    head: str
    erased: int
    fault: str | None


def verify_chain(
    records: Iterable[AuditRecord], *, expected_head: str | None = None
) -> Verification:
    """Walk the chain from its first record; stop at the first fault.

    Details that are gone count as erased; details that were changed are a fault. Only an
    `expected_head`, kept elsewhere, shows that records are missing from the end or that the whole
    chain was made anew: with it, some record must carry that hash.
    """
    number, head, erased, seen = 0, GENESIS_HASH, 0, expected_head in (None, GENESIS_HASH)
    for record in records:
        fault = _fault_of(record, number=number + 1, previous_hash=head)
        if fault is not None:
            return Verification(records=number, head=head, erased=erased, fault=fault)
        number, head = record.number, record.hash
        erased += record.details is None
        seen = seen or head == expected_head
    fault = (
        None if seen else "the expected head is not in the chain: records were removed or remade"
    )
    return Verification(records=number, head=head, erased=erased, fault=fault)


def _fault_of(record: AuditRecord, *, number: int, previous_hash: str) -> str | None:
    if record.number != number:
        return f"record {number} is missing: {record.number} comes in its place"
    if record.previous_hash != previous_hash:
        return f"record {number} does not follow the record before it"
    if record.version != FORMAT_VERSION:
        return f"record {number} has the unknown format version {record.version}"
    if record.hash != hash_record(record):
        return f"record {number} was changed"
    if record.details is not None and (
        record.salt is None or record.details_hash != hash_details(record.details, salt=record.salt)
    ):
        return f"the details of record {number} were changed"
    return None


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
