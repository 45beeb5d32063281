"""The office in which every scenario plays."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.office import Office

PATIENCE = timedelta(seconds=30)
"""However busy the machine is, nobody gives up who is not meant to."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the program wait for Slack, and for its turn to write."""
    monkeypatch.setattr("bot.server.program._LOOK_UP_TIMEOUT", PATIENCE.total_seconds())
    monkeypatch.setattr("storage.writers.LOCK_WAIT", PATIENCE.total_seconds())


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        office.slack.ack_within = PATIENCE
        yield office
