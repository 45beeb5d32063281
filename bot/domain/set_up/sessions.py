"""What a browser's session is worth now, and how one is opened and moved on."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.cases import Case
from bot.domain.model.errors import SessionGone
from bot.domain.model.ids import ContactId, SessionId, new_id
from bot.domain.model.people import (
    Authenticator,
    AuthenticatorState,
    Contact,
    Session,
    SessionStage,
)
from bot.domain.ports.unit_of_work import UnitOfWork

CODE_WITHIN = timedelta(minutes=10)
"""From the right password to the code: time to find the phone, and to sit out one throttling."""

SET_UP_WITHIN = timedelta(minutes=30)
"""To wait for a set-up code, and again to set up: time to install an app, or to be called back."""

SIGNED_IN_LIFETIME = timedelta(hours=8)
"""A working day, however much is done in it; SP 800-63B-4, 2.2.3, would allow 24 hours at AAL2."""

UNUSED_WITHIN = timedelta(hours=1)
"""Without a request a signed-in session ends; the longest that SP 800-63B-4, 2.2.3, recommends."""

PROLONGED_EVERY = timedelta(minutes=5)
"""At most that often a request is stored as use: few of them write."""

LIFETIMES: Mapping[SessionStage, timedelta] = {
    SessionStage.AWAITING_CODE: CODE_WITHIN,
    SessionStage.AWAITING_SET_UP_CODE: SET_UP_WITHIN,
    SessionStage.SETTING_UP: SET_UP_WITHIN,
    SessionStage.SIGNED_IN: UNUSED_WITHIN,
}

_SETTING_UP = frozenset({SessionStage.AWAITING_SET_UP_CODE, SessionStage.SETTING_UP})
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSession:
    """A session and the token that its browser has to keep; the token is known nowhere else."""

    session: Session
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A session that holds now, and whose it is."""

    session: Session
    contact: Contact


def new_token() -> str:
    """Make a session's token of 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> str:
    """Return what is stored of a token; as random as it is, it needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_visitor(
    uow: UnitOfWork, token: str, *, now: datetime, stage: SessionStage | None = None
) -> Visitor:
    """Return whose session that is; raises `SessionGone` unless it holds, and is at `stage`."""
    session = uow.sessions.by_token_hash(hash_token(token))
    if session is None or stage not in (None, session.stage):
        raise SessionGone
    return verify_session(uow, session, now=now)


def verify_session(uow: UnitOfWork, session: Session, *, now: datetime) -> Visitor:
    """Return the session with its contact; raises `SessionGone` where it no longer holds.

    It ends with its lifetime, and with anything that a sign-in could not have passed: a newer
    `sign_in_epoch` (design rule 7), a suspension, no role left in any account, a set-up that became
    required, was done elsewhere, or has come as far in another session.
    """
    contact = uow.contacts.get(session.contact_id)
    if (
        contact is None
        or now >= session.expires_at
        or contact.sign_in_epoch != session.sign_in_epoch
        or contact.suspended
        or not contact.memberships
        or (session.stage in _SETTING_UP) != _must_set_up(uow, contact, session)
    ):
        raise SessionGone
    if session.stage is SessionStage.SETTING_UP:
        pending_authenticator(uow, session)
    return Visitor(session=session, contact=contact)


def signed_in_until(session: Session) -> datetime:
    """Return when a signed-in session ends, however much it is used."""
    return session.created_at + SIGNED_IN_LIFETIME


def prolong_session(uow: UnitOfWork, session: Session, *, now: datetime) -> bool:
    """Let a signed-in session that is used live on; true where that has to be committed."""
    unused_until = now + UNUSED_WITHIN
    if (
        session.stage is not SessionStage.SIGNED_IN
        or unused_until < session.expires_at + PROLONGED_EVERY
    ):
        return False
    until = min(unused_until, signed_in_until(session))
    return uow.sessions.prolong(session.id, expires_at=until)


def was_left_unused(uow: UnitOfWork, token: str, *, now: datetime) -> bool:
    """Whether that was a signed-in session's token, and the session ended for want of use."""
    session = uow.sessions.by_token_hash(hash_token(token))
    return (
        session is not None
        and session.stage is SessionStage.SIGNED_IN
        and session.expires_at <= now
        and session.expires_at < signed_in_until(session)
    )


def pending_authenticator(uow: UnitOfWork, session: Session) -> Authenticator:
    """Return the session's own pending authenticator; `SessionGone` once it is pending no more."""
    found = uow.authenticators.get(session.authenticator_id) if session.authenticator_id else None
    if found is None or found.state is not AuthenticatorState.PENDING:
        raise SessionGone
    return found


def has_to_set_up(uow: UnitOfWork, contact: Contact) -> bool:
    """Whether the contact's sign-in leads to the set-up (design rule 9)."""
    if contact.set_up_required:
        return True
    return contact.two_factor_required and not uow.authenticators.active_of(contact.id)


def _must_set_up(uow: UnitOfWork, contact: Contact, session: Session) -> bool:
    """Like `has_to_set_up`; 2FA that became required later concerns the next sign-in only."""
    if session.stage is SessionStage.SIGNED_IN:
        return contact.set_up_required
    return has_to_set_up(uow, contact)


def open_session(
    uow: UnitOfWork,
    contact_id: ContactId,
    *,
    stage: SessionStage,
    epoch: int,
    browser: str,
    address: str,
    now: datetime,
    since: datetime | None = None,
) -> SignedSession:
    """Store a new session under a new token; it lives as long as its stage may.

    `since` is when its contact signed in, where that was before.
    """
    created_at = since or now
    session = Session(
        id=SessionId(new_id("session")),
        contact_id=contact_id,
        stage=stage,
        sign_in_epoch=epoch,
        browser=browser,
        address=address,
        created_at=created_at,
        expires_at=min(now + LIFETIMES[stage], created_at + SIGNED_IN_LIFETIME),
        authenticator_id=None,
        set_up_code_expires_at=None,
    )
    token = new_token()
    uow.sessions.add(session, token_hash=hash_token(token))
    return SignedSession(session=session, token=token)


def renew_sessions(
    uow: UnitOfWork, visitor: Visitor, *, now: datetime, since: datetime | None = None
) -> SignedSession:
    """End every session of the contact and sign this browser in by a new one, of a new epoch.

    `since` is when the contact signed in, where that was before.
    """
    session, contact = visitor.session, visitor.contact
    uow.sessions.end_all(contact.id, now=now)
    epoch = uow.contacts.raise_sign_in_epoch(contact.id)
    return open_session(
        uow,
        contact.id,
        stage=SessionStage.SIGNED_IN,
        epoch=epoch,
        browser=session.browser,
        address=session.address,
        now=now,
        since=since,
    )


def advance_session(
    uow: UnitOfWork, session: Session, *, to: SessionStage, now: datetime
) -> SignedSession:
    """Move the session on under a new token, so that none known before is worth more than it was.

    Raises `SessionGone` where it is no longer at the stage at which it was read.
    """
    token = new_token()
    moved = uow.sessions.advance(
        session.id,
        stage=session.stage,
        to=to,
        token_hash=hash_token(token),
        expires_at=now + LIFETIMES[to],
    )
    after = uow.sessions.get(session.id)
    if not moved or after is None:
        raise SessionGone
    return SignedSession(session=after, token=token)


def seen_from(session: Session) -> dict[str, str]:
    """Return an audit record's details of where the session's browser is."""
    return {"browser": session.browser, "address": session.address}


def record_visitors_act(
    uow: UnitOfWork,
    what: str,
    visitor: Visitor,
    *,
    now: datetime,
    case: Case | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Record `what`, a tag's `subject:action`, that a visitor of the Portal did for themselves."""
    event = AuditEvent(
        tag=f"{Source.PORTAL}:{what}",
        at=now,
        actor=visitor.contact.id,
        subscriber=visitor.contact.id,
        account=case.account_id if case else None,
        case=case.id if case else None,
        details={**seen_from(visitor.session), **(details or {})},
    )
    uow.audit.record(event)
