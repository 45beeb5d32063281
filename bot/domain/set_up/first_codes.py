"""Binding an authenticator: pending with its shared secret, active by its first correct code."""

from datetime import datetime

from bot.domain.model.errors import CodeMalformed, CodeWrong
from bot.domain.model.ids import AuthenticatorId, ContactId, new_id
from bot.domain.model.people import Authenticator, AuthenticatorState, AuthenticatorType
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from bot.domain.proving.codes import count_wrong_code, obstacle


def add_pending(
    uow: UnitOfWork, contact_id: ContactId, *, now: datetime, prefix: str = "auth"
) -> Authenticator:
    """Store a pending authenticator with a new shared secret; any pending before is void.

    Its id begins with `prefix`, by which it may be known later.
    """
    for earlier in uow.authenticators.pending_of(contact_id):
        uow.authenticators.invalidate(earlier.id, now=now)
    authenticator = Authenticator(
        id=AuthenticatorId(new_id(prefix)),
        contact_id=contact_id,
        type=AuthenticatorType.TOTP,
        state=AuthenticatorState.PENDING,
        created_at=now,
        bound_at=None,
        last_used_at=None,
        failed_in_a_row=0,
    )
    uow.authenticators.add(authenticator, shared_secret=totp.new_shared_secret())
    return authenticator


def verify_first_code(
    uow: UnitOfWork, authenticator: Authenticator, typed: str, *, now: datetime
) -> int:
    """Return the step of a pending authenticator's first correct code.

    Raises a `CodeRefused`; a wrong code was counted and committed by then, and keeps the secret.
    """
    code = totp.normalise_code(typed)
    if code is None:
        raise CodeMalformed
    in_the_way = obstacle(uow, authenticator, now=now)
    if in_the_way is not None:
        raise in_the_way
    secret = uow.authenticators.shared_secret(authenticator.id)
    step = totp.matching_step(secret, code, now=now)
    if step is None:
        count_wrong_code(uow, authenticator.id, now=now)
        uow.commit()
        raise CodeWrong
    return step


def activate_alone(
    uow: UnitOfWork, authenticator: Authenticator, *, step: int, now: datetime
) -> bool:
    """Turn pending into active, once, `step` spent, and invalidate every other of that contact."""
    if not uow.authenticators.activate(authenticator.id, step=step, now=now):
        return False
    contact_id = authenticator.contact_id
    others = (*uow.authenticators.active_of(contact_id), *uow.authenticators.pending_of(contact_id))
    for other in others:
        if other.id != authenticator.id:
            uow.authenticators.invalidate(other.id, now=now)
    return True
