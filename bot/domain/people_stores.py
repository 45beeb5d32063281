"""How people and what they sign in with are stored: the repositories of the directory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bot.domain.ids import AccountId, AuthenticatorId, ContactId, SessionId
    from bot.domain.model import (
        Account,
        AttemptKind,
        Authenticator,
        Contact,
        Role,
        Session,
        SessionStage,
        SlackIdentity,
        Suspension,
    )
    from bot.domain.roster import Roster, RosterChange


class ContactRepository(Protocol):
    def get(self, contact_id: ContactId) -> Contact | None: ...
    def with_ids(self, contact_ids: Collection[ContactId]) -> tuple[Contact, ...]:
        """Return those that there are, in no order of the ids, in one look-up."""
        ...

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
    def account_ids(self) -> tuple[AccountId, ...]:
        """Every account's id, in order."""
        ...

    def password_hash(self, contact_id: ContactId) -> str | None: ...
    def set_password(
        self, contact_id: ContactId, password_hash: str, *, must_change: bool
    ) -> None: ...
    def set_set_up_required(self, contact_id: ContactId, *, required: bool) -> None: ...
    def hold(self, contact_id: ContactId) -> None:
        """Let no other unit that holds the same contact go on until this one has ended.

        First thing in whatever decides over somebody's sign-in or authenticators: units that take
        the same things in different orders would wait for each other.
        """
        ...

    def raise_sign_in_epoch(self, contact_id: ContactId) -> int:
        """Void every session of the contact; return the new epoch."""
        ...

    def bind_slack(self, contact_id: ContactId, identity: SlackIdentity) -> bool:
        """Bind, or bind anew; false, and nothing done, where another contact has it."""
        ...

    def without_slack(self) -> tuple[Contact, ...]:
        """Contacts of any account to whom no Slack identity is bound, by e-mail."""
        ...

    def search(
        self, account_ids: Collection[AccountId], words: str, *, limit: int
    ) -> tuple[Contact, ...]:
        """Contacts of the accounts whose name, user name or e-mail holds `words`, by name.

        Upper and lower case do not matter; empty `words` find everybody.
        """
        ...

    def forget(self, contact_id: ContactId) -> None:
        """Erase who the contact was; the row stays, since cases name it.

        Name, e-mail and user name become placeholders made of the id; telephone, manager, Slack
        identity and password go, and so does their e-mail where others have it as their manager's.
        """
        ...


class RosterRepository(Protocol):
    """Accounts, contacts and roles in bulk, for the import."""

    def read(self) -> Roster:
        """Return everybody, removed contacts too: they have no role and no Slack identity."""
        ...

    def hold(self, contact_ids: Collection[ContactId]) -> bool:
        """Let no other unit that holds one of the contacts go on until this one has ended.

        True where one may have changed them since they were read, so that they are read again.
        """
        ...

    def apply(self, changes: Sequence[RosterChange], *, now: datetime) -> Iterator[int]:
        """Carry the changes out in bulk, yielding how many are done from time to time.

        Removals come first and additions last, so that what one gives up another can have, and of
        those who change any may take another's user name. A removed contact loses every role and
        the Slack identity, their authenticators are invalidated and their sessions void; nothing
        else of them goes. Raises an error of the store's own where two contacts would share what
        only one can have, or an account is missing.
        """
        ...


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
