"""`Readiness`: what is remembered, for how long, and who looks."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.server.readiness import KEPT_FOR, PASSED_ON_FOR, STOPPING, Readiness
from tests.fakes import FixedClock

WAIT = 30
A_MOMENT = timedelta(microseconds=1)
AWAY = "Slack is away."


class Look:
    """Finds what it is told to; held, it does not come back until it is let go."""

    def __init__(self) -> None:
        self.found: str | None = None
        self.times = 0
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self) -> str | None:
        self.times += 1
        found = self.found
        self.begun.set()
        assert self.go_on.wait(WAIT)
        return found

    def hold(self) -> None:
        self.begun.clear()
        self.go_on.clear()


@pytest.fixture
def look() -> Look:
    return Look()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def readiness(look: Look, clock: FixedClock) -> Readiness:
    return Readiness(look, clock=clock)


@pytest.fixture
def threads(look: Look) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool
        look.go_on.set()


@pytest.mark.parametrize("found", [None, AWAY])
def test_an_answer_is_given_again_for_a_while_whatever_it_is(
    readiness: Readiness, look: Look, clock: FixedClock, found: str | None
) -> None:
    look.found = found
    assert readiness.missing() == found
    look.found = None if found else AWAY
    clock.advance(KEPT_FOR - A_MOMENT)
    assert (readiness.missing(), look.times) == (found, 1)
    clock.advance(A_MOMENT)
    assert (readiness.missing(), look.times) == (look.found, 2)


def test_a_clock_that_is_put_back_makes_no_answer_last(
    readiness: Readiness, look: Look, clock: FixedClock
) -> None:
    readiness.missing()
    look.found = AWAY
    clock.advance(-timedelta(hours=1))
    assert readiness.missing() == AWAY


def test_a_look_that_fails_is_not_remembered(clock: FixedClock) -> None:
    found: list[str] = []
    readiness = Readiness(found.pop, clock=clock)
    with pytest.raises(IndexError):
        readiness.missing()
    found.append(AWAY)
    assert readiness.missing() == AWAY


class TestWhileOneLooks:
    def test_others_get_what_was_found_lately(
        self, readiness: Readiness, look: Look, clock: FixedClock, threads: ThreadPoolExecutor
    ) -> None:
        readiness.missing()
        clock.advance(PASSED_ON_FOR - A_MOMENT)
        look.hold()
        look.found = AWAY
        first = threads.submit(readiness.missing)
        assert look.begun.wait(WAIT)
        assert threads.submit(readiness.missing).result(WAIT) is None
        look.go_on.set()
        assert first.result(WAIT) == AWAY
        assert look.times == 2

    @pytest.mark.parametrize("before", [False, True])
    def test_others_wait_for_it_where_nothing_was_found_lately(
        self,
        readiness: Readiness,
        look: Look,
        clock: FixedClock,
        threads: ThreadPoolExecutor,
        *,
        before: bool,
    ) -> None:
        if before:
            readiness.missing()
            clock.advance(PASSED_ON_FOR)
        look.hold()
        look.found = AWAY
        first = threads.submit(readiness.missing)
        assert look.begun.wait(WAIT)
        others = [threads.submit(readiness.missing) for _ in range(3)]
        assert not any(other.done() for other in others)
        look.go_on.set()
        assert {each.result(WAIT) for each in (first, *others)} == {AWAY}
        assert look.times == 1 + before


class TestStopping:
    def test_shows_at_once_and_nobody_looks_any_more(
        self, readiness: Readiness, look: Look, clock: FixedClock
    ) -> None:
        assert readiness.missing() is None
        clock.advance(KEPT_FOR)
        readiness.stop()
        assert (readiness.missing(), look.times) == (STOPPING, 1)

    def test_shows_to_whoever_looked_when_it_began(
        self, readiness: Readiness, look: Look, threads: ThreadPoolExecutor
    ) -> None:
        look.hold()
        asked = threads.submit(readiness.missing)
        assert look.begun.wait(WAIT)
        readiness.stop()
        look.go_on.set()
        assert asked.result(WAIT) == STOPPING
