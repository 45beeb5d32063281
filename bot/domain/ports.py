"""What the domain needs from the world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from bot.domain.case_stores import AuditLog, CaseRepository
from bot.domain.outbox_store import OutboxRepository
from bot.domain.request_store import RequestRepository

if TYPE_CHECKING:
    from bot.domain.ids import AuthenticatorId, ContactId
    from bot.domain.model import Authenticator, Member
    from bot.domain.overview import OverviewRepository
    from bot.domain.people_stores import (
        AttemptRepository,
        AuthenticatorRepository,
        ContactRepository,
        RosterRepository,
        SessionRepository,
        SuspensionRepository,
    )


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

    def authenticators_of_both(
        self, one: ContactId, other: ContactId
    ) -> tuple[tuple[Authenticator, ...], tuple[Authenticator, ...]]:
        """Return the active authenticators of each of two contacts, asked about at once."""
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

    def is_common(self, password: str) -> bool:
        """Whether all of it, in capitals or not, is among what attackers try first."""
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
    def requests(self) -> RequestRepository: ...
    @property
    def attempts(self) -> AttemptRepository: ...
    @property
    def outbox(self) -> OutboxRepository: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def overview(self) -> OverviewRepository: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None: ...
    def commit(self) -> None: ...


UnitOfWorkFactory = Callable[[], UnitOfWork]
DirectoryFactory = Callable[[UnitOfWork], Directory]
