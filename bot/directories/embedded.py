"""The embedded Portal as a directory: its effects are part of the caller's transaction."""

from bot.domain.model.ids import AuthenticatorId, ContactId
from bot.domain.model.people import Authenticator
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import Ability
from bot.domain.ports.unit_of_work import UnitOfWork


class EmbeddedDirectory:
    """`bot.domain.ports.directory.Directory` over one unit of work; never commits."""

    ABILITIES = frozenset(Ability)

    def __init__(self, uow: UnitOfWork, *, clock: Clock) -> None:
        self._uow = uow
        self._clock = clock

    def authenticators_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]:
        """Return the active authenticators, oldest first."""
        return self._uow.authenticators.active_of(contact_id)

    def authenticators_of_both(
        self, one: ContactId, other: ContactId
    ) -> tuple[tuple[Authenticator, ...], tuple[Authenticator, ...]]:
        """Return the active authenticators of each of two contacts."""
        return self._uow.authenticators.active_of_both(one, other)

    def require_set_up(self, contact_id: ContactId) -> None:
        """Let no sign-in pass without a new set-up."""
        self._uow.contacts.set_set_up_required(contact_id, required=True)

    def set_up_required(self, contact_id: ContactId) -> bool:
        """Whether the next sign-in has to set 2FA up."""
        contact = self._uow.contacts.get(contact_id)
        return contact is not None and contact.set_up_required

    def invalidate_authenticators(self, contact_id: ContactId) -> tuple[AuthenticatorId, ...]:
        """Invalidate active and pending ones; return those that were active."""
        return self._uow.authenticators.invalidate_all(contact_id, now=self._clock.now())

    def end_sessions(self, contact_id: ContactId) -> int:
        """End what is open, and raise the epoch for what is on its way."""
        self._uow.contacts.raise_sign_in_epoch(contact_id)
        return self._uow.sessions.end_all(contact_id, now=self._clock.now())

    def open_sessions(self, contact_id: ContactId) -> int:
        """How many sessions would be honoured now."""
        return self._uow.sessions.open_count(contact_id, now=self._clock.now())
