"""The outbox: messages written in the transaction of their cause, sent after it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, RowMapping

from bot.domain.model import pace as pacing
from bot.domain.model.ids import CaseId, ContactId, MessageId, new_id
from bot.domain.model.notices import Backlog, Channel, Message, Notice, Way
from bot.domain.model.pace import Bookings, Paces
from storage import outbox_statements as sql
from storage.bookings import WAYS, SqlPaces
from storage.encryption import SecretBox
from storage.errors import SecretKeyError

_SLACK_ALONE = frozenset({Channel.SLACK})


class SqlOutbox:
    """`bot.domain.ports.outbox.OutboxRepository` over one connection; never commits.

    Messages without a `once` key are kept until they are looked for or until `flush`, just before
    the commit, and stored in one go, in the order of writing.
    """

    def __init__(
        self, connection: Connection, *, box: SecretBox, channels: frozenset[Channel] = _SLACK_ALONE
    ) -> None:
        self._connection = connection
        self._box = box
        self._paces = SqlPaces(connection)
        self.channels = channels
        self.has_written = False
        self._written: list[dict[str, object]] = []

    def add(self, notice: Notice, *, now: datetime) -> MessageId | None:
        """Write a message that is due at once; `None` where its `once` key is taken."""
        message_id = MessageId(new_id("msg"))
        columns = self._columns(message_id, notice, now=now)
        if notice.once is None:
            self._written.append(columns)
        elif self._execute(sql.ADD_ONCE(self._connection.dialect.name), columns).first() is None:
            return None
        self.has_written = True
        return message_id

    def flush(self) -> None:
        """Store what was written, in one go."""
        if self._written:
            self._connection.execute(sql.ADD, self._written)
            self._written = []

    def due(self, now: datetime, *, limit: int) -> tuple[Message, ...]:
        """Unsent, not given up, and due; the longest due first, then in the order of writing.

        A `response_url` that no key decrypts any longer is left out: that message goes by DM.
        """
        found = self._execute(sql.DUE, {"now": now, "most": limit}).mappings()
        return tuple(_message(row, response_url=self._response_url(row)) for row in found)

    def claim(self, *, now: datetime, until: datetime, holder: str, paces: Paces) -> Message | None:
        """Take the next due message that nobody else has and whose way is open, until then."""
        firsts, bookings = self._outlook()
        open_ways = [
            (way is Way.EMAIL, due_at, number, way)
            for way, due_at, number in firsts
            if due_at <= now >= pacing.opens_at(way, bookings, now=now, paces=paces)
        ]
        if not open_ways:
            return None
        *_, way = min(open_ways)
        if not self._paces.book(way, bookings, now=now, paces=paces):
            return None
        values = {"by_way": way, "now": now, "holder": holder, "until": until}
        row = self._execute(sql.CLAIM, values).mappings().first()
        return None if row is None else _message(row, response_url=self._response_url(row))

    def opens_at(self, *, now: datetime, paces: Paces) -> datetime | None:
        """When the next message can leave by a way that is open then."""
        firsts, bookings = self._outlook()
        times = (
            max(due_at, pacing.opens_at(way, bookings, now=now, paces=paces))
            for way, due_at, _ in firsts
        )
        return min(times, default=None)

    def book(self, way: Way, *, now: datetime, paces: Paces) -> bool:
        """Take up room for one message by that way; false where there is none now."""
        bookings = self._paces.read()
        if pacing.opens_at(way, bookings, now=now, paces=paces) > now:
            return False
        return self._paces.book(way, bookings, now=now, paces=paces)

    def hold(self, way: Way, *, until: datetime, now: datetime, paces: Paces) -> None:
        """Let nothing leave by that way before then, by any process; and then one by one."""
        self._paces.hold(way, until=until, now=now, paces=paces)

    def release(self, message_id: MessageId, *, now: datetime, holder: str) -> None:
        """Give a message back that was claimed and not tried."""
        self._execute(sql.RELEASE, {"message_id": message_id, "now": now, "holder": holder})

    def release_all(self, *, now: datetime) -> None:
        """Make due what an earlier run had claimed."""
        self._execute(sql.RELEASE_ALL, {"now": now})

    def mark_sent(self, message_id: MessageId, *, now: datetime) -> bool:
        """Record the delivery, once, by whoever made it, and forget the `response_url`."""
        values = {"message_id": message_id, "now": now}
        return self._execute(sql.SENT, values).rowcount == 1

    def reschedule(
        self,
        message_id: MessageId,
        *,
        next_attempt_at: datetime,
        error: str,
        holder: str | None,
        in_doubt: bool = False,
    ) -> bool:
        """Count a failed attempt, unless somebody else has the message, and when to try again."""
        values = {
            "message_id": message_id,
            "next_at": next_attempt_at,
            "why": error,
            "holder": holder,
            "doubted": in_doubt,
        }
        return self._execute(sql.RESCHEDULE, values).rowcount == 1

    def forget_response_url(self, message_id: MessageId) -> None:
        """From now on the message goes by DM."""
        self._execute(sql.FORGET_URL, {"message_id": message_id})

    def mark_failed(
        self, message_id: MessageId, *, now: datetime, error: str, holder: str | None
    ) -> bool:
        """Give up, once, unless somebody else has the message; forget the `response_url`."""
        values = {"message_id": message_id, "now": now, "why": error, "holder": holder}
        return self._execute(sql.FAILED, values).rowcount == 1

    def undelivered(self) -> tuple[Message, ...]:
        """Messages that were given up, or that have failed at least once and wait; no URLs."""
        found = self._execute(sql.UNDELIVERED, {}).mappings()
        return tuple(_message(row, response_url=None) for row in found)

    def undelivered_of(self, case_ids: Collection[CaseId]) -> tuple[Message, ...]:
        """Those of them that are about one of the cases."""
        found = self._execute(sql.UNDELIVERED_OF, {"case_ids": list(case_ids)}).mappings()
        return tuple(_message(row, response_url=None) for row in found)

    def count_undelivered(self) -> int:
        """How many they are."""
        return int(self._execute(sql.COUNT_UNDELIVERED, {}).scalar_one())

    def backlog(self) -> Backlog:
        """How many wait to leave, and since when."""
        row = self._execute(sql.BACKLOG, {}).mappings().one()
        return Backlog(pending=row["pending"], oldest_at=row["oldest_at"])

    def prune(self, *, sent_before: datetime, limit: int) -> int:
        """Delete what was sent before, of the `limit` first written; return how many."""
        return self._execute(sql.PRUNE, {"before": sent_before, "most": limit}).rowcount

    def forget(self, contact_id: ContactId) -> None:
        """Erase the facts of every message to or about the contact."""
        self._execute(sql.FORGET, {"of_contact": contact_id, "no_facts": {}})

    def _execute(self, statement: Executable, values: Mapping[str, object]) -> CursorResult[Any]:
        self.flush()
        return self._connection.execute(statement, dict(values))

    def _outlook(self) -> tuple[list[tuple[Way, datetime, int]], dict[Way, Bookings]]:
        """Return of each way the longest due of its messages, and how far it is booked."""
        firsts, bookings = [], {}
        for row in self._execute(sql.OUTLOOK, {}).all():
            name, at, held_until, number = tuple(row)
            if number is not None:
                firsts.append((WAYS[name], at, number))
            elif name in WAYS:
                bookings[WAYS[name]] = Bookings(booked_until=at, held_until=held_until)
        return firsts, bookings

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
        claimed_by=row["claimed_by"],
        in_doubt=row["in_doubt"],
    )
