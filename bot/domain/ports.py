"""What the domain needs from the world."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from bot.domain.audit import AuditEvent, AuditRecord
    from bot.domain.case import Case, CaseState
    from bot.domain.ids import AccountId, AuthenticatorId, CaseId, ContactId, MessageId, SessionId
    from bot.domain.model import (
        Account,
        AttemptKind,
        Authenticator,
        Contact,
        Member,
        Role,
        Session,
        SessionStage,
        SlackIdentity,
        Suspension,
    )
    from bot.domain.notices import Message, Notice
    from bot.domain.roster import Roster, RosterChange


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the current instant, aware, in UTC."""
        ...


class Workspace(Protocol):
    """Slack, as far as it knows who somebody is; asked anew each time, outside any transaction."""

    def member(self, user_id: str) -> Member:
        """Return that person as Slack describes them now.

        Raises `UnknownPerson`, or `WorkspaceUnavailableError` where Slack gives no answer.
        """
        ...


class Directory(Protocol):
    """Where 2FA lives; each effect may be repeated and is read back by the caller.

    Raises `DirectoryUnavailableError` where there is no answer and `DirectoryRefusedError` where
    the answer is no for good.
    """

    def authenticators_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]:
        """Return the active authenticators, oldest first."""
        ...

    def require_set_up(self, contact_id: ContactId) -> None:
        """From now on no sign-in without a new set-up."""
        ...

    def set_up_required(self, contact_id: ContactId) -> bool: ...

    def invalidate_authenticators(self, contact_id: ContactId) -> tuple[AuthenticatorId, ...]:
        """Invalidate every authenticator, pending ones too; return those that were active."""
        ...

    def end_sessions(self, contact_id: ContactId) -> int:
        """Void every session and every sign-in that has begun; return how many were open."""
        ...

    def open_sessions(self, contact_id: ContactId) -> int: ...


class Passwords(Protocol):
    """Slow hashes of passwords; takes about 0.2 s of a core, so never inside a transaction."""

    def hash(self, password: str) -> str: ...
    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they match; does the same work, and is false, where there is no hash."""
        ...


class ContactRepository(Protocol):
    def get(self, contact_id: ContactId) -> Contact | None: ...
    def by_slack(self, identity: SlackIdentity) -> Contact | None: ...
    def by_email(self, email: str) -> Contact | None:
        """Find by address, whatever its case."""
        ...

    def by_username(self, username: str) -> Contact | None: ...
    def with_role(
        self, account_ids: Collection[AccountId], *, at_least: Role
    ) -> tuple[Contact, ...]:
        """Everybody with that role or a higher one in any of the accounts, each once, by e-mail."""
        ...

    def account(self, account_id: AccountId) -> Account | None: ...
    def password_hash(self, contact_id: ContactId) -> str | None: ...
    def set_password(
        self, contact_id: ContactId, password_hash: str, *, must_change: bool
    ) -> None: ...
    def set_set_up_required(self, contact_id: ContactId, *, required: bool) -> None: ...
    def raise_sign_in_epoch(self, contact_id: ContactId) -> int:
        """Void every session of the contact; return the new epoch."""
        ...

    def bind_slack(self, contact_id: ContactId, identity: SlackIdentity) -> bool:
        """Bind, or bind anew; false, and nothing done, where another contact has it."""
        ...

    def without_slack(self) -> tuple[Contact, ...]:
        """Contacts of any account to whom no Slack identity is bound, by e-mail."""
        ...


class RosterRepository(Protocol):
    """Accounts, contacts and roles in bulk, for the import."""

    def read(self) -> Roster:
        """Return everybody, removed contacts too: they have no role and no Slack identity."""
        ...

    def apply(self, changes: Sequence[RosterChange], *, now: datetime) -> Iterator[int]:
        """Carry the changes out in bulk, yielding how many are done from time to time.

        Removals come first and additions last, so that a freed user name can be given anew. A
        removed contact loses every role and the Slack identity, their authenticators are
        invalidated and their sessions void; nothing else of them goes.
        """
        ...


class AuthenticatorRepository(Protocol):
    def get(self, authenticator_id: AuthenticatorId) -> Authenticator | None: ...
    def active_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]: ...
    def pending_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]: ...
    def add(self, authenticator: Authenticator, *, shared_secret: str) -> None:
        """Store a pending authenticator, its base32 secret encrypted."""
        ...

    def shared_secret(self, authenticator_id: AuthenticatorId) -> str:
        """Return the base32 secret; raises `KeyError` for an unknown id."""
        ...

    def activate(self, authenticator_id: AuthenticatorId, *, step: int, now: datetime) -> bool:
        """Turn pending into active, once, with `step` as its last accepted one."""
        ...

    def accept_step(self, authenticator_id: AuthenticatorId, *, step: int, now: datetime) -> bool:
        """Take `step` if active and the step is later than any accepted before; forget failures.

        One conditional UPDATE: of two at once, one wins (RFC 6238, section 5.2).
        """
        ...

    def count_failure(self, authenticator_id: AuthenticatorId) -> None: ...
    def invalidate_all(
        self, contact_id: ContactId, *, now: datetime
    ) -> tuple[AuthenticatorId, ...]:
        """Invalidate pending and active ones; return those that were active."""
        ...

    def invalidate(self, authenticator_id: AuthenticatorId, *, now: datetime) -> None: ...
    def re_encrypt(self) -> int:
        """Encrypt every shared secret under the first key; return how many were moved."""
        ...


class SessionRepository(Protocol):
    def add(self, session: Session, *, token_hash: str) -> None: ...
    def get(self, session_id: SessionId) -> Session | None:
        """Return a session that has not been ended; its lifetime and epoch are the caller's."""
        ...

    def by_token_hash(self, token_hash: str) -> Session | None: ...
    def advance(  # one compare-and-set, told whole
        self,
        session_id: SessionId,
        *,
        stage: SessionStage,
        to: SessionStage,
        token_hash: str,
        expires_at: datetime,
    ) -> bool:
        """Move from `stage` to `to` under a new token, once."""
        ...

    def set_set_up_code(
        self, session_id: SessionId, *, code_hash: str, expires_at: datetime
    ) -> bool:
        """Give a waiting session its set-up code, in place of any before."""
        ...

    def spend_set_up_code(self, session_id: SessionId, *, code_hash: str, now: datetime) -> bool:
        """Take the session's unexpired code, once, and move it to `SETTING_UP`."""
        ...

    def set_authenticator(
        self, session_id: SessionId, authenticator_id: AuthenticatorId
    ) -> None: ...
    def end(self, session_id: SessionId, *, now: datetime) -> None: ...
    def end_all(self, contact_id: ContactId, *, now: datetime) -> int: ...
    def open_count(self, contact_id: ContactId, *, now: datetime) -> int:
        """How many sessions are neither ended, nor expired, nor of an older epoch."""
        ...


class SuspensionRepository(Protocol):
    def add(self, suspension: Suspension) -> None: ...
    def current(self, contact_id: ContactId) -> Suspension | None:
        """Return the suspension that holds: a veto before all others, then the newest."""
        ...

    def lift(self, contact_id: ContactId, *, lifted_by: str, now: datetime) -> int:
        """Lift what holds; return how many suspensions that was."""
        ...


class CaseRepository(Protocol):
    def add(self, case: Case) -> bool:
        """Store a new case; false, and nothing done, where the subscriber has an open one."""
        ...

    def get(self, case_id: CaseId) -> Case | None: ...
    def open_of(self, subscriber_id: ContactId) -> Case | None: ...
    def of(self, subscriber_id: ContactId) -> tuple[Case, ...]:
        """Every case of the subscriber, newest first."""
        ...

    def move(
        self,
        case_id: CaseId,
        *,
        states: Collection[CaseState],
        to: CaseState,
        now: datetime,
        ended_reason: str | None = None,
    ) -> Case | None:
        """Move a case that is in one of `states`, once; `None` where it is in none of them.

        `now` becomes `decided_at` on leaving `AWAITING_CONFIRMATION`, `completed_at` on entering
        `COMPLETED` (a case that is no longer `COMPLETED` has no reminder due), `re_enrolled_at` on
        entering `RE_ENROLLED`.
        """
        ...

    def supersede(self, subscriber_id: ContactId, *, by: CaseId, now: datetime) -> tuple[Case, ...]:
        """Close every completed, lapsed, vetoed or failed case but `by`; return them."""
        ...

    def schedule_reminder(
        self, case_id: CaseId, *, sent_before: int, sent: int, next_at: datetime | None
    ) -> bool:
        """Count reminders of a completed case from `sent_before` to `sent`, once."""
        ...

    def due_to_expire(self, now: datetime) -> tuple[Case, ...]:
        """Unanswered cases whose deadline has come, oldest first."""
        ...

    def due_to_remind(self, now: datetime) -> tuple[Case, ...]: ...
    def completed_of_admin(self, admin_id: ContactId) -> tuple[Case, ...]:
        """Return the admin's completed cases, which wait for re-enrolment, oldest first."""
        ...

    def waiting(self) -> tuple[Case, ...]:
        """Every case that still waits for something, newest first."""
        ...


class AttemptRepository(Protocol):
    """Failed attempts, and other things of which only so many are allowed in a time."""

    def record(self, kind: AttemptKind, key: str, *, at: datetime) -> None: ...
    def recent(
        self, kind: AttemptKind, key: str, *, since: datetime, limit: int
    ) -> tuple[datetime, ...]:
        """When they were made, newest first, later than `since`."""
        ...

    def prune(self, *, before: datetime) -> int: ...


class OutboxRepository(Protocol):
    def add(self, notice: Notice, *, now: datetime) -> MessageId | None:
        """Write a message that is due at once; `None` where its `once` key is taken."""
        ...

    def due(self, now: datetime, *, limit: int) -> tuple[Message, ...]:
        """Unsent, not given up, and due; the longest due first, then in the order of writing."""
        ...

    def next_due_at(self) -> datetime | None: ...
    def mark_sent(self, message_id: MessageId, *, now: datetime) -> bool:
        """Record the delivery, once, and forget the message's `response_url`."""
        ...

    def reschedule(
        self, message_id: MessageId, *, next_attempt_at: datetime, error: str
    ) -> None: ...
    def forget_response_url(self, message_id: MessageId) -> None:
        """From now on the message goes by DM."""
        ...

    def mark_failed(self, message_id: MessageId, *, now: datetime, error: str) -> bool: ...
    def undelivered(self) -> tuple[Message, ...]:
        """Messages that were given up, or that have failed at least once and wait."""
        ...


class AuditLog(Protocol):
    def record(self, event: AuditEvent) -> AuditRecord: ...
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


class UnitOfWork(Protocol):
    """One transaction over everything stored; rolls back unless told to commit.

    After a commit that wrote to the outbox its sender is woken.
    """

    @property
    def contacts(self) -> ContactRepository: ...
    @property
    def roster(self) -> RosterRepository: ...
    @property
    def authenticators(self) -> AuthenticatorRepository: ...
    @property
    def sessions(self) -> SessionRepository: ...
    @property
    def suspensions(self) -> SuspensionRepository: ...
    @property
    def cases(self) -> CaseRepository: ...
    @property
    def attempts(self) -> AttemptRepository: ...
    @property
    def outbox(self) -> OutboxRepository: ...
    @property
    def audit(self) -> AuditLog: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


UnitOfWorkFactory = Callable[[], UnitOfWork]
DirectoryFactory = Callable[[UnitOfWork], Directory]
