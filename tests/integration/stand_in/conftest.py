"""The stand-in for Slack with two people in it, and the SDK's client of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from playground.slack import SlackStandIn
from tests.unit.playground.samples import MovableClock


@pytest.fixture
def patience() -> timedelta:
    """How long Slack waits for an acknowledgement."""
    return timedelta(seconds=3)


@pytest.fixture
def slack(patience: timedelta) -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=MovableClock(), ack_within=patience) as stand_in:
        stand_in.add_person("U01ALICE", name="Alice Archer", email="alice@acme.example")
        stand_in.add_person("U02BOB", name="Bob Brown", email="bob@acme.example")
        yield stand_in


@pytest.fixture
def client(slack: SlackStandIn) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
