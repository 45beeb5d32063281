"""How what people sign in with is stored: authenticators, sessions, suspensions, attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.model.ids import AuthenticatorId, ContactId, SessionId
from bot.domain.model.people import (
    AttemptKind,
    Authenticator,
    Session,
    SessionStage,
    Suspension,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUse:
    """How many shared secrets are under the first key, under an older one, and under none known."""

    current: int
    older: int
    lost: int


class AuthenticatorRepository(Protocol):
    def get(self, authenticator_id: AuthenticatorId) -> Authenticator | None: ...
    def active_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]: ...
    def active_of_both(
        self, one: ContactId, other: ContactId
    ) -> tuple[tuple[Authenticator, ...], tuple[Authenticator, ...]]:
        """Return the active authenticators of each of two contacts, in one look-up."""
        ...

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

    def key_use(self) -> KeyUse:
        """Try the keys on every shared secret, those of invalidated authenticators included."""
        ...


class SessionRepository(Protocol):
    def add(self, session: Session, *, token_hash: str) -> None: ...
    def get(self, session_id: SessionId) -> Session | None:
        """Return a session that has not been ended; its lifetime and epoch are the caller's."""
        ...

    def by_token_hash(self, token_hash: str) -> Session | None: ...
    def advance(
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

    def prolong(self, session_id: SessionId, *, expires_at: datetime) -> bool:
        """Let a session that was to expire sooner live until then."""
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
    def waiting_of(self, contact_id: ContactId, *, now: datetime) -> tuple[Session, ...]:
        """Sign-ins of the contact that wait for a set-up code, the newest first.

        Neither ended nor expired, nor of an older epoch.
        """
        ...

    def forget(self, contact_id: ContactId) -> None:
        """Erase from where the contact signed in."""
        ...

    def end(self, session_id: SessionId, *, now: datetime) -> None: ...
    def end_all(self, contact_id: ContactId, *, now: datetime) -> int: ...
    def open_count(self, contact_id: ContactId, *, now: datetime) -> int:
        """How many sessions are neither ended, nor expired, nor of an older epoch."""
        ...

    def prune(self, *, expired_before: datetime, limit: int) -> int:
        """Delete sessions that expired before then, `limit` at most; return how many.

        One that a message or a hand-over names stays.
        """
        ...


class SuspensionRepository(Protocol):
    def add(self, suspension: Suspension) -> None: ...
    def current(self, contact_id: ContactId) -> Suspension | None:
        """Return the suspension that holds: a veto before all others, then the newest."""
        ...

    def lift(self, contact_id: ContactId, *, lifted_by: str, now: datetime) -> int:
        """Lift what holds; return how many suspensions that was."""
        ...

    def of(self, contact_id: ContactId) -> tuple[Suspension, ...]:
        """Every suspension of the contact, lifted ones too, the newest first."""
        ...

    def holding(self) -> tuple[Suspension, ...]:
        """Every suspension that holds, whosever it is, the newest first."""
        ...


class AttemptRepository(Protocol):
    """Failed attempts, and other things of which only so many are allowed in a time."""

    def record(self, kind: AttemptKind, key: str, *, at: datetime) -> None: ...
    def recent(
        self, kind: AttemptKind, key: str, *, since: datetime, limit: int
    ) -> tuple[datetime, ...]:
        """When they were made, newest first, later than `since`."""
        ...

    def prune(self, *, before: datetime, limit: int) -> int:
        """Forget what was made earlier, the oldest first, `limit` at most; return how many."""
        ...
