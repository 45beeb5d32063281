"""axe-core on pages and states, in both colours; nothing is cut off, however narrow.

The pages on which somebody is refused are looked at where they are refused.
"""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from playground.office import Office
from tests.browser.axe import violations
from tests.browser.chromium import NARROW, Watch, sideways
from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk
from tests.browser.look import Look
from tests.browser.portal import Portal


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
