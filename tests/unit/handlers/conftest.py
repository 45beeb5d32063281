"""The house, for every test of a listener."""

from collections.abc import Iterator

import pytest

from playground.slack import SlackStandIn
from tests.fakes import FixedClock
from tests.unit.handlers.house import House


@pytest.fixture
def house() -> Iterator[House]:
    clock = FixedClock()
    with SlackStandIn(clock=clock) as slack:
        yield House(slack, clock)
        assert slack.violations == []
