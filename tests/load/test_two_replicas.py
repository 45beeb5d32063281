"""Two replicas under load, one killed every few seconds: what was acknowledged happens once."""

import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.clock import SystemClock
from bot.domain.model.audit import AuditRecord, verify_chain
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Role
from playground.slack import SlackStandIn
from storage.tables import cases, outbox
from tests.faults.site import MANIFEST, Site, until
from tests.load.replicas import Address, Replica
from tests.load.staff import Administrator
from tests.secrecy import SECRETS

KILLED_EVERY = 5.0
KILLS = 24 if os.environ.get("CI") else 4
"""For two minutes in CI; longer only where a replica takes more than five seconds to start."""
SETTLES_WITHIN = 180.0
"""Seconds for what the dead held: a claim on a message or a lease, and some attempts."""
ADMINS = 20
PEOPLE = 6
"""For each administrator: more than there are new codes in the time."""

_AGAIN = "You may have had this message already"
_LOST = re.compile(r"dispatch_failed, status 50[23]$|operation_timeout")
"""What a death, or a machine at its limit, may do to a delivery: Slack tells the person."""

STAFF = (
    {"carol": Role.OWNER}
    | {f"admin{a:02}": Role.ADMINISTRATOR for a in range(ADMINS)}
    | {f"person{a:02}{p}": Role.MEMBER for a in range(ADMINS) for p in range(PEOPLE)}
)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=SystemClock(), manifest=MANIFEST) as slack:
        yield slack
        assert [each for each in slack.violations if not _LOST.search(each)] == []


@pytest.fixture
def site(tmp_path: Path, slack: SlackStandIn, postgresql_url: str) -> Site:
    site = Site(tmp_path, slack, url=postgresql_url, staff=STAFF)
    site.machine.settings["REKEY_SWEEP_EVERY"] = "PT2S"
    return site


def test_what_was_acknowledged_happens_once(site: Site) -> None:
    with Replica(site.machine) as one, Replica(site.machine) as other:
        site.slack.deliver_to = Address([one, other])
        with _at_work(site) as (staff, stop):
            _kill_by_turns([one, other], stop)
        until(lambda: not site.pending() and not _undecided(site), seconds=SETTLES_WITHIN)
    assert one.kills + other.kills == KILLS
    reset = sorted(name for each in staff for name in each.reset)
    assert SECRETS.leaks(("standard error", log) for r in (one, other) for log in r.logs) == []
    _expect_one_reset_each(site, reset)
    _expect_told(site, reset)
    site.machine.done("audit", "verify")


@contextmanager
def _at_work(site: Site) -> Iterator[tuple[list[Administrator], threading.Event]]:
    """Have every administrator work in a thread of their own; leaving waits for all."""
    stop = threading.Event()
    staff = [
        Administrator(site, f"admin{a:02}", [f"person{a:02}{p}" for p in range(PEOPLE)], stop)
        for a in range(ADMINS)
    ]
    with ThreadPoolExecutor(ADMINS) as pool:
        working = [pool.submit(each.work) for each in staff]
        try:
            yield staff, stop
        finally:
            stop.set()
        for each in working:
            each.result()


def _kill_by_turns(replicas: list[Replica], stop: threading.Event) -> None:
    """Kill one every few seconds, the other one the next time; one always serves."""
    for kill in range(KILLS):
        stop.wait(KILLED_EVERY)
        for replica in replicas:
            replica.wait()
        replicas[kill % 2].kill()
    for replica in replicas:
        replica.wait()


def _undecided(site: Site) -> int:
    open_ones = (CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING)
    return len(site.execute(select(cases.c.id).where(cases.c.state.in_(open_ones))))


def _expect_one_reset_each(site: Site, reset: list[str]) -> None:
    records = site.records()
    assert verify_chain(records).fault is None
    whose: dict[str | None, str] = {site.staff[name].id: name for name in reset}
    states: dict[str, list[str]] = {name: [] for name in reset}
    for record in records:
        if record.subscriber in whose and ":case:" in record.tag:
            states[whose[record.subscriber]].append(record.tag.rpartition(":")[2])
    life = ["awaiting_confirmation", "executing", "completed"]
    assert {name: lived for name, lived in states.items() if lived != life} == {}
    assert _count(records, "session:ended") == len(reset)


def _count(records: list[AuditRecord], what: str) -> int:
    return sum(record.tag.partition(":")[2] == what for record in records)


def _expect_told(site: Site, reset: list[str]) -> None:
    """Each message is written once, and arrives; again only where its sender died, and says so."""
    written = site.execute(
        select(outbox.c.contact_id, func.count())
        .where(outbox.c.kind == NoticeKind.SUBSCRIBER_RESET)
        .group_by(outbox.c.contact_id)
    )
    assert dict(map(tuple, written)) == {site.staff[name].id: 1 for name in reset}
    assert site.execute(select(outbox.c.id).where(outbox.c.failed_at.is_not(None))) == []
    told = [[m.text for m in site.slack_of(n).dm if "reset_report" in m.action_ids] for n in reset]
    assert {len(copies) for copies in told} <= {1, 2}
    again = [copies[1] for copies in told if len(copies) > 1]
    assert len(again) <= KILLS
    assert [copy for copy in again if _AGAIN not in copy] == []
