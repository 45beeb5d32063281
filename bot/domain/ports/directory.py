"""Where 2FA lives."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from bot.domain.model.ids import AuthenticatorId, ContactId
from bot.domain.model.people import Authenticator
from bot.domain.ports.unit_of_work import UnitOfWork


class Ability(StrEnum):
    """One thing that a directory can or cannot do; its adapter declares which."""

    REQUIRE_SET_UP = "require_set_up"
    INVALIDATE = "invalidate"
    END_SESSIONS = "end_sessions"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    TELL_LAST_USE = "tell_last_use"


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


DirectoryFactory = Callable[[UnitOfWork], Directory]
