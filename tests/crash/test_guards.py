"""What keeps a crash from doing harm, taken away: the very stories that pass with it fail."""

import pytest

from tests.crash.ends import expect_end
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


@pytest.mark.parametrize("without", [False, True], ids=["with it", "without it"])
@pytest.mark.parametrize(("guard", "story", "cues"), CASES, ids=list(Guard))
def test_story_passes_with_the_guard_and_fails_without(
    stage: Stage, guard: Guard, story: Story, cues: list[At], *, without: bool
) -> None:
    if not without:
        expect_end(stage, story, cues)
        return
    stage.without, stage.patience_at_last = guard, 5  # what is lost never comes
    with pytest.raises((AssertionError, TimeoutError)):
        expect_end(stage, story, cues)
    assert stage.cues == []
