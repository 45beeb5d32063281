"""What keeps a crash from doing harm, taken away: the very stories that pass with it fail."""

import pytest

from tests.crash.ends import verify_end
from tests.crash.guards import Guard
from tests.crash.launch import At, When
from tests.crash.points import Story
from tests.crash.stage import Stage
from tests.crash.stories import re_enrolment
from tests.crash.stories_of_trouble import pressed_twice

PERFORM = "bot.domain.resets.carrying_out:ExecutingService.perform"

CASES: list[tuple[Guard, Story, list[At]]] = [
    (Guard.OUTBOX, re_enrolment, [At(step=PERFORM, when=When.AFTER)]),
    (Guard.LEASE, re_enrolment, [At(step=PERFORM, when=When.BEFORE)]),
    (Guard.CAS, pressed_twice, []),
]
each_guard = pytest.mark.parametrize(("guard", "story", "cues"), CASES, ids=list(Guard))


@each_guard
def test_story_passes_with_the_guard(
    stage: Stage, guard: Guard, story: Story, cues: list[At]
) -> None:
    assert guard in Guard
    _play(stage, story, cues)


@each_guard
def test_story_fails_without_the_guard(
    stage: Stage, guard: Guard, story: Story, cues: list[At]
) -> None:
    stage.without, stage.patience_at_last = guard, 5  # what is lost never comes
    with pytest.raises((AssertionError, TimeoutError)):
        _play(stage, story, cues)
    assert stage.cues == []


def _play(stage: Stage, story: Story, cues: list[At]) -> None:
    stage.cues = list(cues)
    stage.start()
    story(stage)
    verify_end(stage)
