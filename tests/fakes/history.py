"""The outbox and the audit chain in memory."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from bot.domain.model import pace as pacing
from bot.domain.model.audit import GENESIS_HASH, AuditEvent, AuditRecord, seal
from bot.domain.model.ids import AccountId, CaseId, ContactId, MessageId, new_id
from bot.domain.model.notices import Backlog, Channel, Message, Notice, NoticeKind, Way
from bot.domain.model.pace import Bookings, Paces
from tests.fakes.state import State


class FakeOutbox:
    def __init__(self, state: State, *, channels: frozenset[Channel]) -> None:
        self._state = state
        self.channels = channels
        self.has_written = False

    def add(self, notice: Notice, *, now: datetime) -> MessageId | None:
        once = notice.once
        if once is not None and once in {m.notice.once for m in self._state.outbox.values()}:
            return None
        message = Message(
            id=MessageId(new_id("msg")),
            notice=notice,
            created_at=now,
            next_attempt_at=now,
            attempts=0,
            sent_at=None,
            failed_at=None,
            error=None,
        )
        self._state.outbox[message.id] = message
        self.has_written = True
        return message.id

    def due(self, now: datetime, *, limit: int) -> tuple[Message, ...]:
        due = [message for message in self._unsent() if message.next_attempt_at <= now]
        return tuple(sorted(due, key=lambda message: message.next_attempt_at))[:limit]

    def claim(self, *, now: datetime, until: datetime, holder: str, paces: Paces) -> Message | None:
        due = [m for m in self.due(now, limit=1_000_000) if self._opens_at(m, now, paces) <= now]
        if not due:
            return None
        message = min(due, key=lambda m: (m.notice.way is Way.EMAIL, m.next_attempt_at))
        self._state.bookings.update(
            pacing.book(message.notice.way, self._state.bookings, now=now, paces=paces)
        )
        claimed = replace(
            message,
            claimed_by=holder,
            next_attempt_at=until,
            in_doubt=message.in_doubt or message.claimed_by is not None,
        )
        self._state.outbox[message.id] = claimed
        return claimed

    def opens_at(self, *, now: datetime, paces: Paces) -> datetime | None:
        times = [max(m.next_attempt_at, self._opens_at(m, now, paces)) for m in self._unsent()]
        return min(times, default=None)

    def book(self, way: Way, *, now: datetime, paces: Paces) -> bool:
        bookings = self._state.bookings
        if pacing.opens_at(way, bookings, now=now, paces=paces) > now:
            return False
        bookings.update(pacing.book(way, bookings, now=now, paces=paces))
        return True

    def hold(self, way: Way, *, until: datetime, now: datetime, paces: Paces) -> None:
        booked = self._state.bookings.get(way, Bookings(booked_until=now))
        held = booked.hold(pacing.pace_of(way, paces), until=until, now=now)
        self._state.bookings[way] = held

    def release(self, message_id: MessageId, *, now: datetime, holder: str) -> None:
        self._change(
            message_id, lambda m: replace(m, claimed_by=None, next_attempt_at=now), holder=holder
        )

    def release_all(self, *, now: datetime) -> None:
        for message in list(self._unsent()):
            if message.claimed_by is not None:
                self._state.outbox[message.id] = replace(message, next_attempt_at=now)

    def mark_sent(self, message_id: MessageId, *, now: datetime) -> bool:
        message = self._state.outbox.get(message_id)
        return self._change(
            message_id,
            lambda m: replace(m, sent_at=now, notice=_without_url(m.notice), claimed_by=None),
            holder=message.claimed_by if message else None,
        )

    def reschedule(
        self,
        message_id: MessageId,
        *,
        next_attempt_at: datetime,
        error: str,
        holder: str | None,
        in_doubt: bool = False,
    ) -> bool:
        def later(message: Message) -> Message:
            return replace(
                message,
                attempts=message.attempts + 1,
                next_attempt_at=next_attempt_at,
                error=error,
                claimed_by=None,
                in_doubt=message.in_doubt or in_doubt,
            )

        return self._change(message_id, later, holder=holder)

    def forget_response_url(self, message_id: MessageId) -> None:
        message = self._state.outbox[message_id]
        self._state.outbox[message_id] = replace(message, notice=_without_url(message.notice))

    def mark_failed(
        self, message_id: MessageId, *, now: datetime, error: str, holder: str | None
    ) -> bool:
        def given_up(message: Message) -> Message:
            return replace(
                message,
                attempts=message.attempts + 1,
                failed_at=now,
                error=error,
                notice=_without_url(message.notice),
                claimed_by=None,
            )

        return self._change(message_id, given_up, holder=holder)

    def backlog(self) -> Backlog:
        written = [message.created_at for message in self._unsent()]
        return Backlog(pending=len(written), oldest_at=min(written, default=None))

    def undelivered(self) -> tuple[Message, ...]:
        return tuple(
            replace(m, notice=_without_url(m.notice))
            for m in self._state.outbox.values()
            if m.failed_at is not None or (m.sent_at is None and m.attempts > 0)
        )

    def undelivered_of(self, case_ids: Collection[CaseId]) -> tuple[Message, ...]:
        return tuple(each for each in self.undelivered() if each.notice.case_id in case_ids)

    def count_undelivered(self) -> int:
        return len(self.undelivered())

    def prune(self, *, sent_before: datetime, limit: int) -> int:
        sent = [message for message in self._state.outbox.values() if message.sent_at is not None]
        old = [m.id for m in sent[:limit] if m.sent_at is not None and m.sent_at < sent_before]
        for message_id in old:
            del self._state.outbox[message_id]
        return len(old)

    def forget(self, contact_id: ContactId) -> None:
        for message in self._state.outbox.values():
            people = (message.notice.contact_id, message.notice.subject_id)
            has_left = message.sent_at is not None or message.failed_at is not None
            if contact_id in people or (has_left and message.notice.kind is NoticeKind.REPLY):
                forgotten = replace(message, notice=replace(message.notice, facts={}))
                self._state.outbox[message.id] = forgotten

    def _unsent(self) -> Iterator[Message]:
        for message in self._state.outbox.values():
            if message.sent_at is None and message.failed_at is None:
                yield message

    def _opens_at(self, message: Message, now: datetime, paces: Paces) -> datetime:
        return pacing.opens_at(message.notice.way, self._state.bookings, now=now, paces=paces)

    def _change(
        self, message_id: MessageId, change: Callable[[Message], Message], *, holder: str | None
    ) -> bool:
        message = self._state.outbox.get(message_id)
        if message is None or message.sent_at is not None or message.failed_at is not None:
            return False
        if message.claimed_by != holder:
            return False
        self._state.outbox[message_id] = change(message)
        return True


class FakeAuditLog:
    def __init__(self, state: State) -> None:
        self._state = state

    def record(self, event: AuditEvent) -> None:
        previous_hash, number = self.head()
        record = seal(event, number=number + 1, previous_hash=previous_hash, salt="5a17")
        self._state.audit.append(record)

    def record_all(self, events: Iterable[AuditEvent]) -> Iterator[int]:
        for done, event in enumerate(events, start=1):
            self.record(event)
            yield done

    def head(self) -> tuple[str, int]:
        if not self._state.audit:
            return GENESIS_HASH, 0
        return self._state.audit[-1].hash, self._state.audit[-1].number

    def records(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        account: AccountId | None = None,
        case: CaseId | None = None,
    ) -> Iterator[AuditRecord]:
        for record in self._state.audit:
            if (
                (since is None or record.at >= since)
                and (until is None or record.at < until)
                and (account is None or record.account == account)
                and (case is None or record.case == case)
            ):
                yield record

    def erase_details(self, contact_id: ContactId) -> int:
        erased = 0
        for place, record in enumerate(self._state.audit):
            if contact_id in (record.actor, record.subscriber) and record.details is not None:
                self._state.audit[place] = replace(record, salt=None, details=None)
                erased += 1
        return erased

    def erase_mentions(self, value: str) -> int:
        erased = 0
        for place, record in enumerate(self._state.audit):
            if value.lower() in (given.lower() for given in (record.details or {}).values()):
                self._state.audit[place] = replace(record, salt=None, details=None)
                erased += 1
        return erased


def _without_url(notice: Notice) -> Notice:
    return replace(notice, response_url=None)
