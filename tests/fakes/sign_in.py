"""Authenticators, sessions and attempts in memory."""

from dataclasses import replace
from datetime import datetime

from bot.domain.model.ids import AuthenticatorId, ContactId, SessionId
from bot.domain.model.people import (
    AttemptKind,
    Authenticator,
    AuthenticatorState,
    Session,
    SessionStage,
)
from bot.domain.ports.sign_in import KeyUse
from tests.fakes.state import AttemptRow, AuthenticatorRow, SessionRow, State


class FakeAuthenticators:
    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, authenticator_id: AuthenticatorId) -> Authenticator | None:
        row = self._state.authenticators.get(authenticator_id)
        return row.authenticator if row else None

    def active_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]:
        return self._of(contact_id, AuthenticatorState.ACTIVE)

    def active_of_both(
        self, one: ContactId, other: ContactId
    ) -> tuple[tuple[Authenticator, ...], tuple[Authenticator, ...]]:
        return self.active_of(one), self.active_of(other)

    def pending_of(self, contact_id: ContactId) -> tuple[Authenticator, ...]:
        return self._of(contact_id, AuthenticatorState.PENDING)

    def add(self, authenticator: Authenticator, *, shared_secret: str) -> None:
        self._state.authenticators[authenticator.id] = AuthenticatorRow(
            authenticator=authenticator, shared_secret=shared_secret
        )

    def shared_secret(self, authenticator_id: AuthenticatorId) -> str:
        return self._state.authenticators[authenticator_id].shared_secret

    def activate(self, authenticator_id: AuthenticatorId, *, step: int, now: datetime) -> bool:
        row = self._state.authenticators.get(authenticator_id)
        if row is None or row.authenticator.state is not AuthenticatorState.PENDING:
            return False
        active = replace(
            row.authenticator, state=AuthenticatorState.ACTIVE, bound_at=now, failed_in_a_row=0
        )
        self._state.authenticators[authenticator_id] = replace(
            row, authenticator=active, last_accepted_step=step
        )
        return True

    def accept_step(self, authenticator_id: AuthenticatorId, *, step: int, now: datetime) -> bool:
        row = self._state.authenticators.get(authenticator_id)
        if row is None or row.authenticator.state is not AuthenticatorState.ACTIVE:
            return False
        if row.last_accepted_step is not None and step <= row.last_accepted_step:
            return False
        used = replace(row.authenticator, last_used_at=now, failed_in_a_row=0)
        self._state.authenticators[authenticator_id] = replace(
            row, authenticator=used, last_accepted_step=step
        )
        return True

    def count_failure(self, authenticator_id: AuthenticatorId) -> None:
        if row := self._state.authenticators.get(authenticator_id):
            failed = row.authenticator.failed_in_a_row + 1
            self._state.authenticators[authenticator_id] = replace(
                row, authenticator=replace(row.authenticator, failed_in_a_row=failed)
            )

    def invalidate_all(
        self, contact_id: ContactId, *, now: datetime
    ) -> tuple[AuthenticatorId, ...]:
        active = self.active_of(contact_id)
        for each in active + self.pending_of(contact_id):
            self.invalidate(each.id, now=now)
        return tuple(each.id for each in active)

    def invalidate(self, authenticator_id: AuthenticatorId, *, now: datetime) -> None:
        if row := self._state.authenticators.get(authenticator_id):
            invalidated = replace(row.authenticator, state=AuthenticatorState.INVALIDATED)
            self._state.authenticators[authenticator_id] = replace(row, authenticator=invalidated)

    def re_encrypt(self) -> int:
        return 0

    def key_use(self) -> KeyUse:
        return KeyUse(current=len(self._state.authenticators), older=0, lost=0)

    def _of(self, contact_id: ContactId, state: AuthenticatorState) -> tuple[Authenticator, ...]:
        found = [
            row.authenticator
            for row in self._state.authenticators.values()
            if row.authenticator.contact_id == contact_id and row.authenticator.state is state
        ]
        return tuple(sorted(found, key=lambda each: (each.created_at, each.id)))


class FakeSessions:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, session: Session, *, token_hash: str) -> None:
        self._state.sessions[session.id] = SessionRow(session=session, token_hash=token_hash)

    def get(self, session_id: SessionId) -> Session | None:
        row = self._row(session_id)
        return row.session if row else None

    def by_token_hash(self, token_hash: str) -> Session | None:
        for row in self._state.sessions.values():
            if row.token_hash == token_hash and row.ended_at is None:
                return row.session
        return None

    def advance(
        self,
        session_id: SessionId,
        *,
        stage: SessionStage,
        to: SessionStage,
        token_hash: str,
        expires_at: datetime,
    ) -> bool:
        row = self._row(session_id, stage=stage)
        if row is None:
            return False
        moved = replace(row.session, stage=to, expires_at=expires_at)
        self._state.sessions[session_id] = replace(row, session=moved, token_hash=token_hash)
        return True

    def prolong(self, session_id: SessionId, *, expires_at: datetime) -> bool:
        row = self._row(session_id)
        if row is None or row.session.expires_at >= expires_at:
            return False
        session = replace(row.session, expires_at=expires_at)
        self._state.sessions[session_id] = replace(row, session=session)
        return True

    def set_set_up_code(
        self, session_id: SessionId, *, code_hash: str, expires_at: datetime
    ) -> bool:
        row = self._row(session_id, stage=SessionStage.AWAITING_SET_UP_CODE)
        if row is None:
            return False
        waiting = replace(row.session, set_up_code_expires_at=expires_at)
        self._state.sessions[session_id] = replace(row, session=waiting, set_up_code_hash=code_hash)
        return True

    def spend_set_up_code(self, session_id: SessionId, *, code_hash: str, now: datetime) -> bool:
        row = self._row(session_id, stage=SessionStage.AWAITING_SET_UP_CODE)
        if row is None or row.set_up_code_hash != code_hash:
            return False
        expires_at = row.session.set_up_code_expires_at
        if expires_at is None or expires_at <= now:
            return False
        spent = replace(row.session, stage=SessionStage.SETTING_UP, set_up_code_expires_at=None)
        self._state.sessions[session_id] = replace(row, session=spent, set_up_code_hash=None)
        return True

    def set_authenticator(self, session_id: SessionId, authenticator_id: AuthenticatorId) -> None:
        if row := self._row(session_id):
            session = replace(row.session, authenticator_id=authenticator_id)
            self._state.sessions[session_id] = replace(row, session=session)

    def waiting_of(self, contact_id: ContactId, *, now: datetime) -> tuple[Session, ...]:
        waiting = [
            session
            for session in self._open(contact_id, now=now)
            if session.stage is SessionStage.AWAITING_SET_UP_CODE
        ]
        waiting.sort(key=lambda session: session.id)
        return tuple(sorted(waiting, key=lambda session: session.created_at, reverse=True))

    def forget(self, contact_id: ContactId) -> None:
        for row in list(self._state.sessions.values()):
            if row.session.contact_id == contact_id:
                session = replace(row.session, browser="", address="")
                self._state.sessions[session.id] = replace(row, session=session)

    def end(self, session_id: SessionId, *, now: datetime) -> None:
        if row := self._row(session_id):
            self._state.sessions[session_id] = replace(row, ended_at=now)

    def end_all(self, contact_id: ContactId, *, now: datetime) -> int:
        rows = [row for row in self._state.sessions.values() if row.ended_at is None]
        ended = [row.session for row in rows if row.session.contact_id == contact_id]
        for session in ended:
            self.end(session.id, now=now)
        return sum(session.expires_at > now for session in ended)

    def open_count(self, contact_id: ContactId, *, now: datetime) -> int:
        return len(self._open(contact_id, now=now))

    def _open(self, contact_id: ContactId, *, now: datetime) -> list[Session]:
        contact = self._state.contacts.get(contact_id)
        return [
            row.session
            for row in self._state.sessions.values()
            if contact is not None
            and row.ended_at is None
            and row.session.contact_id == contact_id
            and row.session.expires_at > now
            and row.session.sign_in_epoch >= contact.sign_in_epoch
        ]

    def prune(self, *, expired_before: datetime, limit: int) -> int:
        named = {message.notice.session_id for message in self._state.outbox.values()}
        named |= {hand_over.session_id for hand_over in self._state.hand_overs}
        old = [
            row.session
            for row in self._state.sessions.values()
            if row.session.expires_at < expired_before and row.session.id not in named
        ]
        going = sorted(old, key=lambda session: session.expires_at)[:limit]
        for session in going:
            del self._state.sessions[session.id]
        return len(going)

    def _row(
        self, session_id: SessionId, *, stage: SessionStage | None = None
    ) -> SessionRow | None:
        row = self._state.sessions.get(session_id)
        if row is None or row.ended_at is not None:
            return None
        return row if stage in (None, row.session.stage) else None


class FakeAttempts:
    def __init__(self, state: State) -> None:
        self._state = state

    def record(self, kind: AttemptKind, key: str, *, at: datetime) -> None:
        self._state.attempts.append(AttemptRow(kind, key, at))

    def recent(
        self, kind: AttemptKind, key: str, *, since: datetime, limit: int
    ) -> tuple[datetime, ...]:
        made = [a.at for a in self._state.attempts if (a.kind, a.key) == (kind, key)]
        return tuple(sorted((at for at in made if at > since), reverse=True)[:limit])

    def prune(self, *, before: datetime, limit: int) -> int:
        old = [attempt for attempt in self._state.attempts if attempt.at < before]
        for attempt in (oldest := sorted(old, key=lambda each: each.at)[:limit]):
            self._state.attempts.remove(attempt)
        return len(oldest)
