"""One sweep where 500 reminders are due, among 10 thousand resets and among a million.

Finding what is due is held to a budget, and must not take longer the more is stored. Writing 500
reminders, with their records and messages, is told beside it, and how long others wait for it.

    python -m benchmarks.sweep
"""

import sqlite3
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from benchmarks.program import hire, keep_slack_out, program
from bot.domain.model.cases import CaseState
from bot.server.program import Rekey
from tests.fakes import ACME, NOON, World, a_case

FEW, MANY = 10_000, 1_000_000
DUE = 500
LOOKS = 25
FIND_BUDGET = 0.015
"""Seconds to find what is due among a million."""
GROWTH_BUDGET = 2.5
"""Times what it takes among ten thousand."""

_FILL = """
WITH RECURSIVE counted (number) AS (
  SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < :count
)
INSERT INTO cases (id, kind, state, account_id, admin_id, subscriber_id, proof, reason, opened_at,
  decided_at, completed_at, re_enrolled_at, reminders_sent)
SELECT printf('case_%020d', number), 'reset', 're_enrolled', :account, :admin, :subscriber,
  'video', 'Lost the phone', :at, :at, :at, :at, 0
FROM counted
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a sweep takes, in seconds."""

    find: float
    whole: float
    wait: float
    """The longest that somebody waited meanwhile who wanted to write."""


def fill(database: Path, world: World, count: int) -> None:
    """Lay down that many resets of a year ago, each followed by its re-enrolment."""
    a_year_ago = NOON - timedelta(days=365)
    values = {
        "count": count,
        "account": ACME.id,
        "admin": world.carol.id,
        "subscriber": world.alan.id,
        "at": f"{a_year_ago:%Y-%m-%d %H:%M:%S.%f}",
    }
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(_FILL, values)


def complete(rekey: Rekey, world: World) -> None:
    """Lay down resets of yesterday, of whose subscribers each is to be reminded now."""
    yesterday = NOON - timedelta(days=1)
    with rekey.database.unit_of_work() as uow:
        for number in range(DUE):
            case = a_case(
                subscriber_id=hire(uow, f"due{number}"),
                admin_id=world.alice.id,
                state=CaseState.COMPLETED,
                completed_at=yesterday,
            )
            uow.contacts.set_set_up_required(case.subscriber_id, required=True)
            uow.cases.add(case)
            uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=NOON)
        uow.commit()


def measure(count: int) -> Sweep:
    """Return what the sweep takes where that many resets are stored."""
    with tempfile.TemporaryDirectory() as name:
        rekey, world = program(Path(name))
        complete(rekey, world)
        fill(Path(name) / "rekey.db", world, count)
        find = min(_seconds(lambda: _find(rekey)) for _ in range(LOOKS))
        with waiting(rekey) as waits:
            whole = _seconds(rekey.sweep.run)
        with rekey.database.snapshot() as reading:
            assert reading.cases.due_to_remind(NOON) == ()
        rekey.database.close()
    return Sweep(find=find, whole=whole, wait=max(waits))


@contextmanager
def waiting(rekey: Rekey) -> Iterator[list[float]]:
    """Enter a transaction again and again meanwhile; note how long each entry took."""
    waits, done = list[float](), threading.Event()

    def write() -> None:
        while not done.wait(0.001):
            began = perf_counter()
            with rekey.database.unit_of_work():
                waits.append(perf_counter() - began)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield waits
    finally:
        done.set()
        writer.join()


def _find(rekey: Rekey) -> None:
    with rekey.database.unit_of_work() as uow:
        assert uow.cases.due_to_expire(NOON) == ()
        assert uow.cases.due_to_lapse(NOON - timedelta(days=14)) == ()
        assert len(uow.cases.due_to_remind(NOON)) == DUE


def _seconds(act: Callable[[], None]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def main() -> int:
    """Print what was measured; return 1 where it is over a budget."""
    keep_slack_out()
    few, many = measure(FEW), measure(MANY)
    growth = many.find / few.find
    found, budget = many.find * 1000, FIND_BUDGET * 1000
    print(f"find {DUE} due among {MANY:,}  {found:6.1f} ms   budget {budget:.0f}")
    print(f"over finding them among {FEW:,}  {growth:5.2f}      budget {GROWTH_BUDGET}")
    print(
        f"the whole sweep  {many.whole * 1000:,.0f} ms, {many.whole / few.whole:.2f} times that"
        f" among {FEW:,}; {many.whole / DUE * 1000:.1f} ms a reminder"
    )
    print(f"whoever writes meanwhile waits {many.wait * 1000:,.0f} ms at most")
    return int(many.find > FIND_BUDGET or growth > GROWTH_BUDGET)


if __name__ == "__main__":
    sys.exit(main())
