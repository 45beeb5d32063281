"""What the in-memory store remembers: rows that are never changed in place."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Self

from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import Case, HandOver, Lease
from bot.domain.model.ids import (
    AccountId,
    AuthenticatorId,
    CaseId,
    ContactId,
    MessageId,
    RequestId,
    SessionId,
    SuspensionId,
)
from bot.domain.model.notices import Message, Way
from bot.domain.model.pace import Bookings
from bot.domain.model.people import (
    Account,
    AttemptKind,
    Authenticator,
    Role,
    Session,
    SlackIdentity,
    Suspension,
)
from bot.domain.model.requests import OwnRequest, RequestMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    id: ContactId
    email: str
    username: str
    name: str
    phone: str | None
    manager: str | None
    slack: SlackIdentity | None
    roles: Mapping[AccountId, Role]
    password_hash: str | None = None
    password_must_change: bool = False
    set_up_required: bool = False
    sign_in_epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthenticatorRow:
    authenticator: Authenticator
    shared_secret: str
    last_accepted_step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    session: Session
    token_hash: str
    set_up_code_hash: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    case: Case
    next_reminder_at: datetime | None = None
    lease: Lease | None = None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    kind: AttemptKind
    key: str
    at: datetime


@dataclass(kw_only=True)
class State:
    """Everything stored, in the order in which it was stored."""

    accounts: dict[AccountId, Account] = field(default_factory=dict)
    contacts: dict[ContactId, ContactRow] = field(default_factory=dict)
    authenticators: dict[AuthenticatorId, AuthenticatorRow] = field(default_factory=dict)
    sessions: dict[SessionId, SessionRow] = field(default_factory=dict)
    suspensions: dict[SuspensionId, Suspension] = field(default_factory=dict)
    cases: dict[CaseId, CaseRow] = field(default_factory=dict)
    hand_overs: list[HandOver] = field(default_factory=list)
    requests: dict[RequestId, OwnRequest] = field(default_factory=dict)
    request_messages: list[RequestMessage] = field(default_factory=list)
    attempts: list[AttemptRow] = field(default_factory=list)
    outbox: dict[MessageId, Message] = field(default_factory=dict)
    bookings: dict[Way, Bookings] = field(default_factory=dict)
    audit: list[AuditRecord] = field(default_factory=list)

    def snapshot(self) -> Self:
        """Return a copy that later changes of this state leave alone."""
        return type(self)(**{each.name: copy(getattr(self, each.name)) for each in fields(self)})
