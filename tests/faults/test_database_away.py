"""PostgreSQL that goes away for half a minute under a running process, and comes back."""

import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from playground.slack import SlackStandIn
from playground.slack.model import Message
from tests.fakes.postgresql import laid_database
from tests.faults.site import COMPLETED, SLACK_WAITS, Site, Stopwatch, ready_page, until
from tests.office import Browser
from tests.postgresql import Server
from tests.process import Served

AWAY_FOR = 30
SENTENCE = "Nothing was changed. Try again in a minute."

pytestmark = pytest.mark.postgresql


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, slack: SlackStandIn, server: Server) -> Iterator[Site]:
    with laid_database(server.url) as url:
        yield Site(tmp_path, slack, url=url)


def test_it_is_said_and_all_goes_on_without_a_restart(site: Site, server: Server) -> None:
    site.machine.settings["REKEY_SWEEP_EVERY"] = "PT2S"
    with site.served() as served:
        waiting = site.request("alice", "bob")
        site.slack.faults.server_error("chat.postMessage", times=None)
        site.reset("alan", "beth")  # acknowledged, and nobody could be told yet
        until(lambda: site.pending() == site.waiting() > 0)
        assert site.type("carol", "bill").ok  # the window for the code is open
        back_at = monotonic() + AWAY_FOR
        server.stop()
        site.slack.faults.clear()

        look_again = threading.Event()
        while monotonic() < back_at:
            is_said_on_every_surface(site, served, waiting)
            look_again.wait(4)

        server.start()
        until(lambda: ready_page(served) == (200, "ready"))
        site.hurry()
        site.wait_until_told("beth", COMPLETED)
        assert site.yes("alice", waiting).ok
        assert site.submit_code("carol").ok
        assert site.yes("carol", site.question("carol")).ok
        for name in ("bob", "bill"):
            site.wait_until_told(name, COMPLETED)
        until(lambda: site.pending() == 0)
    for name in ("bob", "beth", "bill"):
        assert site.state(name) == "completed"
        assert len(site.told(name, COMPLETED)) == 1
    site.machine.done("audit", "verify")


def is_said_on_every_surface(site: Site, served: Served, waiting: Message) -> None:
    """A command, a click, a window and a page each say it in time, and none is a 5xx to Slack."""
    alice, carol = site.slack_of("alice"), site.slack_of("carol")
    with Stopwatch() as command:
        typed = site.type("alice", "bree")
    before = len(alice.ephemerals)
    with Stopwatch() as click:
        clicked = site.yes("alice", waiting)
    with Stopwatch() as window:
        submitted = site.submit_code("carol", "000000")  # nobody gets as far as looking at it
    assert [typed.status, clicked.status, submitted.status] == [200, 200, 200]
    assert max(command.seconds, click.seconds, window.seconds) < SLACK_WAITS
    assert SENTENCE in typed.body
    assert SENTENCE in submitted.errors["code"]
    assert SENTENCE in alice.ephemerals[before].text
    assert carol.modals
    browser = Browser(served.url)
    assert browser.open("/healthz").status == 200
    until(lambda: ready_page(served) == (503, "The database cannot be used."))
    page = browser.open("/portal/sign-in")
    assert page.status in {200, 503}, page.words
