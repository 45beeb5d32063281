"""The queue of those who want to write."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from storage import writers
from storage.errors import DatabaseBusyError
from storage.writers import WriterLock
from tests.fakes.locks import WatchedLock


class LateEvent(threading.Event):
    """Is set after all, just when the patience has run out."""

    def wait(self, timeout: float | None = None) -> bool:
        super().wait(timeout and 10)
        return False


class Interrupt(BaseException):
    """As the keyboard's: no `Exception`."""


class InterruptedEvent(threading.Event):
    """Whoever waits for it is interrupted."""

    def wait(self, timeout: float | None = None) -> bool:
        raise Interrupt


class SetAndInterruptedEvent(threading.Event):
    """The same, just after the turn has come."""

    def wait(self, timeout: float | None = None) -> bool:
        super().wait(timeout and 10)
        raise Interrupt


@contextmanager
def queueing(lock: WatchedLock, write: Callable[[], None]) -> Iterator[threading.Thread]:
    """Have a thread in the queue, which writes when its turn has come."""

    def take_turn() -> None:
        lock.acquire()
        write()
        lock.release()

    thread = threading.Thread(target=take_turn)
    thread.start()
    assert lock.has_queued.acquire(timeout=10)
    yield thread
    thread.join(10)
    assert not thread.is_alive()


def test_writers_are_let_in_as_they_came_and_whoever_just_wrote_comes_last() -> None:
    lock, order = WatchedLock(), list[str]()
    lock.acquire()
    with (
        queueing(lock, lambda: order.append("first")),
        queueing(lock, lambda: order.append("second")),
    ):
        lock.release()
        lock.acquire()
        order.append("again")
        lock.release()
    assert order == ["first", "second", "again"]


def test_a_turn_that_comes_as_one_gives_up_is_taken() -> None:
    def come_late(turn: threading.Event) -> None:
        turn.__class__ = LateEvent

    lock, order = WatchedLock(on_turn=come_late), list[str]()
    lock.acquire()
    with queueing(lock, lambda: order.append("late")):
        lock.release()
    lock.acquire()
    assert order == ["late"]


def test_whoever_gave_up_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "LOCK_WAIT", 0.01)
    lock, told = WriterLock(), list[DatabaseBusyError]()

    def give_up() -> None:
        try:
            lock.acquire()
        except DatabaseBusyError as error:
            told.append(error)

    lock.acquire()
    thread = threading.Thread(target=give_up)
    thread.start()
    thread.join(10)
    lock.release()
    lock.acquire()
    assert len(told) == 1


@pytest.mark.parametrize("event", [InterruptedEvent, SetAndInterruptedEvent])
def test_whoever_is_interrupted_holds_nobody_up(
    event: type[threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(turn: threading.Event) -> None:
        turn.__class__ = event

    def be_interrupted() -> None:
        with pytest.raises(Interrupt):
            lock.acquire()
        interrupted.set()

    monkeypatch.setattr(writers, "LOCK_WAIT", 0.01)
    lock, interrupted = WatchedLock(on_turn=interrupt), threading.Event()
    lock.acquire()
    thread = threading.Thread(target=be_interrupted)
    thread.start()
    if event is InterruptedEvent:
        assert interrupted.wait(10)
    assert lock.has_queued.acquire(timeout=10)
    lock.release()
    assert interrupted.wait(10)
    thread.join(10)
    lock.acquire()


def test_a_thread_never_waits_for_itself() -> None:
    lock = WriterLock()
    lock.acquire()
    with pytest.raises(RuntimeError, match="open in this thread"):
        lock.acquire()
