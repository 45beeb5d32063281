"""How a page is looked at in a test: whole at every width, by axe-core, in both colours."""

from playwright.sync_api import Page, ViewportSize

from tests.browser.axe import LOOKS, violations
from tests.browser.chromium import sideways

WIDTHS = (1280, 640, 320)
"""A window of 1280 pixels is one of 640 at 200 %, and one of 320 at 400 % (WCAG 2.2, 1.4.10)."""


class Look:
    """Looks at pages as they are, and gathers what is wrong with each."""

    def __init__(self) -> None:
        self.faults: dict[str, list[str]] = {}

    def at(self, page: Page, state: str) -> None:
        """Look at a page that shows what it is to show, and has nothing more to come."""
        page.wait_for_load_state()  # its heading may be there before its style
        kept = page.viewport_size
        assert kept is not None
        for width in WIDTHS:
            page.set_viewport_size(ViewportSize(width=width, height=kept["height"]))
            self._note(f"{state}, {width} wide", sideways(page))
        page.emulate_media(color_scheme="dark")
        self._note(f"{state}, narrow and dark", violations(page, LOOKS))
        page.set_viewport_size(kept)
        page.emulate_media(color_scheme="light")
        self._note(f"{state}, light", violations(page))

    def _note(self, where: str, found: list[str]) -> None:
        if found:
            self.faults[where] = found
