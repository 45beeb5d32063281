"""The sign-in and the signed-in pages, over a real SQLite file."""

from datetime import timedelta

import pytest

from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SuspensionCause
from tests.fakes import a_suspension
from tests.integration.portal.browser import Browser
from tests.integration.portal.conftest import HELP, Serve
from tests.office.portal import House

HOSTILE = '"><script>x</script>'
NEW_PASSWORD = "eight unrelated words in a row"


@pytest.fixture
def signed_in(house: House, browser: Browser) -> Browser:
    browser.password(house.world.bob)
    browser.send(code=house.world.bob.code(house.clock))
    assert browser.page.h1 == "You are signed in"
    return browser


def session_cookie(browser: Browser) -> str:
    cookie = browser.client.get_cookie("rekey_session")
    assert cookie is not None
    return cookie.value


def test_each_step_has_a_page_of_its_own_and_a_new_token(house: House, browser: Browser) -> None:
    bob = house.world.bob
    browser.client.set_cookie("rekey_session", "planted", domain="localhost")
    seen = {session_cookie(browser)}
    for heading, typed, leads_to in (
        ("Sign in", {"username": bob.username, "password": bob.password}, "/portal/sign-in"),
        ("Enter your code", {"code": bob.code(house.clock)}, "/portal/"),
    ):
        page = browser.open("/portal/sign-in")
        assert page.h1 == heading
        assert set(page.form.fields) == {"csrf_token", *typed}
        response = browser.client.post("/portal/sign-in", data={**page.form.fields, **typed})
        assert (response.status_code, response.location) == (303, leads_to)
        seen.add(session_cookie(browser))
    assert len(seen) == 3
    page = browser.open("/portal/")
    assert page.h1 == "You are signed in"
    assert "Bob Brown" in page.text
    assert "Acme Ltd (member)" in page.text


def test_what_was_typed_is_shown_inert_and_the_password_not_at_all(browser: Browser) -> None:
    browser.open("/portal/sign-in")
    page = browser.send(username=HOSTILE, password="wrong")
    assert "<script>" not in page.html
    assert page.form.fields["username"] == HOSTILE
    assert page.form.fields["password"] == ""
    assert page.error_at("password") == "The user name or the password is wrong."


def test_unknown_name_and_wrong_password_look_the_same(browser: Browser) -> None:
    seen = []
    for username in ("bob", "rob"):
        browser.open("/portal/sign-in")
        page = browser.send(username=username, password="wrong")
        html = page.html.replace(page.form.fields["csrf_token"], "")
        seen.append((page.status, html.replace(f'value="{username}"', "")))
    assert seen[0] == seen[1]
    assert seen[0][0] == 422


def test_five_wrong_passwords_stop_the_right_one_and_the_page_says_until_when(
    house: House, browser: Browser
) -> None:
    house.clock.advance(timedelta(hours=11, minutes=57))
    browser.open("/portal/sign-in")
    assert {browser.send(username="bob", password="wrong").status for _ in range(5)} == {422}
    page = browser.password(house.world.bob)
    assert page.status == 429
    time = '<time datetime="2026-01-02T00:02:00+00:00">00:02 UTC on 2 January</time>'
    assert time in page.error_at("password")


def test_wrong_code_is_told_at_its_field_and_the_right_one_still_counts(
    house: House, browser: Browser
) -> None:
    bob = house.world.bob
    browser.password(bob)
    for typed, said in (("12345", "A code is six digits."), ("000000", "wrong, or was used")):
        page = browser.send(code=typed)
        assert page.status == 422
        assert said in page.error_at("code")
    assert browser.send(code=bob.code(house.clock)).h1 == "You are signed in"


@pytest.mark.parametrize(
    "path", ["/portal/", "/portal/set-up", "/portal/password", "/portal/sign-out"]
)
def test_page_that_needs_a_session_redirects_to_the_sign_in(browser: Browser, path: str) -> None:
    response = browser.client.get(path)
    assert (response.status_code, response.location) == (303, "/portal/sign-in")


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (SuspensionCause.VETOED, ["This wasn't me", "an administrator or owner who had no part"]),
        (SuspensionCause.LAPSED, ["was not set up in time", "resets your two-factor"]),
        (SuspensionCause.OPERATOR, ["The operator of this Portal", "Only the operator lifts that"]),
    ],
)
def test_suspended_is_told_why_whom_to_call_and_what_follows(
    house: House, browser: Browser, cause: SuspensionCause, said: list[str]
) -> None:
    bob = house.world.bob
    with house.unit_of_work() as uow:
        uow.suspensions.add(a_suspension(bob.id, cause=cause))
        uow.commit()
    browser.open("/portal/sign-in")
    assert "suspended" not in browser.send(username=bob.username, password="a wrong one").text
    page = browser.password(bob)
    assert (page.status, page.h1) == (403, "Your sign-in is suspended")
    assert all(words in page.text for words in [HELP, *said])
    assert page.forms == []


@pytest.mark.parametrize("path", ["/portal/sign-in", "/portal/set-up", "/portal/password"])
def test_code_without_a_session_leads_to_the_sign_in(browser: Browser, path: str) -> None:
    form = browser.open("/portal/sign-in").form
    page = browser.post(path, {"csrf_token": form.fields["csrf_token"], "code": "123456"})
    assert page.h1 == "Sign in"


def test_while_the_code_is_awaited_nothing_but_the_sign_out_is_reached(
    house: House, browser: Browser
) -> None:
    browser.password(house.world.bob)
    for path in ("/portal/", "/portal/set-up", "/portal/password"):
        assert browser.open(path).h1 == "Enter your code"
    assert browser.open("/portal/sign-out").h1 == "Sign out?"
    assert browser.send().h1 == "Sign in"


def test_signing_in_anew_ends_the_session_before(house: House, signed_in: Browser) -> None:
    kept, dana = session_cookie(signed_in), house.world.dana
    page = signed_in.post(
        "/portal/sign-in",
        {
            "csrf_token": signed_in.page.form.fields["csrf_token"],
            "username": dana.username,
            "password": dana.password,
        },
    )
    assert "Dana Drew" in page.text
    signed_in.client.set_cookie("rekey_session", kept, domain="localhost")
    assert signed_in.open("/portal/").h1 == "Sign in"


def test_signing_out_ends_the_session_is_said_once_and_is_no_fault_twice(
    signed_in: Browser,
) -> None:
    page = signed_in.send()
    assert page.h1 == "Sign in"
    assert "You are signed out." in page.text
    assert signed_in.client.get_cookie("rekey_session") is None
    csrf = signed_in.open("/portal/sign-in").form.fields["csrf_token"]
    assert "You are signed out." not in signed_in.page.text
    assert signed_in.post("/portal/sign-out", {"csrf_token": csrf}).h1 == "Sign in"


def test_signed_in_needs_no_sign_in(signed_in: Browser) -> None:
    assert signed_in.open("/portal/sign-in").h1 == "You are signed in"
    assert signed_in.open("/portal/set-up").h1 == "You are signed in"


@pytest.mark.parametrize(
    ("typed", "field", "text"),
    [
        (("wrong", NEW_PASSWORD, NEW_PASSWORD), "current_password", "not your current password"),
        (("correct horse bob", "short", "short"), "new_password", "8 to 256 characters"),
        (("correct horse bob", NEW_PASSWORD, "another"), "new_password_again", "differ"),
    ],
)
def test_password_that_cannot_be_changed(
    house: House, signed_in: Browser, typed: tuple[str, str, str], field: str, text: str
) -> None:
    signed_in.open("/portal/password")
    current, new, again = typed
    page = signed_in.send(current_password=current, new_password=new, new_password_again=again)
    assert page.status == 422
    assert text in page.error_at(field)
    assert house.begin(house.world.bob)
    assert not set(typed) & set(page.form.fields.values())


def test_password_that_must_be_changed_comes_first(house: House, browser: Browser) -> None:
    bob = house.world.bob
    with house.unit_of_work() as uow:
        kept = uow.contacts.password_hash(bob.id) or ""
        uow.contacts.set_password(bob.id, kept, must_change=True)
        uow.commit()
    browser.password(bob)
    assert browser.send(code=bob.code(house.clock)).h1 == "Change your password"
    page = browser.open("/portal/")
    assert page.h1 == "Change your password"
    assert "set by somebody else" in page.text
    assert page.form.attributes["new_password"]["autocomplete"] == "new-password"
    page = browser.send(
        current_password=bob.password, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD
    )
    assert page.h1 == "You are signed in"


def test_browser_and_address_behind_a_trusted_proxy(serve: Serve, house: House) -> None:
    house.reset(house.world.bob)
    browser = Browser(serve().test_client(), address="127.0.0.1")
    browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9, 198.51.100.1"
    page = browser.password(house.world.bob)
    assert "Chrome on Windows" in page.text
    assert "198.51.100.1" in page.text
    (notice,) = house.notices(NoticeKind.SET_UP_WAITING)
    assert notice.session_id is not None
    with house.unit_of_work() as uow:
        session = uow.sessions.get(notice.session_id)
    assert session is not None
    assert (session.browser, session.address) == ("Chrome on Windows", "198.51.100.1")
