"""The browser that is on this machine, and what every test asks of the pages that it shows."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    expect,
)

LOOPBACK = "127.0.0.1"
PATIENCE = 60_000
"""Milliseconds that everything may take; machines that run other tests meanwhile are slow."""
WIDE = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}

# As root there is no sandbox; the rest keeps the browser itself from calling home, and the pages
# from reaching anything but this machine.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOOPBACK}",
)


def chromium() -> Path | None:
    """Return the Chromium that is installed, if there is one; none is ever downloaded."""
    found = shutil.which("chromium")
    return Path(found) if found else None


def launch(playwright: Playwright) -> Browser:
    """Start it, and be patient with it; raises `LookupError` where there is none."""
    found = chromium()
    if found is None:
        raise LookupError("there is no Chromium here: install the package chromium")
    expect.set_options(timeout=PATIENCE)
    return playwright.chromium.launch(
        executable_path=found, args=list(_ARGUMENTS), timeout=PATIENCE
    )


_WITHIN = frozenset({"data", "blob", "about"})
"""Addresses that lead nowhere."""


class Watch:
    """Keeps what a context must never show: other hosts, and errors of its pages.

    The console's line about an answer with an error's status is left out: a refused form is
    answered so, and the page that comes with it is what the tests look at.
    """

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        context.set_default_timeout(PATIENCE)
        # Listening costs nothing; a route would stop each request until Python lets it go on.
        context.on("request", self._loopback_only)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"error: {error.error}"))
        context.on("requestfailed", self._failed)

    def _loopback_only(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in _WITHIN and address.hostname != LOOPBACK:
            self.faults.append(f"reaches for {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        answered = message.text.startswith("Failed to load resource: the server responded")
        if message.type in {"error", "warning"} and not answered:
            self.faults.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page itself no longer wanted it
            self.faults.append(f"failed: {request.url} {request.failure}")


def sideways(page: Page) -> list[str]:
    """Return what is cut off or makes a page scroll sideways, by the start of its markup."""
    found: list[str] = page.evaluate(_SIDEWAYS)
    return found


_SIDEWAYS = """() => {
  const wide = document.documentElement.clientWidth;
  const faults = document.documentElement.scrollWidth > wide
    ? [`the page is ${document.documentElement.scrollWidth} wide, of ${wide}`] : [];
  const scrolls = (node) => {
    for (let up = node.parentElement; up && up !== document.body; up = up.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(up).overflowX) && up.tabIndex >= 0)
        return true;
    return false;
  };
  for (const node of document.body.querySelectorAll("*")) {
    const { left, right, width, height } = node.getBoundingClientRect();
    const style = getComputedStyle(node);
    const hidden = width <= 1 || height <= 1 || style.visibility === "hidden"
      || style.clipPath !== "none" || node.closest("svg, .hidden, .skip");
    if (!hidden && (right > wide + 1 || left < -1) && !scrolls(node))
      faults.push(node.outerHTML.slice(0, 120));
    const cut = style.overflowX === "hidden" && node.scrollWidth > node.clientWidth + 1
      && style.textOverflow !== "ellipsis";
    if (!hidden && cut) faults.push(`cut off: ${node.outerHTML.slice(0, 120)}`);
  }
  return faults;
}"""
