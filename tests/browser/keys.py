"""A person who has a keyboard and no mouse."""

import re

from playwright.sync_api import Locator, Page, expect

_HAS_FOCUS = "node => node === document.activeElement"
_MOST_TABS = 60
_WELL_SEEN = re.compile(r"^([2-9]|\d{2,})(\.\d+)?px$")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, control: Locator, *, backwards: bool = False) -> None:
    """Wait for the control, press Tab until it has the focus, and see that this shows."""
    expect(control).to_be_visible()  # what a message brings may still be on its way
    for _ in range(_MOST_TABS):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if control.evaluate(_HAS_FOCUS):
            expect(control).not_to_have_css("outline-style", "none")
            expect(control).to_have_css("outline-width", _WELL_SEEN)
            return
    raise AssertionError(f"Tab does not lead to {control}")


def act_as(page: Page, name: str, place: str) -> None:
    """Choose somebody, and one of their places by the arrow keys."""
    people = page.get_by_role("navigation", name="Act as")
    tab_to(page, people.get_by_role("button", name=name), backwards=True)
    press(page, "Enter")
    expect(page.get_by_role("main", name=f"Slack, as {name}")).to_be_visible()
    tab_to(page, page.get_by_role("tab", selected=True))
    tab = page.get_by_role("tab", name=re.compile(f"^{re.escape(place)}"))
    for _ in range(page.get_by_role("tab").count()):
        if tab.get_attribute("aria-selected") == "true":
            break
        press(page, "ArrowRight")
    expect(tab).to_be_focused()
