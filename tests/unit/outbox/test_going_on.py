"""From one message to the next: the one is recorded and the other claimed in one transaction."""

from collections.abc import Iterator

import pytest

from bot.domain.desk.composing import compose
from bot.domain.model.notices import Message
from bot.domain.model.views import NoticeView
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.outbox import OutboxSender, sender
from bot.outbox.results import Delivered
from playground.slack import SlackStandIn
from tests.fakes import FixedClock
from tests.unit.outbox.test_sender import Post


@pytest.fixture
def post() -> Iterator[Post]:
    clock = FixedClock()
    with SlackStandIn(clock=clock) as slack:
        yield Post(slack, clock)
        assert slack.violations == []


def test_each_message_costs_one_commit(post: Post) -> None:
    messages = [post.write_to(post.world.bob.id) for _ in range(5)]
    before = post.database.commits
    assert post.sender.drain() == 5
    assert post.database.commits - before == 5 + 1  # the first claim is alone
    assert all(post.now_of(message).sent_at is not None for message in messages)


def test_message_that_breaks_takes_nothing_of_the_one_before_with_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = post.write_to(post.world.bob.id)
    broken = post.write_to(post.world.bob.id)
    third = post.write_to(post.world.alice.id)

    def break_one(uow: UnitOfWork, message: Message) -> NoticeView | None:
        if message.id == broken.id:
            raise LookupError
        return compose(uow, message)

    monkeypatch.setattr(sender, "compose", break_one)
    assert post.sender.drain() == 2
    assert (len(post.bob.dm), len(post.alice.dm)) == (1, 1)
    assert post.now_of(first).sent_at is not None
    assert post.now_of(third).sent_at is not None
    waiting = post.now_of(broken)
    assert (waiting.error, waiting.attempts, waiting.in_doubt) == ("cannot_be_drawn", 1, False)


def test_what_cannot_be_recorded_together_is_recorded_apart_and_sent_once(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [post.write_to(post.world.bob.id) for _ in range(3)]

    settle = OutboxSender._settle  # noqa: SLF001  # what breaks is within

    def lose_both(
        sender: OutboxSender, message: Message, result: Delivered, *, and_claim: bool = False
    ) -> object:
        if and_claim:
            raise OSError("connection")
        return settle(sender, message, result)

    monkeypatch.setattr(OutboxSender, "_settle", lose_both)
    assert post.sender.drain() == 3
    assert len(post.bob.dm) == 3
    assert all(post.now_of(message).sent_at is not None for message in messages)
