"""How fast messages may leave by one way: the arithmetic alone."""

from datetime import timedelta

import pytest

from bot.domain.model.notices import Channel, Notice, NoticeKind, Way
from bot.domain.model.pace import LONGEST_HOLD, SKEW, Bookings, Pace, Paces, book, opens_at, pace_of
from tests.fakes import NOON

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
PACE = Pace(every=SECOND, burst=3)
PACES: Paces = {Way.POST: PACE, Way.CHANNEL: Pace(every=10 * SECOND, burst=1)}


def leaves_at(bookings: Bookings, count: int) -> list[float]:
    """Return after how many seconds each of the next messages leaves, each as soon as it may."""
    now, times = NOON, []
    for _ in range(count):
        now = bookings.opens_at(PACE, now=now)
        bookings = bookings.book(PACE, now=now)
        times.append((now - NOON).total_seconds())
    return times


UNUSED = Bookings(booked_until=NOON)
HELD = UNUSED.hold(PACE, until=NOON + 30 * SECOND, now=NOON)


@pytest.mark.parametrize(
    ("bookings", "times"),
    [
        # After a rest a burst leaves at once, and the others one by one.
        (Bookings(booked_until=NOON - HOUR), [0, 0, 0, 1, 2, 3]),
        # A way that is booked ahead opens when its burst has room.
        (Bookings(booked_until=NOON + 5 * SECOND), [3, 4, 5]),
        # After a hold there is no burst, and a shorter one takes nothing from it.
        (HELD, [30, 31, 32]),
        (HELD.hold(PACE, until=NOON + SECOND, now=NOON), [30, 31, 32]),
        # No hold is longer than an hour.
        (UNUSED.hold(PACE, until=NOON + 9 * HOUR, now=NOON), [LONGEST_HOLD.total_seconds()]),
        # What was booked or held before the clock was set back holds up nothing.
        (Bookings(booked_until=NOON + HOUR), [0, 1, 2]),
        (UNUSED.hold(PACE, until=NOON + 2 * HOUR, now=NOON + HOUR), [0]),
    ],
)
def test_each_leaves_as_soon_as_it_may(bookings: Bookings, times: list[float]) -> None:
    assert leaves_at(bookings, len(times)) == times


def test_in_no_span_more_leave_than_the_burst_and_what_the_pace_allows() -> None:
    times = leaves_at(UNUSED, 200)
    assert all(times[i + 60 + PACE.burst] - times[i] > 60 for i in range(200 - 60 - PACE.burst))


@pytest.mark.parametrize("behind", [SECOND, SKEW])
def test_clocks_that_differ_a_little_keep_to_one_pace(behind: timedelta) -> None:
    """A process whose clock is behind waits for what one ahead of it has booked."""
    booked = UNUSED
    for _ in range(PACE.burst):
        booked = booked.book(PACE, now=NOON)
    assert booked.opens_at(PACE, now=NOON - behind) == NOON + SECOND


def test_a_way_that_was_never_used_is_open() -> None:
    assert opens_at(Way.POST, {}, now=NOON, paces=PACES) == NOON
    assert book(Way.POST, {}, now=NOON, paces=PACES) == {
        Way.POST: Bookings(booked_until=NOON + SECOND)
    }


def test_a_post_to_a_channel_takes_up_room_of_both() -> None:
    booked = book(Way.CHANNEL, {}, now=NOON, paces=PACES)
    assert list(booked) == [Way.POST, Way.CHANNEL]
    assert opens_at(Way.CHANNEL, booked, now=NOON, paces=PACES) == NOON + 10 * SECOND
    assert opens_at(Way.POST, booked, now=NOON, paces=PACES) == NOON


def test_a_way_without_a_pace_is_never_full() -> None:
    assert book(Way.EMAIL, {}, now=NOON, paces=PACES) == {}
    pace = pace_of(Way.EMAIL, PACES)
    held = UNUSED.hold(pace, until=NOON + SECOND, now=NOON)
    assert opens_at(Way.EMAIL, {Way.EMAIL: held}, now=NOON, paces=PACES) == NOON + SECOND


@pytest.mark.parametrize(
    ("notice", "way"),
    [
        (Notice(kind=NoticeKind.REPLY), Way.POST),
        *((Notice(kind=NoticeKind.REPLY, slack_address=f"{k}01"), Way.POST) for k in "UW"),
        *((Notice(kind=NoticeKind.REPLY, slack_address=f"{k}01"), Way.CHANNEL) for k in "CG#"),
        (Notice(kind=NoticeKind.REQUEST_CHANGED, slack_address="C01"), Way.CHANGE),
        (Notice(kind=NoticeKind.REPLY, response_url="x", slack_address="C01"), Way.ANSWER),
        (Notice(kind=NoticeKind.REPLY, channel=Channel.EMAIL, slack_address="C01"), Way.EMAIL),
    ],
)
def test_a_notice_leaves_by_one_way(notice: Notice, way: Way) -> None:
    assert notice.way is way
