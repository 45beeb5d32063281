"""Setting 2FA up: the set-up code, the shared secret, the first code (design rules 9 and 11)."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.errors import (
    DirectoryUnavailableError,
    NotAContact,
    SessionGone,
    SetUpCodeMalformed,
    SetUpCodeNotYours,
    SetUpCodeThrottled,
    SetUpCodeWrong,
    SignInSuspended,
)
from bot.domain.model.ids import AuthenticatorId, SessionId
from bot.domain.model.people import AttemptKind, Session, SessionStage, SlackIdentity
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.ports.workspace import Workspace
from bot.domain.proving import throttle, totp
from bot.domain.record.journal import Journal
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.set_up.first_codes import activate_alone, add_pending, verify_first_code
from bot.domain.set_up.sessions import (
    SignedSession,
    Visitor,
    advance_session,
    find_visitor,
    pending_authenticator,
    record_visitors_act,
    renew_sessions,
    seen_from,
    verify_session,
)
from bot.domain.set_up.set_up_cases import case_under_way, close_by_enrolment
from bot.domain.set_up.set_up_codes import (
    ShownCode,
    hash_set_up_code,
    issue_set_up_code,
    normalise_set_up_code,
)
from bot.domain.standing.policy import verify_member

_GROUP = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpForm:
    """What the set-up page shows; `wrong_codes` counts those typed under this shared secret."""

    otpauth_uri: str = field(repr=False)
    key_groups: tuple[str, ...] = field(repr=False)
    label: str
    wrong_codes: int


class SetUpService:
    """Every use case of the set-up; `pepper` keys the stored hashes of set-up codes."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        directory: DirectoryFactory,
        workspace: Workspace,
        clock: Clock,
        pepper: bytes,
        issuer: str,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._recorder = recorder
        self._directory = directory
        self._workspace = workspace
        self._clock = clock
        self._pepper = pepper
        self._issuer = issuer

    def show_code(self, actor: SlackIdentity, session_id: SessionId) -> ShownCode:
        """Make the waiting session's set-up code, in place of any before, for its owner's eyes.

        Raises a `PersonRefused`, `SetUpCodeNotYours`, `SessionGone`, `SignInSuspended`, or
        `WorkspaceUnavailableError`.
        """
        with self._recorder.refusals(
            Source.SLACK,
            "set_up_code",
            slack=actor,
        ) as trail:
            verify_member(self._workspace.member(actor.user))
            with self._unit_of_work() as uow:
                now = self._clock.now()
                session = _session_of(uow, actor, session_id, trail, now=now)
                shown = issue_set_up_code(uow, session, pepper=self._pepper, now=now)
                if shown is None:
                    raise SessionGone
                _record_shown(uow, session, actor, now=now)
                uow.commit()
            return shown

    def accept_code(self, token: str, typed: str) -> SignedSession:
        """Take the session's set-up code, once, and make the shared secret that belongs to it.

        A wrong code, another session's, and one used or expired counts, per contact, and a new code
        clears nothing. Raises `SessionGone`, `SetUpCodeMalformed`, `SetUpCodeThrottled`, or
        `SetUpCodeWrong`.
        """
        stage = SessionStage.AWAITING_SET_UP_CODE
        visitor = self._visitor(token)
        with self._refusals_of("set_up_code", visitor):
            code = normalise_set_up_code(typed)
            if code is None:
                raise SetUpCodeMalformed
            with self._unit_of_work() as uow:
                uow.contacts.hold(visitor.contact.id)
                now = self._clock.now()
                visitor = find_visitor(uow, token, now=now, stage=stage)
                self._spend(uow, visitor, code, now=now)
                authenticator = add_pending(uow, visitor.contact.id, now=now)
                uow.sessions.set_authenticator(visitor.session.id, authenticator.id)
                session = replace(visitor.session, stage=SessionStage.SETTING_UP)
                signed = advance_session(uow, session, to=SessionStage.SETTING_UP, now=now)
                case = case_under_way(uow, visitor.contact.id)
                record_visitors_act(uow, "set_up_code:accepted", visitor, now=now, case=case)
                uow.commit()
            return signed

    def form(self, token: str) -> SetUpForm:
        """Return what the set-up page shows, the shared secret with it; raises `SessionGone`."""
        with self._unit_of_work() as uow:
            visitor = find_visitor(uow, token, now=self._clock.now(), stage=SessionStage.SETTING_UP)
            authenticator = pending_authenticator(uow, visitor.session)
            secret = uow.authenticators.shared_secret(authenticator.id)
        label = f"{visitor.contact.username} {authenticator.created_at:%Y-%m-%d}"
        return SetUpForm(
            otpauth_uri=totp.otpauth_uri(secret, label=label, issuer=self._issuer),
            key_groups=tuple(secret[i : i + _GROUP] for i in range(0, len(secret), _GROUP)),
            label=f"{self._issuer}: {label}",
            wrong_codes=authenticator.failed_in_a_row,
        )

    def bind(self, token: str, code: str) -> SignedSession:
        """Bind the pending authenticator by its first correct code, and sign this browser in.

        Its step is spent, every other authenticator and session ends, and the directory is read
        back before a case is closed. A wrong code is counted and keeps the shared secret. Raises
        `SessionGone`, a `CodeRefused`, or `DirectoryUnavailableError`.
        """
        visitor = self._visitor(token)
        with self._refusals_of("set_up", visitor), self._unit_of_work() as uow:
            uow.contacts.hold(visitor.contact.id)
            now = self._clock.now()
            visitor = find_visitor(uow, token, now=now, stage=SessionStage.SETTING_UP)
            authenticator = pending_authenticator(uow, visitor.session)
            step = verify_first_code(uow, authenticator, code, now=now)
            if not activate_alone(uow, authenticator, step=step, now=now):
                raise SessionGone
            uow.contacts.set_set_up_required(visitor.contact.id, required=False)
            signed = renew_sessions(uow, visitor, now=now)
            self._close_cases(uow, visitor, authenticator.id, now=now)
            uow.commit()
        return signed

    def _visitor(self, token: str) -> Visitor:
        with self._unit_of_work() as uow:
            return find_visitor(uow, token, now=self._clock.now())

    def _refusals_of(self, subject: str, visitor: Visitor) -> AbstractContextManager[Trail]:
        return self._recorder.refusals(
            Source.PORTAL,
            subject,
            actor=visitor.contact.id,
            subscriber=visitor.contact.id,
            details=seen_from(visitor.session),
        )

    def _spend(self, uow: UnitOfWork, visitor: Visitor, code: str, *, now: datetime) -> None:
        key = visitor.contact.id
        retry_at = throttle.retry_at(uow.attempts, AttemptKind.SET_UP_CODE, key, now=now)
        if retry_at is not None:
            raise SetUpCodeThrottled(retry_at)
        session_id = visitor.session.id
        code_hash = hash_set_up_code(code, session_id, pepper=self._pepper)
        if not uow.sessions.spend_set_up_code(session_id, code_hash=code_hash, now=now):
            uow.attempts.record(AttemptKind.SET_UP_CODE, key, at=now)
            uow.commit()
            raise SetUpCodeWrong

    def _close_cases(
        self, uow: UnitOfWork, visitor: Visitor, bound: AuthenticatorId, *, now: datetime
    ) -> None:
        contact = visitor.contact
        directory = self._directory(uow)
        active = [authenticator.id for authenticator in directory.authenticators_of(contact.id)]
        if active != [bound] or directory.set_up_required(contact.id):
            raise DirectoryUnavailableError
        journal = Journal(uow=uow, source=Source.PORTAL, actor=contact.id, now=now)
        case = case_under_way(uow, contact.id)
        details = {"authenticator": bound}
        record_visitors_act(
            uow, "authenticator:bound", visitor, now=now, case=case, details=details
        )
        close_by_enrolment(journal, contact)
        record_visitors_act(uow, "sign_in:signed_in", visitor, now=now)


def _session_of(
    uow: UnitOfWork, actor: SlackIdentity, session_id: SessionId, trail: Trail, *, now: datetime
) -> Session:
    contact = uow.contacts.by_slack(actor)
    if contact is None:
        raise NotAContact
    trail.actor = trail.subscriber = contact.id
    session = uow.sessions.get(session_id)
    if session is not None and session.contact_id != contact.id:
        raise SetUpCodeNotYours
    suspension = uow.suspensions.current(contact.id)
    if suspension is not None:
        raise SignInSuspended(suspension.cause)
    if session is None:
        raise SessionGone
    return verify_session(uow, session, now=now).session


def _record_shown(
    uow: UnitOfWork, session: Session, actor: SlackIdentity, *, now: datetime
) -> None:
    case = case_under_way(uow, session.contact_id)
    event = AuditEvent(
        tag=f"{Source.SLACK}:set_up_code:shown",
        at=now,
        actor=session.contact_id,
        subscriber=session.contact_id,
        account=case.account_id if case else None,
        case=case.id if case else None,
        slack=actor,
        details={"session": session.id, **seen_from(session)},
    )
    uow.audit.record(event)
