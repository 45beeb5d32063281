"""A person who has a keyboard and no mouse."""

import re

from playwright.sync_api import Page, expect

_FOCUSED = """() => {
  const node = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(node);
  const shows = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  const label = node.labels?.[0]?.textContent ?? node.getAttribute("aria-label");
  if (label) return [label.trim(), shows];
  const read = node.cloneNode(true);
  for (const unread of read.querySelectorAll("[aria-hidden]")) unread.remove();
  return [read.textContent.trim(), shows];
}"""
"""Asked at once, so that nothing can move in between."""
_MOST_TABS = 60


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, name: str, *, backwards: bool = False) -> None:
    """Press Tab until the control whose name begins so has the focus, and see that it shows."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        focused, shows = page.evaluate(_FOCUSED)
        if str(focused).startswith(name):
            if not shows:  # a page that has only just come may still wait for its style
                page.wait_for_function(f"({_FOCUSED})()[1]")
            return
    raise AssertionError(f"Tab does not lead to {name!r}")


def act_as(page: Page, name: str, place: str) -> None:
    """Choose somebody, and one of their places by the arrow keys."""
    tab_to(page, name, backwards=True)
    press(page, "Enter")
    expect(page.get_by_role("main", name=f"Slack, as {name}")).to_be_visible()
    tab_to(page, page.get_by_role("tab", selected=True).inner_text().partition("\n")[0])
    tab = page.get_by_role("tab", name=re.compile(f"^{re.escape(place)}"))
    for _ in range(page.get_by_role("tab").count()):
        if tab.get_attribute("aria-selected") == "true":
            break
        press(page, "ArrowRight")
    expect(tab).to_be_focused()
