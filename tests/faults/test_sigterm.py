"""SIGTERM in the middle: what is under way ends within ten seconds, and nothing is lost.

That it may come at any step, and in the middle of a sweep, is for `tests/crash`.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from subprocess import TimeoutExpired

import pytest
from argon2 import PasswordHasher

from tests.faults.site import COMPLETED, Employee, Site, cpu_seconds, ready_page, until
from tests.office import Browser, Page
from tests.process import Served

ENDS_WITHIN = 15
"""Seconds (the contract); what is under way has ten of them."""
STOPPING = re.compile("stopping on SIGTERM")


def told_to_end(served: Served) -> None:
    """Send SIGTERM, and return as soon as it was heard."""
    served.terminate()
    served.wait_for_line(STOPPING)


def sign_in(browser: Browser, person: Employee) -> Page:
    """Type user name and password; return the page that comes."""
    form = {"username": person.username, "password": person.password}
    return browser.submit("/portal/sign-in", form)


@pytest.mark.parametrize("held", ["views.open", "users.info"])
def test_in_the_middle_of_an_act_in_slack(site: Site, held: str) -> None:
    """A command or a Yes that waits for Slack is answered, and what it began comes to its end."""
    with site.served() as served, ThreadPoolExecutor() as pool:
        block = site.request("alice", "bob")
        waiting = site.slack.faults.hold(held)
        if held == "views.open":
            acting = pool.submit(site.type, "alan", "beth")
        else:
            acting = pool.submit(site.yes, "alice", block)
        assert waiting.arrived.wait(30)
        told_to_end(served)
        waiting.release()
        answered = acting.result()
        assert served.wait(ENDS_WITHIN) == 0
    assert (answered.status, answered.error) == (200, None)
    site.slack.faults.clear()
    with site.served():
        if site.state("bob") == "awaiting_confirmation":  # Slack was not waited for that long
            assert site.yes("alice", block).ok
        site.wait_until_told("bob", COMPLETED)
        until(lambda: site.pending() == 0)
    assert site.state("bob") == "completed"
    assert len(site.told("bob", COMPLETED)) == 1


def test_in_the_middle_of_a_request_to_the_portal(site: Site) -> None:
    """What takes long there is a password's hash, made here to take longer."""
    slow = PasswordHasher(time_cost=8).hash(site.staff["bob"].password)
    with site.database() as database, database.unit_of_work() as uow:
        uow.contacts.set_password(site.staff["bob"].id, slow, must_change=False)
        uow.commit()
    with site.served() as served, ThreadPoolExecutor() as pool:
        until(lambda: ready_page(served) == (200, "ready"))
        sign_in(Browser(served.url), site.staff["beth"])  # what comes first takes longer, too
        browser = Browser(served.url)
        before = cpu_seconds(served)
        signing_in = pool.submit(sign_in, browser, site.staff["bob"])
        until(lambda: cpu_seconds(served) > before + 0.1)
        told_to_end(served)
        assert served.wait(ENDS_WITHIN) == 0
        signing_in.exception()  # what it answered leads to a page that is served no more
        assert "rekey_session" in {cookie.name for cookie in browser.cookies}
    assert "portal:sign_in:password_accepted" in {record.tag for record in site.records()}


def test_in_the_middle_of_sending(site: Site) -> None:
    with site.served() as served:
        block = site.request("alice", "bob")
        until(lambda: site.pending() == 0)
        held = site.slack.faults.hold("chat.postMessage")
        assert site.yes("alice", block).ok
        assert held.arrived.wait(30)
        told_to_end(served)
        with pytest.raises(TimeoutExpired):  # it waits for what is on its way
            served.wait(1)
        held.release()
        assert served.wait(ENDS_WITHIN) == 0
    assert site.pending() > 0
    with site.served():
        until(lambda: site.pending() == 0)
    assert len(site.told("bob", COMPLETED)) == 1
    told = [m.text for m in site.slack_of("carol").dm]
    assert len(told) == len(set(told)) == 1
