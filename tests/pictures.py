"""The README's and the tutorial's pictures, taken from the running playground in Chromium.

`make pictures` takes them anew; look at them before you commit them. A test takes one, so that
the script keeps working.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from playground.clock import PlaygroundClock
from playground.office import Office
from playground.page.server import PageServer
from tests.browser.chromium import launch
from tests.browser.desk import Desk
from tests.browser.portal import CONFIGURE, PROVE, Portal

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
LARGEST = 150_000
"""Bytes, so that a README is there at once."""

_COLOURS = 256
_SIZE = ViewportSize(width=1120, height=700)
_SET_UP_SIZE = ViewportSize(width=760, height=940)
_SHARP = 2
"""Pixels for each of the page's, so that text is sharp on any screen."""


class Camera:
    """Takes pictures into a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.taken: dict[str, Path] = {}

    def take(self, name: str, of: Page | Locator) -> None:
        """Take a picture, without what moves; raises `ValueError` if it came out too large."""
        path = self._folder / f"{name}.png"
        whole = Image.open(BytesIO(of.screenshot(animations="disabled", caret="hide")))
        few = whole.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        few.save(path, optimize=True)
        if path.stat().st_size > LARGEST:
            raise ValueError(f"{path.name} has {path.stat().st_size} bytes, over {LARGEST}")
        self.taken[name] = path


def command(desk: Desk, camera: Camera) -> None:
    """Alice types the command."""
    desk.composer.press_sequentially("/")
    expect(desk.page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    camera.take("command", desk.page)
    desk.composer.fill("")


def reset(desk: Desk, camera: Camera) -> None:
    """Alice gives her code, and answers Yes."""
    desk.ask(why="lost phone")
    desk.modal.get_by_label("I called back").check()
    desk.modal.get_by_label("Your own code").fill(desk.code())
    camera.take("code", desk.page)
    desk.modal.get_by_role("button", name="Continue").click()
    expect(desk.modal).to_be_hidden()
    camera.take("question", desk.page)
    desk.messages.last.get_by_role("button", name="Yes").click()
    expect(desk.messages.last).to_contain_text("was reset")
    camera.take("outcome", desk.page)


def home(desk: Desk, camera: Camera) -> None:
    """Alice looks at her accounts, where Bob's case waits."""
    desk.look_at("Home")
    contacts = desk.panel.get_by_role("heading", name="All Contacts")
    expect(contacts).to_be_visible()
    contacts.evaluate("node => node.scrollIntoView({ block: 'start' })")
    camera.take("home", desk.page)


def shortcut(desk: Desk, camera: Camera) -> None:
    """Alice begins another reset by the shortcut, and thinks better of it."""
    desk.look_at("#help-desk")
    desk.page.get_by_role("button", name="Shortcuts").click()
    desk.page.get_by_role("menuitem", name="Reset 2FA").click()
    desk.modal.get_by_role("combobox", name="Whose 2FA is to be reset?").fill("b")
    expect(desk.modal.get_by_role("option", name="Bob Brown")).to_be_visible()
    camera.take("shortcut", desk.page)
    desk.modal.get_by_role("button", name="Close all").click()
    expect(desk.modal).to_be_hidden()


def set_up(desk: Desk, camera: Camera) -> None:
    """Bob is told, signs in, and sets 2FA up again."""
    desk.act_as("Bob Brown", "DM with Rekey")
    expect(desk.messages.last).to_contain_text("Your 2FA was reset")
    camera.take("told", desk.page)
    portal = Portal(desk.portal())
    portal.sign_in("bob")
    portal.sees(PROVE)
    waits = desk.message("A sign-in waits")
    waits.get_by_role("button", name="Show the set-up code").click()
    code = desk.shown_set_up_code()
    camera.take("set-up-code", desk.page)
    portal.give("Set-up code", code, "Continue")
    portal.sees(CONFIGURE)
    portal.page.set_viewport_size(_SET_UP_SIZE)
    camera.take("set-up", portal.page)


SCENES: Mapping[str, Callable[[Desk, Camera], None]] = {
    "command": command,
    "reset": reset,
    "home": home,
    "shortcut": shortcut,
    "set-up": set_up,
}
"""Each begins where the one before it ended."""


def take_all(browser: Browser, folder: Path, *, scenes: int | None = None) -> Mapping[str, Path]:
    """Play the first `scenes`, or all of them; return the pictures by their names."""
    camera = Camera(folder)
    with (
        tempfile.TemporaryDirectory(prefix="rekey-pictures-") as data,
        Office(Path(data), clock=PlaygroundClock(stands_still=True)) as office,
        PageServer(office) as server,
    ):
        context = browser.new_context(
            viewport=_SIZE, device_scale_factor=_SHARP, color_scheme="light", locale="en-GB"
        )
        page = context.new_page()
        page.goto(server.url)
        expect(page.get_by_role("main")).not_to_have_attribute("aria-busy", "true")
        for scene in list(SCENES.values())[:scenes]:
            scene(Desk(page), camera)
        context.close()
    return camera.taken


def main() -> int:
    """Take all of them into `docs/pictures`."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        taken = take_all(browser, FOLDER)
        browser.close()
    for path in taken.values():
        sys.stdout.write(f"{path.stat().st_size:>8}  docs/pictures/{path.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
