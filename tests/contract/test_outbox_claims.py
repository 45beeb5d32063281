"""Whose a message is while it is being sent: one process's, for a while."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from bot.domain.model.ids import MessageId
from bot.domain.model.notices import Backlog, Channel, Message, Notice, NoticeKind, Way
from bot.domain.model.pace import Pace, Paces
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.bookings import SqlPaces
from storage.database import Database
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
UNTIL = NOON + 45 * SECOND
OURS, THEIRS = "run_ours", "run_theirs"
URL = "https://hooks.slack.example/commands/T01/secret"
POST = Notice(kind=NoticeKind.REPLY, slack_address="U01BOB", facts={"text": "No."})
TO_CHANNEL = replace(POST, slack_address="C01AUDIT")
TO_NAMED_CHANNEL = replace(POST, slack_address="#audit")
ANSWER = replace(POST, response_url=URL)
CHANGE = replace(POST, kind=NoticeKind.REQUEST_CHANGED, slack_address="C01HELP")
EMAIL = replace(POST, channel=Channel.EMAIL)
SLOW = Pace(every=10 * SECOND, burst=1)
WAIT = 20.0


def write(store: Database, *notices: Notice) -> list[MessageId]:
    with store.unit_of_work() as uow:
        ids = [uow.outbox.add(notice, now=NOON) for notice in notices]
        uow.commit()
    return [message_id for message_id in ids if message_id]


def claim(
    store: Database,
    *,
    now: datetime = NOON,
    until: datetime = UNTIL,
    holder: str = OURS,
    paces: Paces | None = None,
) -> Message | None:
    with store.unit_of_work() as uow:
        message = uow.outbox.claim(now=now, until=until, holder=holder, paces=paces or {})
        if message is not None:
            uow.commit()
    return message


def claimed(store: Database, *, now: datetime = NOON) -> Message:
    message = claim(store, now=now)
    assert message
    return message


def opens_at(store: Database, paces: Paces | None = None, now: datetime = NOON) -> datetime | None:
    with store.unit_of_work() as uow:
        return uow.outbox.opens_at(now=now, paces=paces or {})


def do(store: Database, act: Callable[[UnitOfWork], object]) -> object:
    with store.unit_of_work() as uow:
        done = act(uow)
        uow.commit()
    return done


class TestClaim:
    def test_is_whole_and_nobody_elses_until_it_runs_out(self, store: Database) -> None:
        (message_id,) = write(store, ANSWER)
        assert claim(store) == Message(
            id=message_id,
            notice=ANSWER,
            created_at=NOON,
            next_attempt_at=UNTIL,
            attempts=0,
            sent_at=None,
            failed_at=None,
            error=None,
            claimed_by=OURS,
        )
        assert claim(store, holder=THEIRS) is None
        assert claim(store) is None  # not ours a second time either
        assert opens_at(store) == UNTIL

    def test_takes_the_longest_due_first_and_what_is_due_later_not_at_all(
        self, store: Database
    ) -> None:
        first, second, third = write(store, POST, ANSWER, POST)
        later = NOON + SECOND
        do(
            store,
            lambda uow: uow.outbox.reschedule(
                first, next_attempt_at=later, error="timeout", holder=None
            ),
        )
        assert [claimed(store).id, claimed(store).id] == [second, third]
        assert claim(store) is None
        assert claimed(store, now=later).id == first

    def test_takes_e_mails_last(self, store: Database) -> None:
        mail, post = write(store, EMAIL, POST)
        assert [claimed(store).id, claimed(store).id] == [post, mail]

    def test_that_was_not_committed_is_none(self, store: Database) -> None:
        (message_id,) = write(store, POST)
        with store.unit_of_work() as uow:
            assert uow.outbox.claim(now=NOON, until=UNTIL, holder=OURS, paces={Way.POST: SLOW})
        assert claimed(store).id == message_id
        assert opens_at(store, {Way.POST: SLOW}) == UNTIL  # nor is its way booked

    def test_that_ran_out_leaves_the_message_in_doubt_for_good(self, store: Database) -> None:
        write(store, POST)
        assert not claimed(store).in_doubt
        again = claim(store, now=UNTIL, until=UNTIL + SECOND, holder=THEIRS)
        assert again
        assert (again.in_doubt, again.claimed_by) == (True, THEIRS)
        at = UNTIL + SECOND
        do(
            store,
            lambda uow: uow.outbox.reschedule(
                again.id, next_attempt_at=at, error="timeout", holder=THEIRS
            ),
        )
        assert claimed(store, now=at).in_doubt

    def test_of_an_attempt_that_failed_leaves_no_doubt(self, store: Database) -> None:
        (message_id,) = write(store, POST)
        claimed(store)
        do(
            store,
            lambda uow: uow.outbox.reschedule(
                message_id, next_attempt_at=NOON, error="timeout", holder=OURS
            ),
        )
        again = claimed(store)
        assert (again.in_doubt, again.attempts) == (False, 1)

    def test_of_an_attempt_without_an_answer_leaves_the_message_in_doubt(
        self, store: Database
    ) -> None:
        (message_id,) = write(store, POST)

        def fail(uow: UnitOfWork, *, in_doubt: bool) -> bool:
            return uow.outbox.reschedule(
                message_id,
                next_attempt_at=NOON,
                error="TimeoutError",
                holder=OURS,
                in_doubt=in_doubt,
            )

        for in_doubt in (True, False):
            claimed(store)
            do(store, partial(fail, in_doubt=in_doubt))
        assert claimed(store).in_doubt

    def test_that_is_given_back_leaves_no_doubt_and_no_attempt(self, store: Database) -> None:
        (message_id,) = write(store, ANSWER)
        claimed(store)
        do(store, lambda uow: uow.outbox.release(message_id, now=NOON, holder=THEIRS))
        assert claim(store) is None
        do(store, lambda uow: uow.outbox.release(message_id, now=NOON, holder=OURS))
        again = claimed(store)
        assert (again.in_doubt, again.attempts) == (False, 0)

    def test_of_an_earlier_run_is_released_and_in_doubt(self, store: Database) -> None:
        first, second = write(store, POST, POST)
        claimed(store)
        do(store, lambda uow: uow.outbox.release_all(now=NOON))
        assert [(m.id, m.in_doubt) for m in (claimed(store), claimed(store))] == [
            (first, True),
            (second, False),
        ]


class TestOutcome:
    def test_of_a_sender_that_was_stalled_undoes_nothing(self, store: Database) -> None:
        (message_id,) = write(store, POST)
        claimed(store)
        assert claim(store, now=UNTIL, until=UNTIL + SECOND, holder=THEIRS)
        at = UNTIL + 9 * SECOND

        def stalled(uow: UnitOfWork) -> tuple[bool, bool]:
            outbox = uow.outbox
            return (
                outbox.reschedule(message_id, next_attempt_at=at, error="late", holder=OURS),
                outbox.mark_failed(message_id, now=at, error="late", holder=OURS),
            )

        assert do(store, stalled) == (False, False)
        again = claimed(store, now=UNTIL + SECOND)
        assert (again.attempts, again.error) == (0, None)

    def test_a_delivery_counts_whoever_made_it_and_once(self, store: Database) -> None:
        (message_id,) = write(store, POST)
        claimed(store)
        assert claim(store, now=UNTIL, until=UNTIL + SECOND, holder=THEIRS)
        assert do(store, lambda uow: uow.outbox.mark_sent(message_id, now=UNTIL)) is True
        assert do(store, lambda uow: uow.outbox.mark_sent(message_id, now=UNTIL)) is False
        assert claim(store, now=UNTIL + SECOND) is None
        assert opens_at(store) is None

    def test_nobody_gives_up_what_somebody_sends(self, store: Database) -> None:
        (message_id,) = write(store, POST)
        claimed(store)
        assert not do(
            store, lambda uow: uow.outbox.mark_failed(message_id, now=NOON, error="no", holder=None)
        )
        assert do(
            store,
            lambda uow: uow.outbox.mark_failed(message_id, now=NOON, error="no", holder=OURS),
        )
        assert claim(store, now=UNTIL) is None


WAYS = {
    Way.POST: POST,
    Way.CHANNEL: TO_CHANNEL,
    Way.CHANGE: CHANGE,
    Way.ANSWER: ANSWER,
    Way.EMAIL: EMAIL,
}


class TestPace:
    @pytest.mark.parametrize("way", list(Way))
    def test_of_each_way_is_its_own(self, store: Database, way: Way) -> None:
        paces = {way: SLOW}
        first, second = write(store, WAYS[way], WAYS[way])
        others = write(store, *[notice for name, notice in WAYS.items() if way not in name.booked])
        assert WAYS[way].way is way
        messages = [claim(store, paces=paces) for _ in range(len(others) + 1)]
        assert {m.id for m in messages if m} == {first, *others}
        assert claim(store, paces=paces) is None
        assert opens_at(store, paces) == NOON + SLOW.every
        at = NOON + SLOW.every
        then = claim(store, now=at, paces=paces)
        assert then
        assert then.id == second

    def test_of_posts_is_kept_to_in_channels_too(self, store: Database) -> None:
        write(store, TO_CHANNEL, POST)
        paces = {Way.POST: SLOW}
        assert claim(store, paces=paces)
        assert claim(store, paces=paces) is None

    @pytest.mark.parametrize("to_channel", [TO_CHANNEL, TO_NAMED_CHANNEL], ids=["id", "name"])
    def test_of_channels_holds_up_no_direct_message(
        self, store: Database, to_channel: Notice
    ) -> None:
        _, waits, direct = write(store, to_channel, to_channel, POST)
        paces = {Way.POST: Pace(every=SECOND, burst=9), Way.CHANNEL: SLOW}
        taken = [claim(store, paces=paces) for _ in range(3)]
        assert [m.id if m else None for m in taken][1:] == [direct, None]
        assert opens_at(store, paces) == NOON + SLOW.every
        then = claim(store, now=NOON + SLOW.every, paces=paces)
        assert then
        assert then.id == waits

    def test_a_way_that_is_held_back_opens_for_one_at_a_time(self, store: Database) -> None:
        paces = {Way.POST: Pace(every=SECOND, burst=9)}
        first, second, _ = write(store, POST, POST, EMAIL)
        until = NOON + 30 * SECOND
        do(store, lambda uow: uow.outbox.hold(Way.POST, until=until, now=NOON, paces=paces))
        assert claimed(store).notice.way is Way.EMAIL
        assert claim(store, now=until - SECOND, paces=paces) is None
        assert opens_at(store, paces, now=NOON) == until
        late = until + 90 * SECOND
        for now, expected in ((until, first), (until + SECOND, second)):
            message = claim(store, now=now, until=late, paces=paces)
            assert message
            assert message.id == expected
            assert claim(store, now=now, until=late, paces=paces) is None

    def test_a_way_that_has_no_pace_is_held_back_too(self, store: Database) -> None:
        write(store, EMAIL)
        for until in (NOON + SECOND, NOON + 2 * SECOND):
            do(store, partial_hold(until))
        assert claim(store, now=NOON + SECOND) is None
        assert claimed(store, now=NOON + 2 * SECOND)

    def test_room_is_taken_up_only_where_there_is_some(self, store: Database) -> None:
        paces = {Way.POST: SLOW}
        booked = [
            do(store, lambda uow: uow.outbox.book(Way.POST, now=NOON, paces=paces))
            for _ in range(2)
        ]
        assert booked == [True, False]


def partial_hold(until: datetime) -> Callable[[UnitOfWork], object]:
    return lambda uow: uow.outbox.hold(Way.EMAIL, until=until, now=NOON, paces={})


def test_what_waits_is_counted_and_its_age_known(uow: UnitOfWork) -> None:
    assert uow.outbox.backlog() == Backlog(pending=0, oldest_at=None)
    ids = [uow.outbox.add(POST, now=NOON + number * SECOND) for number in range(3)]
    assert uow.outbox.backlog() == Backlog(pending=3, oldest_at=NOON)
    assert ids[0]
    assert ids[1]
    uow.outbox.mark_sent(ids[0], now=NOON)
    uow.outbox.mark_failed(ids[1], now=NOON, error="never", holder=None)
    assert uow.outbox.backlog() == Backlog(pending=1, oldest_at=NOON + 2 * SECOND)


def together(store: Database, count: int, paces: Paces) -> list[Message | None]:
    """Return what that many processes got that claim at the same moment."""
    barrier = Barrier(count)

    def one(number: int) -> Message | None:
        barrier.wait(WAIT)
        return claim(store, holder=f"run_{number}", paces=paces)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(one, range(count)))


def test_who_claims_at_once_gets_messages_of_their_own(store: Database) -> None:
    ids = write(store, *[POST] * 4)
    got = [message.id for message in together(store, 4, {}) if message]
    assert len(got) == len(set(got))
    assert set(got) <= set(ids)


def test_who_claims_at_once_shares_one_pace(store: Database) -> None:
    write(store, *[POST] * 4)
    got = [message for message in together(store, 4, {Way.POST: SLOW}) if message]
    assert len(got) == 1


def test_two_units_that_are_open_at_once_take_different_messages(store: Database) -> None:
    """As on a server; where only one unit is open at a time, one comes after the other."""
    first, second = write(store, POST, POST)
    at_once = isinstance(store, Database) and not store.has_one_process
    if not at_once:
        assert [claimed(store).id, claimed(store).id] == [first, second]
        return
    with store.unit_of_work() as ours, ThreadPoolExecutor(1) as elsewhere:
        mine = ours.outbox.claim(now=NOON, until=UNTIL, holder=OURS, paces={})
        other, none = (elsewhere.submit(claim, store, holder=THEIRS).result() for _ in range(2))
        ours.commit()
    assert mine
    assert other
    assert (mine.id, other.id, none) == (first, second, None)


def test_of_two_who_saw_the_same_room_one_takes_it(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival commits after we looked, and before we book."""
    paces = {Way.POST: SLOW}
    write(store, POST, POST)
    if not isinstance(store, Database) or store.has_one_process:
        assert [claim(store, paces=paces) is None for _ in range(2)] == [False, True]
        return
    book, rivals = SqlPaces.book, list[Message | None]()

    def book_second(self: SqlPaces, *args: Any, **named: Any) -> bool:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as elsewhere:
            rivals.append(elsewhere.submit(claim, store, holder=THEIRS, paces=paces).result())
        return book(self, *args, **named)

    do(store, lambda uow: uow.outbox.book(Way.POST, now=NOON - SLOW.every, paces=paces))
    monkeypatch.setattr(SqlPaces, "book", book_second)
    assert claim(store, paces=paces) is None
    assert [rival is None for rival in rivals] == [False]
