"""Told to end by SIGTERM at the same steps: what is under way ends, and nothing is lost or doubled.

How the process ended, and in what time, is looked at by the stage.
"""

import signal

import pytest

from tests.crash.ends import verify_end
from tests.crash.launch import At, When
from tests.crash.points import POINTS, Story
from tests.crash.stage import Stage

STEPS = [(story, step) for story, steps in POINTS.items() for step in steps]


@pytest.mark.parametrize(("story", "step"), STEPS, ids=[step for _, step in STEPS])
def test_story_comes_to_its_end_wherever_it_is_told_to_stop(
    stage: Stage, story: Story, step: str
) -> None:
    stage.cues = [At(step=step, when=When.BEFORE, by=signal.SIGTERM)]
    stage.start()
    story(stage)
    verify_end(stage)
