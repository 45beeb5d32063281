"""Sign-in sessions in the database."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from bot.domain.model.ids import AuthenticatorId, ContactId, SessionId
from bot.domain.model.people import Session, SessionStage
from storage.tables import NOT_ENDED, contacts, hand_overs, outbox
from storage.tables import sessions as rows

_COLUMNS = (
    rows.c.id,
    rows.c.contact_id,
    rows.c.stage,
    rows.c.sign_in_epoch,
    rows.c.browser,
    rows.c.address,
    rows.c.created_at,
    rows.c.expires_at,
    rows.c.authenticator_id,
    rows.c.set_up_code_expires_at,
)
_GET = select(*_COLUMNS).where(rows.c.id == bindparam("session_id"), NOT_ENDED)
_BY_TOKEN = select(*_COLUMNS).where(rows.c.token_hash == bindparam("token_hash"), NOT_ENDED)
_ADD = insert(rows)
_UPDATE = update(rows).where(rows.c.id == bindparam("session_id"), NOT_ENDED)
_ADVANCE = _UPDATE.where(rows.c.stage == bindparam("from_stage")).values(
    stage=bindparam("to_stage"),
    token_hash=bindparam("new_token_hash"),
    expires_at=bindparam("new_expires_at"),
)
_PROLONG = _UPDATE.where(rows.c.expires_at < bindparam("new_expires_at")).values(
    expires_at=bindparam("new_expires_at")
)
_WAITING = _UPDATE.where(rows.c.stage == SessionStage.AWAITING_SET_UP_CODE)
_SET_CODE = _WAITING.values(
    set_up_code_hash=bindparam("code_hash"), set_up_code_expires_at=bindparam("code_expires_at")
)
_SPEND_CODE = _WAITING.where(
    rows.c.set_up_code_hash == bindparam("code_hash"),
    rows.c.set_up_code_expires_at > bindparam("now"),
).values(stage=SessionStage.SETTING_UP, set_up_code_hash=None, set_up_code_expires_at=None)
_WAITING_OF = (
    select(*_COLUMNS)
    .select_from(rows.join(contacts, contacts.c.id == rows.c.contact_id))
    .where(
        rows.c.contact_id == bindparam("contact_id"),
        NOT_ENDED,
        rows.c.stage == SessionStage.AWAITING_SET_UP_CODE,
        rows.c.expires_at > bindparam("now"),
        rows.c.sign_in_epoch >= contacts.c.sign_in_epoch,
    )
    .order_by(rows.c.created_at.desc(), rows.c.id)
)
_FORGET = (
    update(rows).where(rows.c.contact_id == bindparam("of_contact")).values(browser="", address="")
)
_SET_AUTHENTICATOR = _UPDATE.values(authenticator_id=bindparam("new_authenticator_id"))
_END = _UPDATE.values(ended_at=bindparam("now"))
_END_ALL = (
    update(rows)
    .where(rows.c.contact_id == bindparam("of_contact"), NOT_ENDED)
    .values(ended_at=bindparam("now"))
    .returning(rows.c.expires_at)
)
_OPEN_COUNT = (
    select(func.count())
    .select_from(rows.join(contacts, contacts.c.id == rows.c.contact_id))
    .where(
        rows.c.contact_id == bindparam("contact_id"),
        NOT_ENDED,
        rows.c.expires_at > bindparam("now"),
        rows.c.sign_in_epoch >= contacts.c.sign_in_epoch,
    )
)

_PRUNE = delete(rows).where(
    rows.c.id.in_(
        select(rows.c.id)
        .where(
            rows.c.expires_at < bindparam("before"),
            ~exists().where(outbox.c.session_id == rows.c.id),
            ~exists().where(hand_overs.c.session_id == rows.c.id),
        )
        .order_by(rows.c.expires_at)
        .limit(bindparam("most"))
    )
)


class SqlSessions:
    """`bot.domain.ports.sign_in.SessionRepository` over one connection; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: Session, *, token_hash: str) -> None:
        self._connection.execute(
            _ADD,
            {
                "id": session.id,
                "contact_id": session.contact_id,
                "stage": session.stage,
                "sign_in_epoch": session.sign_in_epoch,
                "browser": session.browser,
                "address": session.address,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
                "token_hash": token_hash,
                "authenticator_id": session.authenticator_id,
                "set_up_code_expires_at": session.set_up_code_expires_at,
            },
        )

    def get(self, session_id: SessionId) -> Session | None:
        """Return a session that has not been ended; its lifetime and epoch are the caller's."""
        row = self._connection.execute(_GET, {"session_id": session_id}).one_or_none()
        return None if row is None else Session(**row._asdict())

    def by_token_hash(self, token_hash: str) -> Session | None:
        row = self._connection.execute(_BY_TOKEN, {"token_hash": token_hash}).one_or_none()
        return None if row is None else Session(**row._asdict())

    def advance(
        self,
        session_id: SessionId,
        *,
        stage: SessionStage,
        to: SessionStage,
        token_hash: str,
        expires_at: datetime,
    ) -> bool:
        """Move from `stage` to `to` under a new token, once."""
        values = {
            "session_id": session_id,
            "from_stage": stage,
            "to_stage": to,
            "new_token_hash": token_hash,
            "new_expires_at": expires_at,
        }
        return self._connection.execute(_ADVANCE, values).rowcount == 1

    def prolong(self, session_id: SessionId, *, expires_at: datetime) -> bool:
        """Let a session that was to expire sooner live until then."""
        values = {"session_id": session_id, "new_expires_at": expires_at}
        return self._connection.execute(_PROLONG, values).rowcount == 1

    def set_set_up_code(
        self, session_id: SessionId, *, code_hash: str, expires_at: datetime
    ) -> bool:
        """Give a waiting session its set-up code, in place of any before."""
        values = {"session_id": session_id, "code_hash": code_hash, "code_expires_at": expires_at}
        return self._connection.execute(_SET_CODE, values).rowcount == 1

    def spend_set_up_code(self, session_id: SessionId, *, code_hash: str, now: datetime) -> bool:
        """Take the session's unexpired code, once, and move it to `SETTING_UP`."""
        values = {"session_id": session_id, "code_hash": code_hash, "now": now}
        return self._connection.execute(_SPEND_CODE, values).rowcount == 1

    def set_authenticator(self, session_id: SessionId, authenticator_id: AuthenticatorId) -> None:
        values = {"session_id": session_id, "new_authenticator_id": authenticator_id}
        self._connection.execute(_SET_AUTHENTICATOR, values)

    def waiting_of(self, contact_id: ContactId, *, now: datetime) -> tuple[Session, ...]:
        """Sign-ins of the contact that wait for a set-up code, the newest first."""
        found = self._connection.execute(_WAITING_OF, {"contact_id": contact_id, "now": now})
        return tuple(Session(**row._asdict()) for row in found)

    def forget(self, contact_id: ContactId) -> None:
        """Erase from where the contact signed in."""
        self._connection.execute(_FORGET, {"of_contact": contact_id})

    def end(self, session_id: SessionId, *, now: datetime) -> None:
        self._connection.execute(_END, {"session_id": session_id, "now": now})

    def end_all(self, contact_id: ContactId, *, now: datetime) -> int:
        """End every session of the contact; return how many had neither ended nor expired."""
        ended = self._connection.scalars(_END_ALL, {"of_contact": contact_id, "now": now})
        return sum(expires_at > now for expires_at in ended)

    def open_count(self, contact_id: ContactId, *, now: datetime) -> int:
        """How many sessions are neither ended, nor expired, nor of an older epoch."""
        count: int = self._connection.execute(
            _OPEN_COUNT, {"contact_id": contact_id, "now": now}
        ).scalar_one()
        return count

    def prune(self, *, expired_before: datetime, limit: int) -> int:
        """Delete sessions that expired before then, `limit` at most; return how many."""
        values = {"before": expired_before, "most": limit}
        return self._connection.execute(_PRUNE, values).rowcount
