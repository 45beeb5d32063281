"""The sweep's own thread: at once, again and again, and never in the way of the end."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.server.scheduler import SweepScheduler

WAIT = 30
"""Seconds for what happens by itself; machines that run other tests meanwhile are slow."""
SOON = timedelta(milliseconds=20)
NEVER = timedelta(days=1)

Start = Callable[[Callable[[], None], timedelta], None]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[SweepScheduler] = []

    def begin(sweep: Callable[[], None], every: timedelta) -> None:
        scheduler = SweepScheduler(sweep, every=every)
        scheduler.start(now=SystemClock().now())
        started.append(scheduler)

    yield begin
    for scheduler in started:
        scheduler.stop(WAIT)


def test_a_sweep_that_fails_is_told_and_the_next_one_follows(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    sweeps: list[int] = []
    third = threading.Event()

    def sweep() -> None:
        sweeps.append(1)
        if len(sweeps) == 3:
            third.set()
        raise RuntimeError("broken")

    start(sweep, SOON)
    assert third.wait(WAIT)
    assert "the sweep failed" in caplog.text


def test_no_sweep_begins_while_another_is_under_way(start: Start) -> None:
    under_way: list[int] = []
    most: list[int] = []
    enough = threading.Event()

    def sweep() -> None:
        under_way.append(1)
        most.append(len(under_way))
        enough.wait(SOON.total_seconds() * 2)  # longer than the pace
        under_way.pop()
        if len(most) == 3:
            enough.set()

    start(sweep, SOON)
    assert enough.wait(WAIT)
    assert set(most) == {1}


def test_the_first_sweep_comes_at_once_and_stopping_waits_for_it() -> None:
    begun, may_end = threading.Event(), threading.Event()
    ended: list[bool] = []

    def sweep() -> None:
        begun.set()
        may_end.wait(WAIT)
        ended.append(True)

    scheduler = SweepScheduler(sweep, every=NEVER)
    scheduler.start(now=SystemClock().now())
    assert begun.wait(WAIT)
    threading.Timer(0.05, may_end.set).start()
    assert scheduler.stop(WAIT)
    assert ended == [True]


def test_stopping_does_not_wait_for_ever() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        may_end.wait(WAIT)

    scheduler = SweepScheduler(hang, every=NEVER)
    scheduler.start(now=SystemClock().now())
    assert begun.wait(WAIT)
    assert not scheduler.stop(0.05)
    may_end.set()


def test_nothing_is_swept_after_the_stop() -> None:
    sweeps: list[int] = []
    swept = threading.Event()

    def sweep() -> None:
        sweeps.append(1)
        swept.set()

    scheduler = SweepScheduler(sweep, every=SOON)
    scheduler.start(now=SystemClock().now())
    assert swept.wait(WAIT)
    assert scheduler.stop(WAIT)
    made = len(sweeps)
    assert not threading.Event().wait(SOON.total_seconds() * 5)
    assert len(sweeps) == made
