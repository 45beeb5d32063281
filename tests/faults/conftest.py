"""A strict Slack for each test, and a site around it on SQLite."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from playground.slack import SlackStandIn
from tests.faults.site import MANIFEST, Site


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    patient = timedelta(seconds=30)  # how soon Rekey answers is measured where it matters
    with SlackStandIn(clock=SystemClock(), manifest=MANIFEST, ack_within=patient) as slack:
        yield slack
        assert slack.violations == []


@pytest.fixture
def site(tmp_path: Path, slack: SlackStandIn) -> Site:
    return Site(tmp_path, slack)


@pytest.fixture
def postgresql_site(tmp_path: Path, slack: SlackStandIn, postgresql_url: str) -> Site:
    return Site(tmp_path, slack, url=postgresql_url)
