"""`/reset-2fa` to its acknowledgement, and Yes to a durable commit, over the least it could cost.

A Yes is durable, and the reset sure to happen, with the first of two transactions; what it then
takes until the reset was carried out and answered is a line of its own.

The program and the floor take turns, and of each the quickest tenth counts, so that whatever else
the machine does is left out as far as can be.

    python -m benchmarks.yes
"""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter

from slack_bolt import App, BoltRequest

from benchmarks.floor import Floor, Recorder, recorded
from benchmarks.program import command, hire, keep_slack_out, program, waiting_case, yes
from bot.server.program import Rekey
from tests.fakes import World

ROUNDS = 200
WARM_UP = 20
BUDGET = 3.0
"""Times the floor."""
WHOLE_BUDGET = 5.0
"""Times the floor, where both people's standing is settled twice, and every effect read back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What is asked of the program, and how much of its answer is waited for."""

    name: str
    request: Callable[[], BoltRequest]
    """Lays down what the request finds."""
    until_durable: bool = False
    """Whether the first transaction is waited for, and not the answer."""
    budget: float = BUDGET


@dataclass(slots=True, kw_only=True)
class Measured:
    """One way: seconds of each request, here and at the floor, and what the last sent and wrote."""

    way: Way
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
            f"{self.way.name:22} {self.ratio:5.2f} times the floor, budget {self.way.budget}"
            f"  ({ours:.2f} ms over {floor:.2f} ms; {self.sent} statements, {self.rows} rows)"
        )


def _undisturbed(times: list[float]) -> float:
    return statistics.quantiles(times, n=10)[0]


def take_turns(way: Way, *, rekey: Rekey, floor: Floor, recorder: Recorder) -> Measured:
    """Measure one request a round, here and then at the floor."""
    measured = Measured(way=way)
    for number in range(WARM_UP + ROUNDS):
        request = way.request()
        floor.write(recorder.take().transactions)
        began, ended = _dispatch(rekey.bolt, request)
        taken = recorder.take()
        waited_for = 1 if way.until_durable else len(taken.transactions)
        floor.give(taken.transactions[:waited_for])
        floor_began, floor_ended = _dispatch(floor.app, request)
        floor.write(taken.transactions[waited_for:])
        if number >= WARM_UP:
            until = taken.commits[0] if way.until_durable else ended
            floor_until = floor.durable_at if way.until_durable else floor_ended
            measured.ours.append(until - began)
            measured.floor.append(floor_until - floor_began)
            measured.sent, measured.rows = taken.sent, taken.rows
    return measured


def _dispatch(app: App, request: BoltRequest) -> tuple[float, float]:
    """Have the request answered; return when that began and ended."""
    began = perf_counter()
    answer = app.dispatch(request)
    ended = perf_counter()
    assert answer.status == 200, answer.body
    return began, ended


def ways(rekey: Rekey, world: World) -> Iterator[Way]:
    """Return what is measured, each with people of its own."""
    numbers = count()

    def about_somebody() -> BoltRequest:
        name = f"p{next(numbers)}"
        with rekey.database.unit_of_work() as uow:
            hire(uow, name)
            uow.commit()
        return command(name)

    def to_somebodys_case() -> BoltRequest:
        with rekey.database.unit_of_work() as uow:
            case = waiting_case(uow, world, hire(uow, f"p{next(numbers)}"))
            uow.commit()
        return yes(case.id)

    yield Way(name="/reset-2fa to ack", request=about_somebody)
    yield Way(name="Yes to durable commit", request=to_somebodys_case, until_durable=True)
    yield Way(name="Yes to its outcome", request=to_somebodys_case, budget=WHOLE_BUDGET)


def main() -> int:
    """Print the ratios; return 1 where one is over its budget."""
    keep_slack_out()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rekey, world = program(folder)
        rekey.database.close()  # the last to close moves everything from the log into the file
        shutil.copy(folder / "rekey.db", folder / "floor.db")
        floor = Floor(folder / "floor.db")
        with recorded() as recorder:
            done = [
                take_turns(way, rekey=rekey, floor=floor, recorder=recorder)
                for way in ways(rekey, world)
            ]
        floor.close()
        rekey.database.close()
    for each in done:
        print(each)
    return int(any(each.ratio > each.way.budget for each in done))


if __name__ == "__main__":
    sys.exit(main())
