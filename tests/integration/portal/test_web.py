"""What every page has: headers, cookies, CSRF tokens, limits, error pages."""

import logging
from threading import Thread
from typing import Any

import pytest

from bot.domain.model.errors import WorkspaceUnavailableError
from bot.domain.set_up.sessions import SignedSession
from bot.domain.set_up.sign_in import SignInService
from bot.portal.web import FORMS_AT_ONCE
from tests.integration.portal.browser import Browser, Page
from tests.integration.portal.conftest import Serve
from tests.office.portal import House

PAGES = ["/portal/sign-in", "/portal/", "/portal/nothing", "/portal/static/portal.css"]


@pytest.mark.parametrize("path", PAGES)
def test_headers(browser: Browser, path: str) -> None:
    headers = browser.client.get(path, buffered=True).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in headers


def test_pages_are_never_kept_and_static_files_may_be(browser: Browser) -> None:
    assert browser.client.get("/portal/sign-in").headers["Cache-Control"] == "no-store"
    style = browser.client.get("/portal/static/portal.css", buffered=True)
    assert style.content_type == "text/css; charset=utf-8"
    assert "no-store" not in style.headers["Cache-Control"]
    assert style.headers["ETag"]


@pytest.mark.parametrize("path", ["/portal/sign-in", "/portal/nothing"])
def test_no_script_anywhere(browser: Browser, path: str) -> None:
    page = browser.open(path)
    assert "script" not in {tag for tag, _ in page.tags}
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_every_field_has_a_label(browser: Browser) -> None:
    page = browser.open("/portal/sign-in")
    labelled = {attributes.get("for") for tag, attributes in page.tags if tag == "label"}
    fields = [a for a in page.form.attributes.values() if a["type"] != "hidden"]
    assert {a["id"] for a in fields} == labelled
    assert page.form.attributes["username"]["autocomplete"] == "username"
    assert page.form.attributes["password"]["autocomplete"] == "current-password"


def test_cookies_over_plain_http_on_loopback(browser: Browser) -> None:
    (cookie,) = browser.client.get("/portal/sign-in").headers.getlist("Set-Cookie")
    assert cookie.startswith("rekey_browser=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_cookies_over_https(serve: Serve, house: House) -> None:
    client = serve(secure=True).test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    first = client.get("/portal/sign-in")
    assert first.headers["Strict-Transport-Security"] == "max-age=31536000"
    fields = Browser(client).open("/portal/sign-in").form.fields
    typed = {**fields, "username": "bob", "password": house.world.bob.password}
    second = client.post("/portal/sign-in", data=typed)
    for response, name in ((first, "browser"), (second, "session")):
        (cookie,) = response.headers.getlist("Set-Cookie")
        assert cookie.startswith(f"__Host-rekey_{name}=")
        parts = {part.strip() for part in cookie.split(";")}
        assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= parts
        assert "Domain" not in cookie


class TestForgery:
    """A form that was not made for this browser and session is refused, and changes nothing."""

    @pytest.mark.parametrize("token", [None, "", "0" * 64, "\u00fc", "another browser's"])
    def test_wrong_token(
        self, serve: Serve, house: House, browser: Browser, token: str | None
    ) -> None:
        if token == "another browser's":
            theirs = Browser(serve().test_client()).open("/portal/sign-in")
            token = theirs.form.fields["csrf_token"]
        browser.open("/portal/sign-in")
        values = {"username": "bob", "password": house.world.bob.password}
        page = browser.post(
            "/portal/sign-in", values | ({} if token is None else {"csrf_token": token})
        )
        assert (page.status, page.h1) == (400, "This page is out of date")
        assert house.tags() == []

    def test_without_cookies(self, serve: Serve, house: House, browser: Browser) -> None:
        fields = browser.open("/portal/sign-in").form.fields
        values = fields | {"username": "bob", "password": house.world.bob.password}
        stateless = serve().test_client(use_cookies=False)
        assert stateless.post("/portal/sign-in", data=values).status_code == 400

    def test_form_from_before_the_sign_in(self, house: House, browser: Browser) -> None:
        before = browser.open("/portal/sign-in").form.fields["csrf_token"]
        browser.password(house.world.bob)
        code = house.world.bob.code(house.clock)
        page = browser.post("/portal/sign-in", {"csrf_token": before, "code": code})
        assert page.status == 400
        assert browser.open("/portal/sign-in").h1 == "Enter your code"

    @pytest.mark.parametrize("path", ["/portal/set-up", "/portal/password", "/portal/sign-out"])
    def test_every_form(self, browser: Browser, path: str) -> None:
        browser.open("/portal/sign-in")
        assert browser.post(path, {}).status == 400


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/portal/", {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/portal/sign-in", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("DELETE", "/portal/sign-out", {"GET", "HEAD", "OPTIONS", "POST"}),
    ],
)
def test_methods_are_strict(browser: Browser, method: str, path: str, allowed: set[str]) -> None:
    response = browser.client.open(path, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == allowed
    assert "That cannot be done here" in response.text


@pytest.mark.parametrize(
    ("password", "status"),
    [("x" * 20_000, 413), ("\U0001f600" * 256, 422)],
    ids=["endless", "longest"],
)
def test_endless_body_is_refused_and_the_longest_password_fits(
    browser: Browser, house: House, password: str, status: int
) -> None:
    browser.open("/portal/sign-in")
    page = browser.send(username="bob", password=password)
    assert page.status == status
    assert bool(house.tags()) is (status == 422)
    assert (page.h1 == "That was too much") is (status == 413)


def test_fifth_form_at_once_is_turned_away_and_every_place_is_given_back(
    serve: Serve, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, begin, inner = serve(), SignInService.begin, list[Page]()

    def busy(service: SignInService, *args: Any, **named: Any) -> SignedSession:
        """Have another browser send the form while this one's is at work."""
        other = Thread(
            target=lambda: inner.append(Browser(app.test_client()).password(house.world.bob))
        )
        other.start()
        other.join()
        return begin(service, *args, **named)

    monkeypatch.setattr(SignInService, "begin", busy)
    Browser(app.test_client()).password(house.world.bob)
    assert [page.status for page in inner] == [503] + [200] * (FORMS_AT_ONCE - 1)
    assert inner[0].headers["Retry-After"] == "5"
    monkeypatch.undo()
    for _ in range(FORMS_AT_ONCE + 1):
        assert Browser(app.test_client()).password(house.world.bob).status == 200


def test_unknown_page_is_drawn_like_the_others(browser: Browser) -> None:
    page = browser.open("/portal/nothing")
    assert (page.status, page.h1) == (404, "There is no such page")


def test_prefix_without_its_slash_leads_on(browser: Browser) -> None:
    assert browser.client.get("/portal").status_code == 308


def test_what_lies_outside_is_left_alone(browser: Browser) -> None:
    health = browser.client.get("/healthz")
    assert health.text == "ok"
    assert "Content-Security-Policy" not in health.headers
    lost = browser.client.get("/portals")
    assert lost.status_code == 404
    assert "There is no such page" not in lost.text


def test_fault_outside_is_left_alone(serve: Serve) -> None:
    app = serve()
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.get("/elsewhere")
    def fail() -> str:
        raise WorkspaceUnavailableError

    with pytest.raises(WorkspaceUnavailableError):
        app.test_client().get("/elsewhere", environ_base={"werkzeug.debug": True})


def test_bug_shows_nothing_of_the_inside(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = serve()
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/portal/bug")
    def bug() -> str:
        raise ZeroDivisionError("a secret")

    with caplog.at_level(logging.ERROR):
        response = app.test_client().get("/portal/bug")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "secret" not in response.text
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_help_contact_the_administrator_is_named(serve: Serve) -> None:
    page = Browser(serve(help_contact=None).test_client()).open("/portal/sign-in")
    assert "Ask your administrator" in page.text
