"""The shipped nginx lets no address send forms without end."""

from pathlib import Path

from tests.deployment import nginx
from tests.office import Browser
from tests.postgresql import free_port

BURST = 20


def test_forms_are_counted_and_pages_are_not(tmp_path: Path) -> None:
    """Nobody listens behind it: what gets through is answered 502."""
    with nginx.serving(tmp_path, [free_port()]) as proxy:
        browser = Browser(proxy.url, trust=proxy.trust())
        sent = [browser.post("/portal/sign-in", "").status for _ in range(BURST * 3)]
        looked_at = [browser.open("/portal/sign-in").status for _ in range(BURST + 5)]
        slack = [browser.post("/slack/events", "").status for _ in range(BURST + 5)]
    assert sent[:BURST] == [502] * BURST
    assert 429 in sent
    assert 429 not in looked_at + slack
