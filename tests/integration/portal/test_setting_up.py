"""The set-up pages, over a real SQLite file."""

import re
from dataclasses import replace

import pytest

from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.notices import NoticeKind
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.proving import totp
from tests.integration.portal.browser import Browser, Page
from tests.office.portal import House


@pytest.fixture
def waiting(house: House, browser: Browser) -> Browser:
    house.reset(house.world.bob)
    assert browser.password(house.world.bob).h1 == "Prove that it is you"
    return browser


@pytest.fixture
def setting_up(house: House, waiting: Browser) -> Browser:
    assert waiting.send(set_up_code=shown_in_slack(house)).h1.startswith("Configure your")
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


def test_waiting_page_says_what_happens_and_what_to_do(waiting: Browser) -> None:
    page = waiting.page
    assert set(page.form.fields) == {"csrf_token", "set_up_code"}
    assert "Chrome on Windows" in page.text
    assert "Nobody will ever ask you for this code" in page.text
    assert "At most three such messages are sent in an hour" in page.text
    refused = waiting.send(set_up_code="what?")
    assert (refused.status, refused.h1) == (422, "Prove that it is you")
    assert "eight letters and digits" in refused.error_at("set_up_code")


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


def test_set_up_page_leads_to_being_signed_in(house: House, setting_up: Browser) -> None:
    page = setting_up.page
    assert set(page.form.fields) == {"csrf_token", "code"}
    assert [tag for tag, _ in page.tags].count("h2") == 3
    (svg,) = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert svg["role"] == "img"
    assert "<title>QR code for your authenticator app</title>" in page.html
    assert not {"<?xml", "style="} & set(re.findall(r"<\?xml|style=", page.html))
    assert key_on(setting_up.open("/portal/set-up")) == key_on(page)
    page = setting_up.send(code=code_for(house, page))
    assert page.h1 == "You are signed in"
    assert "Your two-factor authentication is set up" in page.text


def test_wrong_first_code_keeps_the_secret_and_after_three_speaks_of_the_clock(
    house: House, setting_up: Browser
) -> None:
    key, step = key_on(setting_up.page), totp.step_at(house.clock.now())
    right = {totp.code_at(key, step + skew) for skew in (-1, 0, 1)}
    wrong = next(code for code in (f"{n:06}" for n in range(4)) if code not in right)
    for count in (1, 2, 3):
        page = setting_up.send(code=wrong)
        assert (page.status, key_on(page)) == (422, key)
        assert ("Set your phone's clock to automatic" in page.text) is (count == 3)
    assert "is wrong" in page.error_at("code")


def test_code_in_place_of_the_set_up_code_opens_nothing(house: House, waiting: Browser) -> None:
    csrf = waiting.page.form.fields["csrf_token"]
    page = waiting.post("/portal/set-up", {"csrf_token": csrf, "code": "123456"})
    assert page.h1 == "Prove that it is you"
    assert house.contact(house.world.bob).set_up_required


def test_until_it_is_done_nothing_else_is_reached(house: House, waiting: Browser) -> None:
    paths = ("/portal/", "/portal/sign-in", "/portal/password")
    assert {waiting.open(path).h1 for path in paths} == {"Prove that it is you"}
    setting_up = waiting.send(set_up_code=shown_in_slack(house))
    assert {waiting.open(path).h1 for path in paths} == {setting_up.h1}


@pytest.mark.parametrize("begun_anew", [House.reset, House.setting_up])
def test_page_that_was_overtaken_leads_back_to_the_sign_in(
    house: House, setting_up: Browser, begun_anew: object
) -> None:
    code = code_for(house, setting_up.page)
    assert callable(begun_anew)
    begun_anew(house, house.world.bob)
    page = setting_up.send(code=code)
    assert page.h1 == "Sign in"
    assert "Your session has ended" in page.text


def test_directory_without_an_answer_changes_nothing(
    house: House, setting_up: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(*_: object) -> None:
        raise DirectoryUnavailableError

    monkeypatch.setattr("bot.directories.embedded.EmbeddedDirectory.authenticators_of", no_answer)
    page = setting_up.send(code=code_for(house, setting_up.page))
    assert (page.status, page.h1) == (503, "That could not be verified")
    assert house.contact(house.world.bob).set_up_required
