"""A playground that runs within the test, and a browser that looks at nothing else."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from playground.clock import PlaygroundClock
from playground.office import Office
from playground.page.server import PageServer
from tests.browser.chromium import WIDE, Watch, launch
from tests.browser.desk import Desk
from tests.browser.look import Look

_WAITS = (
    "bot.server.program._SEND_TIMEOUT",  # by a clock that stands still, no next attempt comes
    "bot.server.program._LOOK_UP_TIMEOUT",
    "storage.engine.LOCK_WAIT",
    "storage.writers.LOCK_WAIT",
)
OpenDesk = Callable[..., Desk]

_ACK_WITHIN = timedelta(seconds=60)
"""What Slack asks for is tested elsewhere; here a slow machine is no fault."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    for wait in _WAITS:
        monkeypatch.setattr(wait, _ACK_WITHIN.total_seconds())
    clock = PlaygroundClock(stands_still=True)
    with Office(tmp_path, clock=clock, ack_within=_ACK_WITHIN) as office:
        yield office
        assert office.slack.violations == []


@pytest.fixture
def served(office: Office) -> Iterator[PageServer]:
    with PageServer(office) as server:
        yield server


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return how to open a page in a new context; at the end no context may have seen a fault."""
    watches = []
    with ExitStack() as contexts:

        def open_page(**options: Any) -> Page:
            context = chromium.new_context(**{"viewport": WIDE, **options})
            contexts.callback(context.close)
            watches.append(Watch(context))
            return context.new_page()

        yield open_page
    assert [fault for watch in watches for fault in watch.faults] == []


@pytest.fixture
def open_desk(served: PageServer, open_page: Callable[..., Page]) -> OpenDesk:
    """Return how to sit down at the playground's page; options are those of a context."""

    def open_desk(**options: Any) -> Desk:
        page = open_page(**options)
        page.goto(served.url)
        expect(page.get_by_role("main")).not_to_have_attribute("aria-busy", "true")
        return Desk(page)

    return open_desk


@pytest.fixture
def desk(open_desk: OpenDesk) -> Desk:
    return open_desk()


@pytest.fixture
def look() -> Iterator[Look]:
    look = Look()
    yield look
    assert look.faults == {}
