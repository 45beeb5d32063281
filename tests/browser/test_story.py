"""The whole story: from the command to Bob signed in again, by clicks, and by keys alone."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from bot.domain.model.cases import CaseState
from playground.office import Office
from playground.people import BY_HANDLE
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.keys import act_as, press, tab_to
from tests.browser.portal import CONFIGURE, HOME, PROVE, Portal

AT_200_PERCENT = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
"""What Chromium itself makes of a window of 1280 by 900 when somebody zooms to 200 %: half as many
CSS pixels each way, each of two by two, and media queries that follow. Scaling by CSS's `zoom` or
by `Emulation.setPageScaleFactor`, the pinch, would leave the media queries as they are."""


def case_states(office: Office) -> list[CaseState]:
    with office.rekey.database.snapshot() as uow:
        bob = uow.contacts.by_email(BY_HANDLE["bob"].email)
        assert bob is not None
        return [case.state for case in uow.cases.of(bob.id)]


def test_the_whole_story_by_clicks_at_200_percent(open_desk: OpenDesk, office: Office) -> None:
    desk = open_desk(**AT_200_PERCENT)
    assert desk.page.evaluate("[innerWidth, innerHeight, devicePixelRatio]") == [640, 450, 2]
    desk.ask()
    desk.fill_in(code="000000")
    expect(desk.modal.get_by_label("Your own code")).to_have_attribute("aria-invalid", "true")
    expect(desk.modal).to_contain_text("That code is wrong")
    desk.fill_in()
    expect(desk.modal).to_be_hidden()
    expect(desk.messages.last).to_have_accessible_name(re.compile("only visible to you"))
    desk.yes.click()
    expect(desk.messages.last).to_contain_text("was reset")

    desk.act_as("Bob Brown", "DM with Rekey")
    expect(desk.messages.last).to_contain_text("Your 2FA was reset")
    desk.page.get_by_role("button", name="+1 day").click()
    expect(desk.message("Your 2FA is still to be set up")).to_be_visible()

    portal = Portal(desk.portal())
    portal.sign_in("bob")
    portal.sees(PROVE)
    portal.give("Set-up code", desk.set_up_code(), "Continue")
    portal.sees(CONFIGURE)
    expect(portal.page.get_by_role("img", name=re.compile("^QR code"))).to_be_visible()
    portal.give("Code", desk.new_code(), "Confirm code")
    portal.sees(HOME)

    expect(desk.message("An authenticator was added")).to_be_visible()
    desk.act_as("Alice Archer", "DM with Rekey")
    expect(desk.message("Bob Brown has set 2FA up again")).to_be_visible()
    assert case_states(office) == [CaseState.RE_ENROLLED]


def test_the_whole_story_by_keyboard_alone(
    desk: Desk, office: Office, open_page: Callable[..., Page]
) -> None:
    page = desk.page
    _reset_bob(desk)

    portal = open_page()
    portal.goto(f"{office.url}/portal/sign-in")
    expect(portal.get_by_label("User name")).to_be_focused()
    portal.keyboard.type("bob")
    press(portal, "Tab")
    portal.keyboard.type(BY_HANDLE["bob"].password)
    press(portal, "Enter")
    Portal(portal).sees(PROVE)

    act_as(page, "Bob Brown", "DM with Rekey")
    tab_to(page, desk.waiting_sign_in)
    press(page, "Enter")
    code = desk.shown_set_up_code()
    press(page, "Escape")
    expect(desk.modal).to_be_hidden()
    expect(portal.get_by_label("Set-up code")).to_be_focused()
    portal.keyboard.type(code)
    press(portal, "Enter")
    Portal(portal).sees(CONFIGURE)
    tab_to(portal, portal.get_by_label("Code", exact=True))
    portal.keyboard.type(desk.new_code())
    press(portal, "Enter")
    Portal(portal).sees(HOME)
    assert case_states(office) == [CaseState.RE_ENROLLED]


def _reset_bob(desk: Desk) -> None:
    page = desk.page
    tab_to(page, desk.composer)
    page.keyboard.type("/reset-2fa @bo")
    press(page, "Enter")
    page.keyboard.type("lost phone")
    press(page, "Enter")
    expect(desk.modal).to_be_visible()
    expect(desk.modal.get_by_role("radio").first).to_be_focused()
    press(page, "ArrowDown")
    tab_to(page, desk.modal.get_by_label("Your own code"))
    page.keyboard.type(desk.code())
    press(page, "Enter")
    expect(desk.modal).to_be_hidden()
    tab_to(page, desk.yes, backwards=True)
    press(page, "Enter")
    expect(desk.messages.last).to_contain_text("was reset")
