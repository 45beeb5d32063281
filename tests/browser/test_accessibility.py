"""axe-core on pages and states, in both colours; nothing is cut off, however narrow.

The pages on which somebody is refused are looked at where they are refused.
"""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from playground.office import Office
from playground.people import BY_HANDLE
from tests.browser.axe import violations
from tests.browser.changes import code_of, password_was_set_for
from tests.browser.chromium import NARROW, Watch, sideways
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.keys import press, tab_to
from tests.browser.look import Look
from tests.browser.portal import CONFIGURE, HOME, PASSWORD, PROVE, Portal
from tests.secrecy import PASSWORD as SECRET_PASSWORD
from tests.secrecy import SECRETS

AT_200_PERCENT = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}
"""What Chromium itself makes of a window of 1280 by 900 when somebody zooms to 200 %: half as many
CSS pixels each way, each of two by two, and media queries that follow. Scaling by CSS's `zoom` or
by `Emulation.setPageScaleFactor`, the pinch, would leave the media queries as they are."""


def test_the_playground_s_page(desk: Desk, look: Look) -> None:
    look.at(desk.page, "channel, empty")
    desk.composer.fill("/")
    desk.composer.click()
    expect(desk.page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    look.at(desk.page, "suggestions")
    desk.composer.fill("")
    desk.ask()
    look.at(desk.page, "modal")
    desk.fill_in(code="000000")
    expect(desk.modal).to_contain_text("That code is wrong")
    look.at(desk.page, "modal, refused")
    desk.fill_in()
    expect(desk.modal).to_be_hidden()
    expect(desk.yes).to_be_visible()
    look.at(desk.page, "the question")
    desk.yes.click()
    expect(desk.messages.last).to_contain_text("was reset")
    desk.act_as("Bob Brown", "DM with Rekey")
    expect(desk.message("Your 2FA was reset")).to_be_visible()
    look.at(desk.page, "DM")
    desk.act_as("Alice Archer", "Home")
    expect(desk.panel.get_by_role("heading", name="All Contacts")).to_be_visible()
    look.at(desk.page, "Home")


def test_the_page_of_a_password_that_somebody_else_set(
    office: Office, open_page: Callable[..., Page], look: Look
) -> None:
    """It lets nobody past, looks as it should, and is filled in by keys alone."""
    password_was_set_for(office, "bob")
    portal = Portal(open_page())
    portal.open(office)
    portal.sign_in("bob")
    portal.give("Code", code_of(office, "bob"), "Sign in")
    portal.sees(PASSWORD)
    expect(portal.page.get_by_role("main")).to_contain_text("set by somebody else")
    portal.open(office, "/portal/")
    portal.sees(PASSWORD)
    look.at(portal.page, "password, to be changed")
    for new in ("short", "a long new password"):
        expect(portal.page.get_by_label("Current password")).to_be_focused()
        SECRETS.add(SECRET_PASSWORD, new)
        portal.page.keyboard.type(BY_HANDLE["bob"].password)
        for field in ("New password", "New password, again"):
            tab_to(portal.page, portal.page.get_by_label(field, exact=True))
            portal.page.keyboard.type(new)
        with portal.page.expect_navigation():
            press(portal.page, "Enter")
        if new == "short":
            portal.refuses("New password", "The new password must have")
            portal.page.get_by_label("Current password").focus()
    portal.sees(HOME)


def test_the_whole_reset_at_200_percent(open_desk: OpenDesk, look: Look) -> None:
    desk = open_desk(**AT_200_PERCENT)
    assert desk.page.evaluate("[innerWidth, innerHeight, devicePixelRatio]") == [640, 450, 2]
    look.here(desk.page, "channel")
    desk.ask()
    look.here(desk.page, "modal")
    desk.fill_in()
    expect(desk.modal).to_be_hidden()
    expect(desk.yes).to_be_visible()
    look.here(desk.page, "the question")
    desk.yes.click()
    expect(desk.messages.last).to_contain_text("was reset")
    desk.act_as("Bob Brown", "DM with Rekey")
    expect(desk.message("Your 2FA was reset")).to_be_visible()
    look.here(desk.page, "DM")
    portal = Portal(desk.portal())
    portal.sign_in("bob")
    portal.sees(PROVE)
    look.here(portal.page, "waiting")
    portal.give("Set-up code", desk.set_up_code(), "Continue")
    portal.sees(CONFIGURE)
    look.here(portal.page, "set-up")
    portal.give("Code", desk.new_code(), "Confirm code")
    portal.sees(HOME)


def test_a_narrow_touch_screen_opens_the_list_of_people(open_desk: OpenDesk, look: Look) -> None:
    desk = open_desk(viewport={"width": 320, "height": 640}, has_touch=True)
    desk.act_as("Bob Brown", "DM with Rekey")
    folded = desk.page.get_by_role("button", name="Act as: Bob Brown")
    folded.click()
    look.at(desk.page, "people, unfolded")
    people = desk.page.get_by_role("navigation", name="Act as")
    people.get_by_role("button", name="Bob Brown").click()
    expect(people).to_be_hidden()
    expect(folded).to_be_focused()


BREAKS = {
    "a label": "document.querySelector('label').remove()",
    "the language": "document.documentElement.removeAttribute('lang')",
    "a contrast": "document.querySelector('h1').style.color = '#bbb'",
    "a name": "document.querySelector('button').textContent = ''",
    "the width": "document.querySelector('main').style.minWidth = '30rem'",
}


def test_a_page_broken_on_purpose_is_found(
    office: Office, open_page: Callable[..., Page], look: Look
) -> None:
    """What was broken is put right again by loading the page anew."""
    portal = Portal(open_page(viewport=NARROW))
    portal.open(office)
    look.at(portal.page, "whole")
    found = {}
    for what, breaks in BREAKS.items():
        portal.open(office)
        portal.page.evaluate(breaks)
        found[what] = violations(portal.page) + sideways(portal.page)
    assert [what for what, faults in found.items() if not faults] == []


def test_a_page_that_looks_elsewhere_or_fails_is_found(chromium: Browser, office: Office) -> None:
    context = chromium.new_context()
    watch = Watch(context)
    page = context.new_page()
    page.goto(f"{office.url}/healthz")
    with page.expect_event("requestfailed"):
        page.evaluate("fetch('http://elsewhere.example/').catch(() => console.error('oh'))")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('broken') })")
    context.close()
    for fault in ("reaches for http://elsewhere.example/", "console: oh", "broken"):
        assert any(fault in seen for seen in watch.faults), (fault, watch.faults)
