"""The sign-in and the signed-in pages, over a real SQLite file."""

from datetime import timedelta

import pytest

from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SessionStage, SuspensionCause
from tests.fakes import a_suspension
from tests.integration.portal.browser import Browser
from tests.integration.portal.conftest import HELP, Serve
from tests.portal import House

NEW_PASSWORD = "eight unrelated words in a row"


@pytest.fixture
def signed_in(house: House, browser: Browser) -> Browser:
    bob = house.world.bob
    browser.open("/portal/sign-in")
    browser.send(username=bob.username, password=bob.password)
    browser.send(code=bob.code(house.clock))
    assert browser.page.h1 == "You are signed in"
    return browser


def must_change(house: House) -> None:
    with house.unit_of_work() as uow:
        kept = uow.contacts.password_hash(house.world.bob.id)
        assert kept is not None
        uow.contacts.set_password(house.world.bob.id, kept, must_change=True)
        uow.commit()


def test_user_name_password_and_code_lead_in(house: House, browser: Browser) -> None:
    bob = house.world.bob
    page = browser.open("/portal/sign-in")
    assert page.h1 == "Sign in"
    assert set(page.form.fields) == {"csrf_token", "username", "password"}
    page = browser.send(username=bob.username, password=bob.password)
    assert page.h1 == "Enter your code"
    assert set(page.form.fields) == {"csrf_token", "code"}
    page = browser.send(code=bob.code(house.clock))
    assert page.h1 == "You are signed in"
    assert "Bob Brown" in page.text
    assert "Acme Ltd (member)" in page.text


def test_each_step_is_a_redirect_to_a_page_of_its_own(house: House, browser: Browser) -> None:
    bob = house.world.bob
    form = browser.open("/portal/sign-in").form
    values = {**form.fields, "username": bob.username, "password": bob.password}
    response = browser.client.post("/portal/sign-in", data=values)
    assert (response.status_code, response.location) == (303, "/portal/sign-in")
    form = browser.open("/portal/sign-in").form
    values = {**form.fields, "code": bob.code(house.clock)}
    response = browser.client.post("/portal/sign-in", data=values)
    assert (response.status_code, response.location) == (303, "/portal/")


@pytest.mark.parametrize("username", ["bob", "nobody-at-all"])
def test_unknown_name_and_wrong_password_look_the_same(browser: Browser, username: str) -> None:
    browser.open("/portal/sign-in")
    page = browser.send(username=username, password="wrong")
    assert page.status == 422
    assert page.error_at("password") == "The user name or the password is wrong."
    assert page.form.fields["username"] == username
    assert page.form.fields["password"] == ""


def test_what_was_typed_is_shown_inert(browser: Browser) -> None:
    browser.open("/portal/sign-in")
    page = browser.send(username='"><script>x</script>', password="wrong")
    assert "<script>" not in page.html
    assert page.form.fields["username"] == '"><script>x</script>'


def test_throttled_says_when_to_try_again(house: House, browser: Browser) -> None:
    browser.open("/portal/sign-in")
    for _ in range(5):
        browser.send(username="bob", password="wrong")
    page = browser.send(username="bob", password=house.world.bob.password)
    assert page.status == 429
    assert '<time datetime="2026-01-01T12:05:00+00:00">12:05 UTC</time>' in page.error_at(
        "password"
    )


def test_throttled_until_tomorrow_says_which_day(house: House, browser: Browser) -> None:
    house.clock.advance(timedelta(hours=11, minutes=57))
    browser.open("/portal/sign-in")
    for _ in range(6):
        page = browser.send(username="bob", password="wrong")
    assert ">00:02 UTC on 2 January</time>" in page.error_at("password")


def test_wrong_code_is_told_at_its_field(house: House, browser: Browser) -> None:
    bob = house.world.bob
    browser.open("/portal/sign-in")
    browser.send(username=bob.username, password=bob.password)
    page = browser.send(code="12345")
    assert (page.status, page.error_at("code")) == (422, "A code is six digits.")
    page = browser.send(code="000000")
    assert "is wrong, or was used before" in page.error_at("code")


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
    guess = browser.send(username=bob.username, password="a wrong one")
    assert "suspended" not in guess.text
    browser.open("/portal/sign-in")
    page = browser.send(username=bob.username, password=bob.password)
    assert (page.status, page.h1) == (403, "Your sign-in is suspended")
    assert all(words in page.text for words in [HELP, *said])
    assert page.forms == []


@pytest.mark.parametrize(
    "path", ["/portal/", "/portal/set-up", "/portal/password", "/portal/sign-out"]
)
def test_page_that_needs_a_session_redirects_to_the_sign_in(browser: Browser, path: str) -> None:
    response = browser.client.get(path)
    assert (response.status_code, response.location) == (303, "/portal/sign-in")


@pytest.mark.parametrize("path", ["/portal/sign-in", "/portal/set-up", "/portal/password"])
def test_code_without_a_session_leads_to_the_sign_in(browser: Browser, path: str) -> None:
    form = browser.open("/portal/sign-in").form
    page = browser.post(path, {"csrf_token": form.fields["csrf_token"], "code": "123456"})
    assert page.h1 == "Sign in"


def test_while_the_code_is_awaited_nothing_else_is_reached(house: House, browser: Browser) -> None:
    bob = house.world.bob
    browser.open("/portal/sign-in")
    browser.send(username=bob.username, password=bob.password)
    for path in ("/portal/", "/portal/set-up", "/portal/password"):
        assert browser.open(path).h1 == "Enter your code"


def test_token_changes_at_each_step(house: House, browser: Browser) -> None:
    bob, seen = house.world.bob, []
    browser.client.set_cookie("rekey_session", "planted", domain="localhost")

    def remember() -> None:
        cookie = browser.client.get_cookie("rekey_session")
        assert cookie is not None
        seen.append(cookie.value)

    browser.open("/portal/sign-in")
    remember()
    browser.send(username=bob.username, password=bob.password)
    remember()
    browser.send(code=bob.code(house.clock))
    remember()
    assert seen[0] == "planted"
    assert len(set(seen)) == 3


def test_signing_in_anew_ends_the_session_before(house: House, signed_in: Browser) -> None:
    kept = signed_in.client.get_cookie("rekey_session")
    assert kept is not None
    csrf = signed_in.page.form.fields["csrf_token"]
    dana = house.world.dana
    page = signed_in.post(
        "/portal/sign-in",
        {"csrf_token": csrf, "username": dana.username, "password": dana.password},
    )
    assert "Dana Drew" in page.text
    signed_in.client.set_cookie("rekey_session", kept.value, domain="localhost")
    assert signed_in.open("/portal/").h1 == "Sign in"


def test_signing_out_ends_the_session(signed_in: Browser) -> None:
    page = signed_in.send()
    assert page.h1 == "Sign in"
    assert "You are signed out." in page.text
    assert signed_in.client.get_cookie("rekey_session") is None
    assert "You are signed out." not in signed_in.open("/portal/sign-in").text


def test_signing_out_is_asked_for_at_any_stage(house: House, browser: Browser) -> None:
    bob = house.world.bob
    browser.open("/portal/sign-in")
    browser.send(username=bob.username, password=bob.password)
    assert browser.open("/portal/sign-out").h1 == "Sign out?"
    assert browser.send().h1 == "Sign in"


def test_signing_out_twice_is_no_fault(browser: Browser) -> None:
    csrf = browser.open("/portal/sign-in").form.fields["csrf_token"]
    assert browser.post("/portal/sign-out", {"csrf_token": csrf}).h1 == "Sign in"


def test_expired_session_says_so(house: House, signed_in: Browser) -> None:
    for _ in range(9):  # used all day
        house.clock.advance(timedelta(minutes=50))
        assert signed_in.open("/portal/").h1 != "Sign in"
    house.clock.advance(timedelta(minutes=30))
    page = signed_in.open("/portal/")
    assert page.h1 == "Sign in"
    assert "Your session has ended." in page.text


def test_signed_in_needs_no_sign_in(signed_in: Browser) -> None:
    assert signed_in.open("/portal/sign-in").h1 == "You are signed in"
    assert signed_in.open("/portal/set-up").h1 == "You are signed in"


def test_changing_the_password(house: House, signed_in: Browser) -> None:
    page = signed_in.open("/portal/password")
    assert page.h1 == "Change your password"
    assert page.form.attributes["new_password"]["autocomplete"] == "new-password"
    page = signed_in.send(
        current_password=house.world.bob.password,
        new_password=NEW_PASSWORD,
        new_password_again=NEW_PASSWORD,
    )
    assert page.h1 == "You are signed in"
    assert "Your password was changed" in page.text
    assert house.begin(house.world.bob, password=NEW_PASSWORD)


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
    must_change(house)
    bob = house.world.bob
    browser.open("/portal/sign-in")
    browser.send(username=bob.username, password=bob.password)
    page = browser.send(code=bob.code(house.clock))
    assert page.h1 == "Change your password"
    assert browser.open("/portal/").h1 == "Change your password"
    page = browser.send(
        current_password=bob.password, new_password=NEW_PASSWORD, new_password_again=NEW_PASSWORD
    )
    assert page.h1 == "You are signed in"


def test_browser_and_address_behind_a_trusted_proxy(serve: Serve, house: House) -> None:
    bob = house.world.bob
    house.reset(bob)
    browser = Browser(serve().test_client(), address="127.0.0.1")
    browser.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9, 198.51.100.1"
    browser.open("/portal/sign-in")
    page = browser.send(username=bob.username, password=bob.password)
    assert "Chrome on Windows" in page.text
    assert "198.51.100.1" in page.text
    (notice,) = house.notices(NoticeKind.SET_UP_WAITING)
    assert notice.session_id is not None
    with house.unit_of_work() as uow:
        session = uow.sessions.get(notice.session_id)
    assert session is not None
    assert session.stage is SessionStage.AWAITING_SET_UP_CODE
    assert (session.browser, session.address) == ("Chrome on Windows", "198.51.100.1")
