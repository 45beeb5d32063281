"""The outbox: messages written in the transaction of their cause, sent after it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    CursorResult,
    Executable,
    RowMapping,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.domain.ids import ContactId, MessageId, new_id
from bot.domain.notices import Channel, Message, Notice, NoticeKind
from storage.encryption import SecretBox
from storage.errors import SecretKeyError
from storage.statements import insert_unless_taken
from storage.tables import UNSENT
from storage.tables import outbox as rows

_SLACK_ALONE = frozenset({Channel.SLACK})

_ADD = insert(rows)
_ADD_ONCE = insert_unless_taken(rows, rows.c.once)
_DUE = (
    select(rows)
    .where(UNSENT, rows.c.next_attempt_at <= bindparam("now"))
    .order_by(rows.c.next_attempt_at, rows.c.number)
    .limit(bindparam("most"))
)
_NEXT_DUE_AT = select(func.min(rows.c.next_attempt_at)).where(UNSENT)
_UNSENT = update(rows).where(rows.c.id == bindparam("message_id"), UNSENT)
_SENT = _UNSENT.values(sent_at=bindparam("now"), encrypted_response_url=None)
_RESCHEDULE = _UNSENT.values(
    attempts=rows.c.attempts + 1,
    next_attempt_at=bindparam("next_at"),
    error=bindparam("why"),
)
_FAILED = _UNSENT.values(
    attempts=rows.c.attempts + 1,
    failed_at=bindparam("now"),
    error=bindparam("why"),
    encrypted_response_url=None,
)
_FORGET_URL = (
    update(rows).where(rows.c.id == bindparam("message_id")).values(encrypted_response_url=None)
)
_FORGET = (
    update(rows)
    .where(
        or_(
            rows.c.contact_id == bindparam("of_contact"),
            rows.c.subject_id == bindparam("of_contact"),
            (rows.c.kind == NoticeKind.REPLY)
            & (rows.c.sent_at.is_not(None) | rows.c.failed_at.is_not(None)),
        )
    )
    .values(facts=bindparam("no_facts", type_=rows.c.facts.type))
)
_UNDELIVERED = (
    select(rows)
    .where(or_(rows.c.failed_at.is_not(None), UNSENT & (rows.c.attempts > 0)))
    .order_by(rows.c.number)
)


class SqlOutbox:
    """`bot.domain.case_stores.OutboxRepository` over one connection; never commits.

    Messages without a `once` key are kept until they are looked for or until `flush`, just before
    the commit, and stored in one go, in the order of writing.
    """

    def __init__(
        self, connection: Connection, *, box: SecretBox, channels: frozenset[Channel] = _SLACK_ALONE
    ) -> None:
        self._connection = connection
        self._box = box
        self.channels = channels
        self.has_written = False
        self._written: list[dict[str, object]] = []

    def add(self, notice: Notice, *, now: datetime) -> MessageId | None:
        """Write a message that is due at once; `None` where its `once` key is taken."""
        message_id = MessageId(new_id("msg"))
        columns = self._columns(message_id, notice, now=now)
        if notice.once is None:
            self._written.append(columns)
        elif self._execute(_ADD_ONCE(self._connection.dialect.name), columns).first() is None:
            return None
        self.has_written = True
        return message_id

    def flush(self) -> None:
        """Store what was written, in one go."""
        if self._written:
            self._connection.execute(_ADD, self._written)
            self._written = []

    def due(self, now: datetime, *, limit: int) -> tuple[Message, ...]:
        """Unsent, not given up, and due; the longest due first, then in the order of writing.

        A `response_url` that no key decrypts any longer is left out: that message goes by DM.
        """
        found = self._execute(_DUE, {"now": now, "most": limit}).mappings()
        return tuple(_message(row, response_url=self._response_url(row)) for row in found)

    def next_due_at(self) -> datetime | None:
        """When the next of the unsent messages is due."""
        due_at: datetime | None = self._execute(_NEXT_DUE_AT, {}).scalar()
        return due_at

    def mark_sent(self, message_id: MessageId, *, now: datetime) -> bool:
        """Record the delivery, once, and forget the message's `response_url`."""
        values = {"message_id": message_id, "now": now}
        return self._execute(_SENT, values).rowcount == 1

    def reschedule(self, message_id: MessageId, *, next_attempt_at: datetime, error: str) -> None:
        """Count a failed attempt of an unsent message, and when to try again."""
        values = {"message_id": message_id, "next_at": next_attempt_at, "why": error}
        self._execute(_RESCHEDULE, values)

    def forget_response_url(self, message_id: MessageId) -> None:
        """From now on the message goes by DM."""
        self._execute(_FORGET_URL, {"message_id": message_id})

    def mark_failed(self, message_id: MessageId, *, now: datetime, error: str) -> bool:
        """Give up, once, and forget the message's `response_url`."""
        values = {"message_id": message_id, "now": now, "why": error}
        return self._execute(_FAILED, values).rowcount == 1

    def undelivered(self) -> tuple[Message, ...]:
        """Messages that were given up, or that have failed at least once and wait; no URLs."""
        found = self._execute(_UNDELIVERED, {}).mappings()
        return tuple(_message(row, response_url=None) for row in found)

    def forget(self, contact_id: ContactId) -> None:
        """Erase the facts of every message to or about the contact."""
        self._execute(_FORGET, {"of_contact": contact_id, "no_facts": {}})

    def _execute(self, statement: Executable, values: Mapping[str, object]) -> CursorResult[Any]:
        self.flush()
        return self._connection.execute(statement, dict(values))

    def _columns(self, message_id: str, notice: Notice, *, now: datetime) -> dict[str, object]:
        url = notice.response_url
        return {
            "id": message_id,
            "kind": notice.kind,
            "channel": notice.channel,
            "contact_id": notice.contact_id,
            "slack_address": notice.slack_address,
            "case_id": notice.case_id,
            "session_id": notice.session_id,
            "subject_id": notice.subject_id,
            "facts": dict(notice.facts),
            "encrypted_response_url": self._box.encrypt(url, row_id=message_id) if url else None,
            "replace_original": notice.replace_original,
            "once": notice.once,
            "created_at": now,
            "next_attempt_at": now,
            "attempts": 0,
        }

    def _response_url(self, row: RowMapping) -> str | None:
        if row["encrypted_response_url"] is None:
            return None
        try:
            return self._box.decrypt(row["encrypted_response_url"], row_id=row["id"])
        except SecretKeyError:
            return None


def _message(row: RowMapping, *, response_url: str | None) -> Message:
    notice = Notice(
        kind=row["kind"],
        contact_id=row["contact_id"],
        slack_address=row["slack_address"],
        case_id=row["case_id"],
        session_id=row["session_id"],
        subject_id=row["subject_id"],
        facts=row["facts"],
        response_url=response_url,
        replace_original=row["replace_original"],
        channel=row["channel"],
        once=row["once"],
    )
    return Message(
        id=MessageId(row["id"]),
        notice=notice,
        created_at=row["created_at"],
        next_attempt_at=row["next_attempt_at"],
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        failed_at=row["failed_at"],
        error=row["error"],
    )
