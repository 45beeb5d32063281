"""The post office of a test, which ends with Slack having found nothing amiss."""

from collections.abc import Iterator

import pytest

from playground.slack import BOT_USER_ID, SlackStandIn
from tests.fakes import FixedClock
from tests.mail import MailServerStandIn
from tests.unit.outbox.post import AUDIT_CHANNEL, Post


@pytest.fixture
def post() -> Iterator[Post]:
    clock = FixedClock()
    with SlackStandIn(clock=clock) as slack:
        slack.deliver_to = lambda _body, _headers: (200, {}, "")
        slack.add_channel(AUDIT_CHANNEL, name="audit", members=[BOT_USER_ID])
        yield Post(slack, clock)
        assert slack.violations == []


@pytest.fixture
def server() -> Iterator[MailServerStandIn]:
    with MailServerStandIn() as stand_in:
        yield stand_in
