"""Verifying a contact's code: accepted once, wrong ones counted (design rules 2 and 3)."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.model.errors import (
    AuthenticatorLocked,
    CodeMalformed,
    CodeThrottled,
    CodeWrong,
    NoAuthenticator,
    Refusal,
)
from bot.domain.model.ids import AuthenticatorId, ContactId
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.people import AttemptKind, Authenticator
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import throttle, totp
from bot.domain.record.alerts import Alerts
from bot.domain.record.journal import Journal


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """Either the authenticator that made the code, or why it was not accepted."""

    authenticator_id: AuthenticatorId | None = None
    refusal: Refusal | None = None


def verify_code(journal: Journal, typed: str, *, alerts: Alerts) -> CodeVerdict:
    """Accept the code's step of one of the actor's active authenticators, once.

    A wrong or replayed code is counted against each of them that may be tried, and `alerts` look
    at it; a malformed one is not. The caller commits in either case, and raises the verdict's
    refusal only then.
    """
    uow, now, contact_id = journal.uow, journal.now, ContactId(journal.actor)
    code = totp.normalise_code(typed)
    if code is None:
        return CodeVerdict(refusal=CodeMalformed())
    uow.contacts.hold(contact_id)
    authenticators = uow.authenticators.active_of(contact_id)
    open_ones = [a for a in authenticators if obstacle(uow, a, now=now) is None]
    if not open_ones:
        return CodeVerdict(refusal=_nearest(uow, authenticators, now=now))
    for authenticator in open_ones:
        if _accept(uow, authenticator.id, code, now=now):
            return CodeVerdict(authenticator_id=authenticator.id)
    for authenticator in open_ones:
        count_wrong_code(uow, authenticator.id, now=now)
        alerts.wrong_code(journal, contact_id, authenticator.id)
    return CodeVerdict(refusal=CodeWrong())


def obstacle(
    uow: UnitOfWork, authenticator: Authenticator, *, now: datetime
) -> AuthenticatorLocked | CodeThrottled | None:
    """Return why no code of this authenticator is looked at now, if so."""
    if authenticator.failed_in_a_row >= LOCK_AFTER:
        return AuthenticatorLocked()
    retry_at = throttle.retry_at(uow.attempts, AttemptKind.CODE, authenticator.id, now=now)
    return None if retry_at is None else CodeThrottled(retry_at)


def count_wrong_code(uow: UnitOfWork, authenticator_id: AuthenticatorId, *, now: datetime) -> None:
    """Count a wrong code against the authenticator; the caller commits before it refuses."""
    uow.attempts.record(AttemptKind.CODE, authenticator_id, at=now)
    uow.authenticators.count_failure(authenticator_id)


def _accept(
    uow: UnitOfWork, authenticator_id: AuthenticatorId, code: str, *, now: datetime
) -> bool:
    secret = uow.authenticators.shared_secret(authenticator_id)
    step = totp.matching_step(secret, code, now=now)
    return step is not None and uow.authenticators.accept_step(authenticator_id, step=step, now=now)


def _nearest(
    uow: UnitOfWork, authenticators: tuple[Authenticator, ...], *, now: datetime
) -> Refusal:
    """Return the obstacle that goes away first; a locked authenticator never does by itself."""
    found = [obstacle(uow, authenticator, now=now) for authenticator in authenticators]
    throttled = [o for o in found if isinstance(o, CodeThrottled)]
    if throttled:
        return min(throttled, key=lambda o: o.retry_at)
    return AuthenticatorLocked() if found else NoAuthenticator()
