"""What is written to the Slack account of somebody who has left, which may be gone as well."""

from collections.abc import Iterator

import pytest

from bot.domain.operator.introducing import tell_of_unbinding
from playground.slack import BOT_USER_ID, SlackStandIn
from tests.fakes import FixedClock
from tests.unit.outbox.test_sender import AUDIT_CHANNEL, Post
from tests.unit.outbox.test_sharing import a_sender


@pytest.fixture
def post() -> Iterator[Post]:
    clock = FixedClock()
    with SlackStandIn(clock=clock) as slack:
        slack.add_channel(AUDIT_CHANNEL, name="audit", members=[BOT_USER_ID])
        post = Post(slack, clock)
        bob = post.world.bob
        with post.database.unit_of_work() as uow:
            tell_of_unbinding(uow, bob.id, bob.slack, now=clock.now())
            uow.commit()
        yield post
        assert slack.violations == []


def test_says_what_was_done_and_whom_to_call(post: Post) -> None:
    assert a_sender(post, audit_channel=AUDIT_CHANNEL).drain() == 1
    (told,) = post.slack.person(post.world.bob.slack.user).dm
    assert (
        "The operator took away every role, and unbound this Slack account, for Bob Brown"
        in told.shown
    )
    assert "Rekey takes it for nobody from now on." in told.shown
    assert "call" in told.shown


def test_is_dropped_where_that_account_is_gone_and_alarms_nobody(post: Post) -> None:
    post.slack.faults.fail("chat.postMessage", error="user_disabled")
    sender = a_sender(post, audit_channel=AUDIT_CHANNEL)
    assert sender.drain() == 1
    assert post.slack.messages(AUDIT_CHANNEL) == []
    with post.database.unit_of_work() as uow:
        assert uow.outbox.undelivered() == ()
    assert sender.drain() == 0
