"""The rules of the design hold for 5,000 random acts, in memory and on SQLite."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes import FakeDatabase
from tests.fakes.sqlite import a_database
from tests.machine.firm import Firm
from tests.machine.machine import CaseMachine

STEPS = 5000
STEPS_A_LIFE = 50

SETTINGS = settings(
    max_examples=STEPS // STEPS_A_LIFE,
    stateful_step_count=STEPS_A_LIFE,
    phases=(Phase.generate,),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


class InMemory(CaseMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        return Firm(FakeDatabase().unit_of_work)


class OnSqlite(CaseMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        folder = TemporaryDirectory()
        database = a_database(Path(folder.name))

        def close() -> None:
            database.close()
            folder.cleanup()

        return Firm(database.unit_of_work, close=close)


def test_in_memory() -> None:
    run_state_machine_as_test(InMemory, settings=SETTINGS)
    assert InMemory.seen["yes"] > 50


def test_on_sqlite() -> None:
    run_state_machine_as_test(OnSqlite, settings=SETTINGS)
    assert OnSqlite.seen["yes"] > 50
