"""However many people sign in at once, Slack's requests and health find a thread."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from threading import Event, Semaphore
from typing import Any

import pytest
from flask import Flask
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot import portal
from bot.clock import SystemClock
from bot.portal.web import FORMS_AT_ONCE
from bot.server.http import THREADS, HttpServer
from bot.server.metrics import Metrics
from bot.server.web import create_web, mount_slack
from tests.fakes import FakePasswords
from tests.fakes.sqlite import a_database
from tests.integration.portal.browser import Browser as PortalBrowser
from tests.integration.portal.browser import Page
from tests.office import Browser
from tests.office.portal import House

SIGNED_WITH = "signing secret of the tests"
WITHIN = 30
"""Seconds; machines that run other tests meanwhile are slow."""
WRONG = {"username": "bob", "password": "wrong password"}


class SlowPasswords(FakePasswords):
    """Has not verified any until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.at_work = Semaphore(0)
        self.go_on = Event()

    def verify(self, password_hash: str | None, password: str) -> bool:
        self.at_work.release()
        assert self.go_on.wait(WITHIN)
        return super().verify(password_hash, password)


@pytest.fixture
def passwords() -> SlowPasswords:
    return SlowPasswords()


@pytest.fixture
def web(tmp_path: Path, passwords: SlowPasswords) -> Iterator[Flask]:
    database = a_database(tmp_path)
    yield _web(House(database.unit_of_work, passwords=passwords))
    database.close()


@pytest.fixture
def url(web: Flask) -> Iterator[str]:
    server = HttpServer(web, host="127.0.0.1", port=0)
    server.start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()


def _web(house: House) -> Flask:
    unused: Any = None
    metrics = Metrics(unused, clock=house.clock)
    web = create_web(ready=lambda: None, metrics=metrics, metrics_token=None)
    bolt = App(
        client=WebClient(token="xoxb-none", base_url="http://127.0.0.1:9/api/"),
        signing_secret=SIGNED_WITH,
        token_verification_enabled=False,
        process_before_response=True,
    )
    mount_slack(web, bolt, metrics=metrics)
    settings = portal.PortalSettings(
        issuer="Rekey", help_contact=None, secure_cookies=False, csrf_key=b"c" * 32
    )
    portal.register(
        web, sign_in=house.sign_in, set_up=house.set_up, settings=settings, clock=house.clock
    )
    return web


def _asked_by_slack(url: str) -> str:
    body = json.dumps({"type": "url_verification", "challenge": "heard"})
    at = str(int(SystemClock().now().timestamp()))
    signature = SignatureVerifier(SIGNED_WITH).generate_signature(timestamp=at, body=body)
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": signature or "",
    }
    return Browser(url, headers=headers).post("/slack/events", body).text


def test_forms_have_half_of_the_threads() -> None:
    assert FORMS_AT_ONCE * 2 == THREADS


def test_one_more_sign_in_is_turned_away_and_all_else_is_answered(
    web: Flask, url: str, passwords: SlowPasswords
) -> None:
    with ThreadPoolExecutor(FORMS_AT_ONCE) as people:
        flood = [
            people.submit(Browser(url).submit, "/portal/sign-in", WRONG)
            for _ in range(FORMS_AT_ONCE)
        ]
        try:
            assert all(passwords.at_work.acquire(timeout=WITHIN) for _ in flood)
            page = _sign_in(web, "bob")
            healthy, heard = Browser(url).open("/healthz").text, _asked_by_slack(url)
        finally:
            passwords.go_on.set()
    assert (page.status, page.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "5")
    assert "Too many people sign in just now" in page.text
    assert (healthy.strip(), json.loads(heard)) == ("ok", {"challenge": "heard"})
    assert {each.result().status for each in flood} == {HTTPStatus.UNPROCESSABLE_ENTITY}


def test_places_are_given_back(web: Flask, passwords: SlowPasswords) -> None:
    """Those of forms that were refused, and none for forged ones."""
    passwords.go_on.set()
    for number in range(FORMS_AT_ONCE + 1):
        forged = PortalBrowser(web.test_client()).post("/portal/sign-in", WRONG)
        assert forged.status == HTTPStatus.BAD_REQUEST
        assert _sign_in(web, f"nobody{number}").status == HTTPStatus.UNPROCESSABLE_ENTITY


def _sign_in(web: Flask, username: str) -> Page:
    browser = PortalBrowser(web.test_client())
    browser.open("/portal/sign-in")
    return browser.send(username=username, password=WRONG["password"])
