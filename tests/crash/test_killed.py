"""Killed by SIGKILL at every step that writes or sends, and started again: nothing is lost."""

from collections.abc import Iterator, Sequence

import pytest

from tests.crash.ends import verify_end
from tests.crash.launch import At, When
from tests.crash.points import APART, POINTS, Story
from tests.crash.stage import Stage


def _deaths() -> Iterator[object]:
    """Yield each story with where the program dies in it, one after the other."""
    for story, steps in POINTS.items():
        for step in steps:
            cues = [At(step=step, when=when) for when in When]
            for several in [[cue] for cue in cues] if step in APART else [cues]:
                whens = "-".join(cue.when for cue in several)
                yield pytest.param(story, several, id=f"{step}-{whens}")


@pytest.mark.parametrize("story", POINTS, ids=lambda story: story.__name__)
def test_story_comes_to_its_end_where_nothing_dies(stage: Stage, story: Story) -> None:
    stage.start()
    story(stage)
    verify_end(stage)


@pytest.mark.parametrize(("story", "cues"), list(_deaths()))
def test_story_comes_to_its_end_wherever_the_program_dies(
    stage: Stage, story: Story, cues: Sequence[At]
) -> None:
    stage.cues = list(cues)
    stage.start()
    story(stage)
    verify_end(stage)
