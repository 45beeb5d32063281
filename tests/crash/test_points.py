"""The table of fault points against the source: no step that writes or sends is left out."""

from tests.crash.points import COMMANDS, POINTS, UPGRADE
from tests.crash.steps import steps


def test_every_step_that_writes_or_sends_is_a_fault_point_of_one_story() -> None:
    tables = (*POINTS.values(), *COMMANDS.values(), (UPGRADE,))
    named = [step for table in tables for step in table]
    assert len(named) == len(set(named))
    assert set(named) == {step.name for step in steps()}
