"""The rules of the design hold for 5,000 random acts, in memory and on SQLite."""

import os
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes import FakeDatabase
from tests.fakes.sqlite import a_database
from tests.machine.firm import Firm
from tests.machine.troubled import TroubledMachine

STEPS = 5000 if os.environ.get("CI") else 1000
"""Over each store. All of them where a machine waits for the answer; a person has less time."""
STEPS_A_LIFE = 50
PARTS = 2
"""Of the steps on SQLite, so that they are made side by side."""


def lives(steps: int) -> settings:
    return settings(
        max_examples=steps // STEPS_A_LIFE,
        stateful_step_count=STEPS_A_LIFE,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


class InMemory(TroubledMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        database = FakeDatabase()
        return Firm(database.unit_of_work, snapshot=database.snapshot)


class OnSqlite(TroubledMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        folder = TemporaryDirectory()
        database = a_database(Path(folder.name))

        def close() -> None:
            database.close()
            folder.cleanup()

        return Firm(database.unit_of_work, snapshot=database.snapshot, close=close)


def test_in_memory() -> None:
    run_state_machine_as_test(InMemory, settings=lives(STEPS))
    _expect_done(InMemory, "ask", "yes", "first code", "report", "reinstate")


@pytest.mark.parametrize("part", range(PARTS))
def test_on_sqlite(part: int) -> None:  # noqa: ARG001  # each draws acts of its own
    OnSqlite.seen.clear()
    run_state_machine_as_test(OnSqlite, settings=lives(STEPS // PARTS))
    _expect_done(OnSqlite, "ask", "yes")


def _expect_done(machine: type[TroubledMachine], *acts: str) -> None:
    """Random acts that are all refused would show nothing."""
    assert [act for act in acts if not machine.seen[act]] == []
