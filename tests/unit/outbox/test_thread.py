"""`OutboxThread`: when it sends, and that it ends."""

import threading
from datetime import timedelta

import pytest

from bot.outbox import OutboxThread
from tests.unit.outbox.post import WAIT, Post


@pytest.fixture
def outbox(post: Post) -> OutboxThread:
    return OutboxThread(post.sender, clock=post.clock)


def arrives(post: Post, outbox: OutboxThread) -> bool:
    """Wait until Bob has a message, and stop."""
    post.slack.wait_for(lambda: len(post.bob.dm) == 1, timeout=WAIT)
    outbox.stop(WAIT)
    return len(post.bob.dm) == 1


def test_sends_what_an_earlier_run_left_behind(post: Post, outbox: OutboxThread) -> None:
    post.write_to(post.world.bob.id)
    outbox.start()
    assert arrives(post, outbox)


def test_is_woken_by_a_commit(post: Post, outbox: OutboxThread) -> None:
    post.database.on_outbox(outbox.wake)
    outbox.start()
    post.write_to(post.world.bob.id)
    assert arrives(post, outbox)


def test_wakes_by_itself_when_a_message_is_due(post: Post, outbox: OutboxThread) -> None:
    post.slack.faults.rate_limit("chat.postMessage", retry_after=1)
    message = post.write_to(post.world.bob.id)
    post.sender.drain()
    post.clock.advance(post.waits(message) - timedelta(milliseconds=20))
    outbox.start()
    post.slack.wait_for(lambda: True)
    post.clock.advance(timedelta(seconds=1))
    assert arrives(post, outbox)


def test_that_was_never_started_stops(post: Post, outbox: OutboxThread) -> None:
    outbox.stop(WAIT)
    assert post.sender.drain() == 0


def test_survives_a_database_that_is_away(
    post: Post, outbox: OutboxThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def away() -> object:
        tried.set()
        raise OSError("disk")

    monkeypatch.setattr("bot.outbox.thread._AFTER_TROUBLE", 0.01)
    monkeypatch.setattr(post.sender, "_unit_of_work", away)
    outbox.start()
    assert tried.wait(WAIT)
    post.write_to(post.world.bob.id)
    monkeypatch.setattr(post.sender, "_unit_of_work", post.database.unit_of_work)
    assert arrives(post, outbox)


def test_stop_waits_for_the_message_under_way_and_leaves_the_rest(
    post: Post, outbox: OutboxThread
) -> None:
    gate = post.slack.faults.hold("chat.postMessage")
    first, second = post.write_to(post.world.bob.id), post.write_to(post.world.bob.id)
    outbox.start()
    assert gate.arrived.wait(WAIT)
    stopping = threading.Thread(target=outbox.stop, args=(WAIT,))
    stopping.start()
    outbox.stop(0)
    gate.release()
    stopping.join(WAIT)
    assert post.now_of(first).sent_at is not None
    assert post.now_of(second).sent_at is None
    assert post.now_of(second).claimed_by is None


def test_stop_between_two_looks_is_not_slept_through(post: Post, outbox: OutboxThread) -> None:
    """It is stopped just after it has seen that it is not, before it does anything else."""

    class Stopping(threading.Event):
        def is_set(self) -> bool:
            was_set = super().is_set()
            if not was_set:
                rival = threading.Thread(target=outbox.stop, args=(0,))
                rival.start()
                rival.join(WAIT)
            return was_set

    post.sender.stopping = Stopping()
    others = set(threading.enumerate())
    outbox.start()
    for thread in threading.enumerate():
        if thread.name == "outbox" and thread not in others:
            thread.join(WAIT)
            assert not thread.is_alive()
