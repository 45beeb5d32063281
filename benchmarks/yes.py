"""`/reset-2fa` to its acknowledgement, and Yes to a durable commit, over the least it could cost.

The program and the floor take turns, and of each the quickest tenth counts, so that whatever else
the machine does is left out as far as can be.

    python -m benchmarks.yes
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from slack_bolt import App, BoltRequest

from benchmarks.floor import Floor, Recorder, recorded
from benchmarks.program import command, hire, keep_slack_out, program, waiting_case, yes
from bot.app import Rekey
from tests.fakes import World

ROUNDS = 200
WARM_UP = 20
BUDGET = 3.0
"""Times the floor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One path: seconds of each request, here and at the floor, and what ours sent and wrote."""

    name: str
    ours: list[float] = field(default_factory=list)
    floor: list[float] = field(default_factory=list)
    sent: int = 0
    rows: int = 0

    @property
    def ratio(self) -> float:
        return _undisturbed(self.ours) / _undisturbed(self.floor)

    def __str__(self) -> str:
        ours, floor = (_undisturbed(each) * 1000 for each in (self.ours, self.floor))
        return (
            f"{self.name:22} {self.ratio:5.2f} times the floor, budget {BUDGET}"
            f"  ({ours:.2f} ms over {floor:.2f} ms; {self.sent} statements, {self.rows} rows)"
        )


def _undisturbed(times: list[float]) -> float:
    return statistics.quantiles(times, n=10)[0]


def take_turns(
    name: str,
    prepare: Callable[[str], Callable[[], BoltRequest]],
    *,
    rekey: Rekey,
    floor: Floor,
    recorder: Recorder,
) -> Measured:
    """Measure one request a round; `prepare` lays down what it finds, for a person of that name."""
    measured = Measured(name=name)
    sent, rows = 0, 0
    for number in range(WARM_UP + ROUNDS):
        request = prepare(f"{name[:3].strip('/')}{number}")
        floor.write(recorder.take()[0])
        ours = _seconds(rekey.bolt, request())
        writes, sent = recorder.take()
        rows = sum(len(write.parameters) if write.many else 1 for write in writes)
        floor.give(writes)
        least = _seconds(floor.app, request())
        if number >= WARM_UP:
            measured.ours.append(ours)
            measured.floor.append(least)
    return Measured(name=name, ours=measured.ours, floor=measured.floor, sent=sent, rows=rows)


def _seconds(app: App, request: BoltRequest) -> float:
    began = perf_counter()
    answer = app.dispatch(request)
    took = perf_counter() - began
    assert answer.status == 200, answer.body
    return took


def measure(rekey: Rekey, world: World, floor: Floor, recorder: Recorder) -> list[Measured]:
    """Measure both paths."""

    def hired(name: str) -> Callable[[], BoltRequest]:
        with rekey.database.unit_of_work() as uow:
            hire(uow, name)
            uow.commit()
        return lambda: command(name)

    def asked(name: str) -> Callable[[], BoltRequest]:
        with rekey.database.unit_of_work() as uow:
            case = waiting_case(uow, world, hire(uow, name))
            uow.commit()
        return lambda: yes(case.id)

    return [
        take_turns("/reset-2fa to ack", hired, rekey=rekey, floor=floor, recorder=recorder),
        take_turns("Yes to durable commit", asked, rekey=rekey, floor=floor, recorder=recorder),
    ]


def main() -> int:
    """Print both ratios; return 1 where one is over its budget."""
    keep_slack_out()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rekey, world = program(folder)
        rekey.database.close()  # the last to close moves everything from the log into the file
        shutil.copy(folder / "rekey.db", folder / "floor.db")
        floor = Floor(folder / "floor.db")
        with recorded() as recorder:
            paths = measure(rekey, world, floor, recorder)
        floor.close()
        rekey.database.close()
    for path in paths:
        print(path)
    return int(any(path.ratio > BUDGET for path in paths))


if __name__ == "__main__":
    sys.exit(main())
