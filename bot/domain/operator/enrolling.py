"""What the operator does about passwords, authenticators and their shared secrets."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.model.audit import AuditEvent
from bot.domain.model.cases import OPEN_STATES, UNENROLLED_STATES, CaseState
from bot.domain.model.errors import (
    AuthenticatorActive,
    CaseInTheWay,
    EnrolmentNotStarted,
    HoldsNoRole,
)
from bot.domain.model.ids import AuthenticatorId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Authenticator, Contact, Operator
from bot.domain.operator.acts import (
    held_contact,
    named_contact,
    record_operators_act,
    tell_of_act,
)
from bot.domain.operator.cases import close_by_console
from bot.domain.ports.clock import Clock
from bot.domain.ports.passwords import Passwords
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving import totp
from bot.domain.record import telling
from bot.domain.record.audience import Audience
from bot.domain.record.journal import OPERATOR
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.set_up.first_codes import activate_alone, add_pending, verify_first_code
from bot.domain.set_up.passwords import normalise_password, verify_new_password

CONFIRM_WITHIN = timedelta(minutes=10)
"""How long an enrolment that was begun at the console waits for its first code."""

_PREFIX = "enrol"
"""Of an authenticator's id; tells one begun at the console from one begun at the set-up page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What the console shows once: the shared secret, in both ways that an app takes it."""

    authenticator_id: AuthenticatorId
    secret: str = field(repr=False)
    otpauth_uri: str = field(repr=False)


class OperatorService:
    """What the operator does at the console; each act is audited with who that was."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        passwords: Passwords,
        clock: Clock,
        issuer: str,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._recorder = recorder
        self._passwords = passwords
        self._clock = clock
        self._issuer = issuer
        self._audience = audience

    def set_password(
        self, email: str, password: str, *, must_change: bool, operator: Operator
    ) -> Contact:
        """Set the contact's password and end every session of theirs.

        Raises `ContactNotFound`, `PasswordUnfit`, `PasswordGuessable`, or, while a case of theirs
        is open, completed or lapsed, `CaseInTheWay`: each recorded.
        """
        states = OPEN_STATES | UNENROLLED_STATES
        with self._recorder.operators_refusals("password", operator) as trail:
            with self._unit_of_work() as uow:
                contact = named_contact(uow, email, trail)
                _refuse_cases(uow, contact, states)
            verify_new_password(password, contact, passwords=self._passwords)
            password_hash = self._passwords.hash(normalise_password(password))
            with self._unit_of_work() as uow:
                contact = held_contact(uow, email, trail)
                _refuse_cases(uow, contact, states)
                now = self._clock.now()
                uow.contacts.set_password(contact.id, password_hash, must_change=must_change)
                _end_sessions(uow, contact, now=now)
                details = {"must_change": str(must_change).lower()}
                record_operators_act(
                    uow, "password:set", contact, operator, now=now, details=details
                )
                act = "set a new password"
                tell_of_act(uow, contact, act, audience=self._audience, now=now)
                uow.commit()
            return contact

    def begin_enrolment(self, email: str, *, operator: Operator) -> Enrolment:
        """Make a pending authenticator for the contact; any that was pending is void.

        Raises `ContactNotFound`, `HoldsNoRole`, `AuthenticatorActive` or `CaseInTheWay`, recorded.
        """
        with (
            self._recorder.operators_refusals("enrolment", operator) as trail,
            self._unit_of_work() as uow,
        ):
            now = self._clock.now()
            contact = _enrollable(uow, email, trail)
            authenticator = add_pending(uow, contact.id, now=now, prefix=_PREFIX)
            secret = uow.authenticators.shared_secret(authenticator.id)
            details = {"authenticator": authenticator.id}
            record_operators_act(
                uow, "enrolment:begun", contact, operator, now=now, details=details
            )
            uow.commit()
        label = f"{contact.username} {now:%Y-%m-%d}"
        return Enrolment(
            authenticator_id=authenticator.id,
            secret=secret,
            otpauth_uri=totp.otpauth_uri(secret, label=label, issuer=self._issuer),
        )

    def confirm_enrolment(self, email: str, code: str, *, operator: Operator) -> Contact:
        """Bind the authenticator begun here by its first correct code, and close the case.

        The code's step is spent; every other pending authenticator and every session ends. Raises
        what `begin_enrolment` raises, `EnrolmentNotStarted`, or a `CodeRefused`, recorded; a wrong
        code is counted and keeps the secret, a malformed one is not.
        """
        with (
            self._recorder.operators_refusals("enrolment", operator) as trail,
            self._unit_of_work() as uow,
        ):
            now = self._clock.now()
            contact = _enrollable(uow, email, trail)
            pending = next(iter(_begun_here(uow, contact)), None)
            if pending is None or now >= pending.created_at + CONFIRM_WITHIN:
                raise EnrolmentNotStarted
            step = verify_first_code(uow, pending, code, now=now)
            if not activate_alone(uow, pending, step=step, now=now):
                raise EnrolmentNotStarted
            uow.contacts.set_set_up_required(contact.id, required=False)
            _end_sessions(uow, contact, now=now)
            audience = self._audience
            case = close_by_console(
                uow, contact, operator, bound=pending.id, audience=audience, now=now
            )
            telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_ENROLLED, case=case, now=now)
            tell_of_act(
                uow,
                contact,
                "enrolled an authenticator",
                audience=audience,
                the_contact_too=False,  # the message of the enrolment says more
                now=now,
            )
            uow.commit()
        return contact

    def rotate_keys(self, *, operator: Operator) -> int:
        """Encrypt every shared secret under the first key, and return how many were moved.

        Raises an error of the store's own, and changes nothing, where no key opens one of them.
        """
        with self._unit_of_work() as uow:
            now = self._clock.now()
            moved = uow.authenticators.re_encrypt()
            details = {"secrets": str(moved), **operator.details()}
            event = AuditEvent(tag="operator:keys:rotated", at=now, actor=OPERATOR, details=details)
            uow.audit.record(event)
            act = {"act": "encrypted every shared secret under another key"}
            notice = Notice(kind=NoticeKind.OPERATOR_ACTED, facts=act)
            self._audience.tell_channel(uow, notice, now=now)
            uow.commit()
        return moved


def _enrollable(uow: UnitOfWork, email: str, trail: Trail) -> Contact:
    contact = held_contact(uow, email, trail)
    if not contact.memberships:
        raise HoldsNoRole
    if uow.authenticators.active_of(contact.id):
        raise AuthenticatorActive
    _refuse_cases(uow, contact, OPEN_STATES)
    return contact


def _refuse_cases(uow: UnitOfWork, contact: Contact, states: frozenset[CaseState]) -> None:
    if any(case.state in states for case in uow.cases.of(contact.id)):
        raise CaseInTheWay


def _end_sessions(uow: UnitOfWork, contact: Contact, *, now: datetime) -> None:
    uow.contacts.raise_sign_in_epoch(contact.id)
    uow.sessions.end_all(contact.id, now=now)


def _begun_here(uow: UnitOfWork, contact: Contact) -> list[Authenticator]:
    pending = uow.authenticators.pending_of(contact.id)
    return [authenticator for authenticator in pending if authenticator.id.startswith(_PREFIX)]
