"""Signing in at the embedded Portal: password, then code, then what the session may do."""

import hashlib
import hmac
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from ipaddress import AddressValueError, IPv6Address, ip_network

from bot.domain.model.audit import Source
from bot.domain.model.errors import SessionGone, SignInFailed, SignInSuspended, SignInThrottled
from bot.domain.model.ids import ContactId
from bot.domain.model.people import AttemptKind, Contact, Session, SessionStage
from bot.domain.ports.clock import Clock
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving import throttle
from bot.domain.proving.codes import verify_code
from bot.domain.record.alerts import Alerts
from bot.domain.record.journal import Journal
from bot.domain.record.refusals import NOBODY, Recorder, Trail
from bot.domain.set_up.first_codes import add_pending
from bot.domain.set_up.passwords import normalise_password, verify_new_password
from bot.domain.set_up.sessions import (
    SignedSession,
    Visitor,
    advance_session,
    find_visitor,
    has_to_set_up,
    open_session,
    prolong_session,
    record_visitors_act,
    renew_sessions,
    seen_from,
    was_left_unused,
)
from bot.domain.set_up.set_up_cases import announce_waiting, case_of_set_up

_LONGEST_USERNAME = 320


class SignInService:
    """Every use case of the sign-in; slow hashes are made outside any transaction.

    Where no set-up code is required, the right password alone leads to the set-up: the deployment
    proves by other means who may use it (`REKEY_SET_UP_CODE`). Whoever begins a first set-up and
    leaves it there is reminded from `first_reminder` on.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        passwords: Passwords,
        clock: Clock,
        alerts: Alerts,
        pepper: bytes,
        set_up_code_required: bool = True,
        first_reminder: timedelta | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._recorder = recorder
        self._passwords = passwords
        self._clock = clock
        self._alerts = alerts
        self._pepper = pepper
        self._set_up_stage = (
            SessionStage.AWAITING_SET_UP_CODE if set_up_code_required else SessionStage.SETTING_UP
        )
        self._first_reminder = first_reminder

    def begin(self, username: str, password: str, *, browser: str, address: str) -> SignedSession:
        """Verify the password and open a session at the stage that comes next.

        An unknown user name does the same work, and leaves the same traces, as a wrong password.
        Raises `SignInFailed`, `SignInThrottled`, or, after the right password, `SignInSuspended`.
        """
        seen = {"browser": browser, "address": address}
        key = self._attempt_key(username, address)
        now = self._clock.now()
        with self._unit_of_work() as uow:
            contact = _named(uow, username)
            password_hash = uow.contacts.password_hash(contact.id) if contact else None
            retry_at = throttle.retry_at(uow.attempts, AttemptKind.PASSWORD, key, now=now)
        with self._refusals("sign_in", NOBODY, contact, seen):
            if retry_at is not None:
                raise SignInThrottled(retry_at)
            matched = self._passwords.verify(password_hash, normalise_password(password))
            now = self._clock.now()
            with self._unit_of_work() as uow:
                proven = contact.id if contact and matched else None
                if proven is not None:  # two at once open one case, and send what one may
                    uow.contacts.hold(proven)
                contact = _prove(uow, proven, password_hash, key=key, now=now)
                suspension = uow.suspensions.current(contact.id)
                if suspension is not None:
                    raise SignInSuspended(suspension.cause)
                stage = self._stage_after_password(uow, contact)
                signed = _open(uow, contact, stage, browser=browser, address=address, now=now)
                self._hang_set_up(uow, contact, signed.session, now=now)
                uow.commit()
            return signed

    def verify_code(self, token: str, code: str) -> SignedSession:
        """Sign in the session that awaits a code, under a new token.

        The step is spent, and a wrong code counted, per authenticator (design rules 2 and 3).
        Raises `SessionGone`, a `CodeRefused`, or `NoAuthenticator`.
        """
        visitor = self.session_of(token)
        with self._refusals_of("sign_in", visitor), self._unit_of_work() as uow:
            now = self._clock.now()
            visitor = find_visitor(uow, token, now=now, stage=SessionStage.AWAITING_CODE)
            journal = Journal(uow=uow, source=Source.PORTAL, actor=visitor.contact.id, now=now)
            verdict = verify_code(journal, code, alerts=self._alerts)
            if verdict.refusal is not None:
                uow.commit()
                raise verdict.refusal
            signed = advance_session(uow, visitor.session, to=SessionStage.SIGNED_IN, now=now)
            record_visitors_act(uow, "sign_in:signed_in", visitor, now=now)
            uow.commit()
        return signed

    def session_of(self, token: str) -> Visitor:
        """Return whose session the token is, at whatever stage; raises `SessionGone`.

        A session that is signed in lives on by this. The refusal is not recorded: a token that
        proves nothing is like an unsigned request.
        """
        with self._unit_of_work() as uow:
            now = self._clock.now()
            visitor = find_visitor(uow, token, now=now)
            if prolong_session(uow, visitor.session, now=now):
                uow.commit()
        return visitor

    def was_left_unused(self, token: str) -> bool:
        """Whether the session of that token ended because nobody used it for an hour."""
        with self._unit_of_work() as uow:
            return was_left_unused(uow, token, now=self._clock.now())

    def sign_out(self, token: str) -> None:
        """End the session, whatever its stage; nothing happens where it has ended already."""
        now = self._clock.now()
        with self._unit_of_work() as uow:
            try:
                visitor = find_visitor(uow, token, now=now)
            except SessionGone:
                return
            uow.sessions.end(visitor.session.id, now=now)
            record_visitors_act(uow, "sign_in:signed_out", visitor, now=now)
            uow.commit()

    def change_password(self, token: str, current: str, new: str) -> SignedSession:
        """Set a new password, end every other session, and renew this one for its remaining life.

        Raises `PasswordUnfit`, `PasswordGuessable`, `SessionGone`, or, for the current password,
        `SignInFailed` and `SignInThrottled`, counted like wrong passwords at the sign-in.
        """
        visitor = self.session_of(token)
        key = self._attempt_key(visitor.contact.username, visitor.session.address)
        with self._refusals_of("password", visitor):
            verify_new_password(new, visitor.contact, passwords=self._passwords, current=current)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                find_visitor(uow, token, now=now, stage=SessionStage.SIGNED_IN)
                password_hash = uow.contacts.password_hash(visitor.contact.id)
                _refuse_throttled(uow, key, now=now)
            matched = self._passwords.verify(password_hash, normalise_password(current))
            new_hash = self._passwords.hash(normalise_password(new)) if matched else ""
            now = self._clock.now()
            with self._unit_of_work() as uow:
                uow.contacts.hold(visitor.contact.id)
                proven = visitor.contact.id if matched else None
                _prove(uow, proven, password_hash, key=key, now=now)
                visitor = find_visitor(uow, token, now=now, stage=SessionStage.SIGNED_IN)
                uow.contacts.set_password(visitor.contact.id, new_hash, must_change=False)
                since = visitor.session.created_at  # without a code it gets no longer life
                signed = renew_sessions(uow, visitor, now=now, since=since)
                record_visitors_act(uow, "password:changed", visitor, now=now)
                uow.commit()
            return signed

    def _attempt_key(self, username: str, address: str) -> str:
        """Return under what wrong passwords are counted.

        People type passwords as user names: without the pepper nobody finds out what was typed.
        """
        counted = f"{username.strip().casefold()}\n{_place_of(address)}"
        return hmac.new(self._pepper, counted.encode(), hashlib.sha256).hexdigest()

    def _hang_set_up(
        self, uow: UnitOfWork, contact: Contact, session: Session, *, now: datetime
    ) -> None:
        """See to it that a set-up which begins here has its case, and the contact hears of it."""
        journal = Journal(uow=uow, source=Source.PORTAL, actor=contact.id, now=now)
        first = self._first_reminder
        if session.stage is SessionStage.AWAITING_SET_UP_CODE:
            announce_waiting(journal, session, contact, first_reminder=first)
        elif session.stage is SessionStage.SETTING_UP:
            case_of_set_up(journal, contact, first_reminder=first)
            authenticator = add_pending(uow, contact.id, now=now)
            uow.sessions.set_authenticator(session.id, authenticator.id)

    def _stage_after_password(self, uow: UnitOfWork, contact: Contact) -> SessionStage:
        if has_to_set_up(uow, contact):
            return self._set_up_stage
        if uow.authenticators.active_of(contact.id):
            return SessionStage.AWAITING_CODE
        return SessionStage.SIGNED_IN

    def _refusals_of(self, subject: str, visitor: Visitor) -> AbstractContextManager[Trail]:
        contact = visitor.contact
        return self._refusals(subject, contact.id, contact, seen_from(visitor.session))

    def _refusals(
        self, subject: str, actor: str, contact: Contact | None, details: Mapping[str, str]
    ) -> AbstractContextManager[Trail]:
        return self._recorder.refusals(
            Source.PORTAL,
            subject,
            actor=actor,
            subscriber=contact.id if contact else None,
            details=details,
        )


def _place_of(address: str) -> str:
    """Return the address, or its /64 of IPv6, all of which one client may use as its own."""
    try:
        return str(ip_network((IPv6Address(address), 64), strict=False))
    except AddressValueError:
        return address


def _named(uow: UnitOfWork, username: str) -> Contact | None:
    typed = username.strip()
    if len(typed) > _LONGEST_USERNAME or not typed.isprintable():
        return None
    return uow.contacts.by_username(typed)


def _refuse_throttled(uow: UnitOfWork, key: str, *, now: datetime) -> None:
    retry_at = throttle.retry_at(uow.attempts, AttemptKind.PASSWORD, key, now=now)
    if retry_at is not None:
        raise SignInThrottled(retry_at)


def _prove(
    uow: UnitOfWork, proven: ContactId | None, password_hash: str | None, *, key: str, now: datetime
) -> Contact:
    """Return the contact whose password has just been verified, as they are now.

    `SignInFailed`, counted, where there is none, where the password was changed meanwhile, and for
    somebody who has left every account. `SignInThrottled` where others, guessing at the same time,
    have used the attempts up: whoever guesses in parallel gets no more answers than one by one.
    """
    _refuse_throttled(uow, key, now=now)
    contact = uow.contacts.get(proven) if proven else None
    if (
        contact is None
        or not contact.memberships
        or uow.contacts.password_hash(contact.id) != password_hash
    ):
        uow.attempts.record(AttemptKind.PASSWORD, key, at=now)
        uow.commit()
        raise SignInFailed
    return contact


def _open(
    uow: UnitOfWork,
    contact: Contact,
    stage: SessionStage,
    *,
    browser: str,
    address: str,
    now: datetime,
) -> SignedSession:
    signed = open_session(
        uow,
        contact.id,
        stage=stage,
        epoch=contact.sign_in_epoch,
        browser=browser,
        address=address,
        now=now,
    )
    at_end = stage is SessionStage.SIGNED_IN
    what = "sign_in:signed_in" if at_end else "sign_in:password_accepted"
    record_visitors_act(uow, what, Visitor(session=signed.session, contact=contact), now=now)
    return signed
