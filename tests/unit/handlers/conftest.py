"""The house, for every test of a listener."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from playground.slack import SlackStandIn
from tests.fakes import FixedClock
from tests.unit.handlers.house import House


@pytest.fixture
def house() -> Iterator[House]:
    clock = FixedClock()
    patient = timedelta(seconds=60)  # a slow machine is no fault of a listener's
    with SlackStandIn(clock=clock, ack_within=patient) as slack:
        yield House(slack, clock)
        assert slack.violations == []
