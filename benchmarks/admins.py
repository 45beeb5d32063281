"""Eight administrators who say Yes at once, on one SQLite file: how long each waits to write.

One writer at a time is all that SQLite has; what counts is that nobody is starved meanwhile.

    python -m benchmarks.admins
"""

import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from unittest.mock import patch

from slack_bolt import BoltRequest

from benchmarks.program import hire, keep_slack_out, program, waiting_case, yes
from bot.server.program import Rekey
from storage.writers import WriterLock
from tests.fakes import World

ADMINS = 8
RESETS = 40
WAIT_BUDGET = 0.050
"""Seconds that the longest wait for the writer may take."""


@contextmanager
def waits_noted() -> Iterator[list[float]]:
    """Note how long each unit of work waits for its turn to write, in seconds."""
    waits: list[float] = []
    acquire = WriterLock.acquire

    def noted(lock: WriterLock) -> None:
        began = perf_counter()
        acquire(lock)
        waits.append(perf_counter() - began)

    with patch.object(WriterLock, "acquire", noted):
        yield waits


def lay_down(rekey: Rekey, world: World) -> list[list[BoltRequest]]:
    """Return what each administrator will click, every case another person's."""
    clicks: list[list[BoltRequest]] = []
    for admin in range(ADMINS):
        with rekey.database.unit_of_work() as uow:
            people = [hire(uow, f"p{admin}x{number}") for number in range(RESETS)]
            cases = [waiting_case(uow, world, person) for person in people]
            uow.commit()
        clicks.append([yes(case.id) for case in cases])
    return clicks


def all_at_once(rekey: Rekey, clicks: list[list[BoltRequest]]) -> list[float]:
    """Let each administrator click in a thread of their own; return what each click took."""
    together = threading.Barrier(ADMINS)

    def click_through(mine: list[BoltRequest]) -> list[float]:
        together.wait()
        return [_seconds_of(rekey, request) for request in mine]

    with ThreadPoolExecutor(ADMINS) as threads:
        return [took for each in threads.map(click_through, clicks) for took in each]


def _seconds_of(rekey: Rekey, click: BoltRequest) -> float:
    began = perf_counter()
    answer = rekey.bolt.dispatch(click)
    took = perf_counter() - began
    assert answer.status == 200, answer.body
    return took


def main() -> int:
    """Print the longest waits; return 1 where one is over its budget."""
    keep_slack_out()
    with tempfile.TemporaryDirectory() as name:
        rekey, world = program(Path(name))
        clicks = lay_down(rekey, world)
        with waits_noted() as waits:
            took = all_at_once(rekey, clicks)
        rekey.database.close()
    print(
        f"wait for the writer      {max(waits) * 1000:6.1f} ms at worst,"
        f" {statistics.median(waits) * 1000:.2f} ms as a rule, budget {WAIT_BUDGET * 1000:.0f} ms"
        f"  ({ADMINS} administrators, {len(waits)} waits)"
    )
    print(
        f"Yes to answer            {max(took) * 1000:6.1f} ms at worst,"
        f" {statistics.median(took) * 1000:.1f} ms as a rule  ({len(took)} resets)"
    )
    return int(max(waits) > WAIT_BUDGET)


if __name__ == "__main__":
    sys.exit(main())
