"""Somebody's own request that their 2FA be reset: it asks for help, and proves nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.model.ids import AccountId, CaseId, ContactId, RequestId
from bot.domain.model.people import Account, Contact


class RequestState(StrEnum):
    """`OPEN` for whoever takes it first; `TAKEN` by one administrator; then ended, once."""

    OPEN = "open"
    TAKEN = "taken"
    CLOSED = "closed"  # by the outcome of its case
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


LIVE_STATES = frozenset({RequestState.OPEN, RequestState.TAKEN})
"""A person has at most one request in these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRequest:
    """What somebody asked for, and what has become of it.

    `reason` is erased when its subscriber is forgotten.
    """

    id: RequestId
    subscriber_id: ContactId
    account_id: AccountId
    reason: str | None
    state: RequestState
    opened_at: datetime
    taken_by: ContactId | None = None
    taken_at: datetime | None = None
    case_id: CaseId | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestMessage:
    """A message in Slack that offers a request, to be changed when that is taken or ends."""

    request_id: RequestId
    channel: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """A request with the people and the account in it: what a message about it may show."""

    request: OwnRequest
    account: Account
    subscriber: Contact
    taken_by: Contact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """Where somebody may ask for their reset: the accounts in which somebody could do it."""

    accounts: tuple[Account, ...]
