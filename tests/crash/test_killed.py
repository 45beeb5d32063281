"""Killed or told to end at every step that writes or sends, and started again: nothing is lost.

How a process ended that was told to, and in what time, is looked at by the stage.
"""

import signal
from collections.abc import Iterator, Sequence

import pytest

from tests.crash.ends import expect_end
from tests.crash.launch import At, When
from tests.crash.points import APART, COMMANDS, POINTS, UPGRADE, Story
from tests.crash.stage import Stage
from tests.crash.steps import steps


def _deaths() -> Iterator[object]:
    """Yield each story with where the program dies in it, one after the other."""
    for story, names in POINTS.items():
        yield pytest.param(story, [], id=story.__name__)
        for step in names:
            killed = [At(step=step, when=when) for when in When]
            told = At(step=step, when=When.BEFORE, by=signal.SIGTERM)
            for cues in ([[cue] for cue in killed] if step in APART else [killed]) + [[told]]:
                ways = "-".join(f"{cue.when}-{cue.by.name}" for cue in cues)
                yield pytest.param(story, cues, id=f"{step}-{ways}")


@pytest.mark.parametrize(("story", "cues"), list(_deaths()))
def test_story_comes_to_its_end_wherever_the_program_dies(
    stage: Stage, story: Story, cues: Sequence[At]
) -> None:
    expect_end(stage, story, cues)


def test_every_step_that_writes_or_sends_is_a_fault_point_of_one_story() -> None:
    tables = (*POINTS.values(), *COMMANDS.values(), (UPGRADE,))
    named = [step for table in tables for step in table]
    assert len(named) == len(set(named))
    assert set(named) == {step.name for step in steps()}
