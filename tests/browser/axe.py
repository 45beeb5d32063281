"""axe-core, run on a page: the rules of WCAG 2.2 up to AA, and its own best practices."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

_AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
_RUN = """async (rules) => {
  const runOnly = rules.length ? { runOnly: rules } : {};
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...runOnly });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id} (${help}): ${html} ${failureSummary}`));
}"""


LOOKS = ("color-contrast", "scrollable-region-focusable", "target-size")
"""The rules whose outcome depends on colours and widths, and not on the markup alone."""


def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Return what axe-core finds in the page as it is now, one line an element; by all rules."""
    # evaluated by the debugger, so that the page's Content-Security-Policy need not allow it
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE)
    found: Any = page.evaluate(_RUN, list(rules))
    return [str(line) for line in found]
