"""The set-up pages, over a real SQLite file."""

import re
from dataclasses import replace

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.notices import NoticeKind
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.proving import totp
from tests.integration.portal.browser import Browser, Page
from tests.portal import House


@pytest.fixture
def waiting(house: House, browser: Browser) -> Browser:
    bob = house.world.bob
    house.reset(bob)
    browser.open("/portal/sign-in")
    browser.send(username=bob.username, password=bob.password)
    assert browser.page.h1 == "Prove that it is you"
    return browser


@pytest.fixture
def setting_up(house: House, waiting: Browser) -> Browser:
    waiting.send(set_up_code=shown_in_slack(house))
    assert waiting.page.h1 == "Configure your two-factor authentication"
    return waiting


def shown_in_slack(house: House) -> str:
    notice = house.notices(NoticeKind.SET_UP_WAITING)[-1]
    assert notice.session_id is not None
    return house.set_up.show_code(house.world.bob.slack, notice.session_id).code


def key_on(page: Page) -> str:
    groups = re.findall(r"<span>([A-Z2-7]{4})</span>", page.html)
    assert len(groups) == 8
    return "".join(groups)


def code_for(house: House, page: Page) -> str:
    return totp.code_at(key_on(page), totp.step_at(house.clock.now()))


def wrong_for(house: House, page: Page) -> str:
    step = totp.step_at(house.clock.now())
    right = {totp.code_at(key_on(page), step + skew) for skew in (-1, 0, 1)}
    return next(code for code in (f"{n:06}" for n in range(4)) if code not in right)


def test_waiting_page_says_what_happens_and_what_to_do(waiting: Browser) -> None:
    page = waiting.page
    assert set(page.form.fields) == {"csrf_token", "set_up_code"}
    assert "Chrome on Windows" in page.text
    assert "Nobody will ever ask you for this code" in page.text
    assert "At most three such messages are sent in an hour" in page.text


def test_waiting_page_sends_nobody_to_a_slack_that_they_are_not_in(
    house: House, waiting: Browser
) -> None:
    with house.unit_of_work() as uow:
        known = uow.roster.read().contacts[house.world.bob.email]
        changed = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=replace(known, slack=None))
        list(uow.roster.apply([changed], now=house.clock.now()))
        uow.commit()
    text = waiting.open("/portal/set-up").text
    assert "Slack" not in text
    assert "Call the help desk, +44 20 7946 0199; leave this page open." in text
    assert "reads you a code" in text
    assert "Nobody will ever ask you for this code" in text


def test_from_waiting_to_signed_in(house: House, setting_up: Browser) -> None:
    page = setting_up.page
    assert set(page.form.fields) == {"csrf_token", "code"}
    assert [tag for tag, _ in page.tags].count("h2") == 3
    assert "Delete the older entry" in page.text
    assert "Set your phone's clock" not in page.text
    assert '<button type="submit">Confirm code</button>' in page.html
    page = setting_up.send(code=code_for(house, page))
    assert page.h1 == "You are signed in"
    assert "Your two-factor authentication is set up" in page.text
    (case,) = house.cases(house.world.bob)
    assert case.state is CaseState.RE_ENROLLED


def test_qr_code_is_an_inline_image_with_a_name(setting_up: Browser) -> None:
    page = setting_up.page
    (svg,) = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert svg["role"] == "img"
    assert "<title>QR code for your authenticator app</title>" in page.html
    assert "<?xml" not in page.html
    assert "style=" not in page.html


def test_page_may_be_reloaded_and_keeps_its_secret(setting_up: Browser) -> None:
    assert key_on(setting_up.open("/portal/set-up")) == key_on(setting_up.page)


def test_wrong_first_code_keeps_the_secret_and_after_three_speaks_of_the_clock(
    house: House, setting_up: Browser
) -> None:
    key = key_on(setting_up.page)
    for count in (1, 2, 3):
        page = setting_up.send(code=wrong_for(house, setting_up.page))
        assert (page.status, key_on(page)) == (422, key)
        assert ("Set your phone's clock to automatic" in page.text) is (count == 3)
    assert "is wrong" in page.error_at("code")


@pytest.mark.parametrize(
    ("typed", "text"),
    [("0000-0000", "That set-up code is wrong"), ("what?", "eight letters and digits")],
)
def test_unfit_set_up_code_is_told_at_its_field(waiting: Browser, typed: str, text: str) -> None:
    page = waiting.send(set_up_code=typed)
    assert (page.status, page.h1) == (422, "Prove that it is you")
    assert text in page.error_at("set_up_code")


def test_throttled_set_up_code_says_when(house: House, waiting: Browser) -> None:
    for _ in range(5):
        waiting.send(set_up_code="0000-0000")
    page = waiting.send(set_up_code=shown_in_slack(house))
    assert page.status == 429
    assert "12:05 UTC" in page.error_at("set_up_code")


@pytest.mark.parametrize("path", ["/portal/", "/portal/sign-in", "/portal/password"])
def test_until_it_is_done_nothing_else_is_reached(
    house: House, waiting: Browser, path: str
) -> None:
    assert waiting.open(path).h1 == "Prove that it is you"
    waiting.send(set_up_code=shown_in_slack(house))
    assert waiting.open(path).h1 == "Configure your two-factor authentication"


def test_code_in_place_of_the_set_up_code_opens_nothing(house: House, waiting: Browser) -> None:
    csrf = waiting.page.form.fields["csrf_token"]
    page = waiting.post("/portal/set-up", {"csrf_token": csrf, "code": "123456"})
    assert page.h1 == "Prove that it is you"
    assert house.contact(house.world.bob).set_up_required


def test_reset_in_the_middle_leads_back_to_the_sign_in(house: House, setting_up: Browser) -> None:
    code = code_for(house, setting_up.page)
    house.reset(house.world.bob)
    page = setting_up.send(code=code)
    assert page.h1 == "Sign in"
    assert "Your session has ended" in page.text


def test_pending_authenticator_of_another_browser_voids_this_page(
    house: House, setting_up: Browser
) -> None:
    house.setting_up(house.world.bob)
    assert setting_up.open("/portal/set-up").h1 == "Sign in"


def test_directory_without_an_answer_changes_nothing(
    house: House, setting_up: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(*_: object) -> None:
        raise DirectoryUnavailableError

    monkeypatch.setattr("bot.directories.embedded.EmbeddedDirectory.authenticators_of", no_answer)
    page = setting_up.send(code=code_for(house, setting_up.page))
    assert (page.status, page.h1) == (503, "That could not be verified")
    assert house.contact(house.world.bob).set_up_required
