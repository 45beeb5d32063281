"""What makes a screen another one, so that a page that waits is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from playground.clock import PlaygroundClock
from playground.office import Office
from playground.page.phone import entries
from playground.page.screen import Screens
from playground.people import BY_HANDLE, SamplePerson
from playground.slack.model import Json
from tests.fakes.sqlite import lay_database

ENTRIES = "playground.page.screen.entries"
ALICE = BY_HANDLE["alice"]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    lay_database(tmp_path)
    with Office(tmp_path, clock=PlaygroundClock(stands_still=True)) as office:
        yield office


def test_a_screen_during_which_the_clock_moved_is_followed_by_another(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(office: Office, who: SamplePerson, *, now: datetime) -> list[Json]:
        office.clock.advance(timedelta(hours=1))
        return entries(office, who, now=now)

    screens = Screens(office)
    with monkeypatch.context() as patch:
        patch.setattr(ENTRIES, moved)
        late = screens.now(ALICE)
    assert screens.now(ALICE)["version"] != late["version"]


def test_an_entry_that_counts_by_now_makes_another_screen(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scanned(office: Office, who: SamplePerson, *, now: datetime) -> list[Json]:
        return [{**entry, "state": "pending"} for entry in entries(office, who, now=now)]

    screens = Screens(office)
    with monkeypatch.context() as patch:
        patch.setattr(ENTRIES, scanned)
        before = screens.now(ALICE)
    assert screens.now(ALICE)["version"] != before["version"]
