"""A backup in the middle of open cases, restored: all that was acknowledged before it is there."""

import re
from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import make_url, select, update

from bot.clock import SystemClock
from storage.tables import authenticators, cases
from tests.faults import scripts
from tests.faults.site import CHANNEL, COMPLETED, Site, until

PAGE = "back-up-and-rotate-keys.md"
SQLITE, POSTGRESQL = 0, 1
AGAIN = "You may have had this message already"
DAY = re.compile(r"^day=.*$", re.MULTILINE)


def back_up(site: Site, which: int, settings: Mapping[str, str]) -> None:
    script = scripts.block(PAGE, under="Back up", number=which)
    scripts.run(site.machine, DAY.sub("day=2026-11-27", script), settings=settings)


def restore(site: Site, which: int, settings: Mapping[str, str]) -> None:
    script = scripts.block(PAGE, under="Restore", number=which)
    scripts.run(site.machine, DAY.sub("day=2026-11-27", script), settings=settings)


def play(site: Site, which: int, settings: Mapping[str, str]) -> None:
    """Back up amid open cases, go on, lose everything, restore, and see each case to its end."""
    site.machine.settings |= {"REKEY_SWEEP_EVERY": "PT1H", "REKEY_CONFIRM_WITHIN": "PT30M"}
    with site.served():
        block = site.request("alice", "bob")
        site.request("alice", "bill")
        begin_to_carry_out(site, "bill")
        site.slack.faults.server_error("chat.postMessage", times=None)
        site.reset("alan", "beth")
        until(lambda: site.pending() == site.waiting() > 0)
        steps = accepted_steps(site)
        back_up(site, which, settings)

        site.slack.faults.clear()
        assert site.yes("alice", block).ok  # acknowledged, but after the backup
        assert site.state("bob") == "completed"
        head = site.machine.done("audit", "head").split()[0]
    already = len(site.told("beth", COMPLETED))

    restore(site, which, settings)
    assert [site.state(name) for name in ("bob", "bill", "beth")] == [
        "awaiting_confirmation",
        "executing",
        "completed",
    ]
    assert accepted_steps(site) == steps
    ended = site.machine.rekey("audit", "verify", "--expect-head", head)
    assert ended.returncode == 1
    assert ended.stderr in (scripts.PAGES / PAGE).read_text("utf-8")

    with site.served():
        seen = {m.ts for m in site.slack_of("alice").messages(CHANNEL)}
        assert site.type("alice", "bob").ok
        assert site.yes("alice", site.question("alice", but=seen)).ok
        for name in ("bob", "bill", "beth"):
            site.wait_until_told(name, COMPLETED)
        until(lambda: site.pending() == 0)
    assert {site.state(name) for name in ("bob", "bill", "beth")} == {"completed"}
    assert len(site.told("beth", COMPLETED)) == already + 1
    assert AGAIN in site.told("beth", COMPLETED)[-1].shown
    site.machine.done("audit", "verify")


def begin_to_carry_out(site: Site, subscriber: str) -> None:
    """Leave the case as somebody does who dies between Yes and the first effect."""
    case = site.cases(subscriber)[0].id
    gone = {"lease_holder": "run_dead", "lease_until": SystemClock().now() - timedelta(hours=1)}
    site.execute(update(cases).where(cases.c.id == case).values(state="executing", **gone))


def accepted_steps(site: Site) -> list[tuple[object, ...]]:
    """Return which step of each authenticator was accepted last."""
    return sorted(site.execute(select(authenticators.c.id, authenticators.c.last_accepted_step)))


def test_sqlite(site: Site) -> None:
    play(site, SQLITE, {})


def test_postgresql(postgresql_site: Site) -> None:
    url = make_url(postgresql_site.url)
    where = {
        "PGHOST": url.host or "",
        "PGPORT": str(url.port),
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.database or "",
    }
    play(postgresql_site, POSTGRESQL, where)
