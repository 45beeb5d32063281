"""Stories that play themselves in the terminal, each step seen on somebody's screen."""

from collections.abc import Callable, Sequence

from playground.story.fraud import FraudStory
from playground.story.hand_over import HandOverStory
from playground.story.reset import ResetStory
from playground.story.stage import Stage, Step, Story, play

STORIES: Sequence[Callable[[Stage], Story]] = (ResetStory, HandOverStory, FraudStory)
"""Each is played in an office of its own."""

__all__ = ["STORIES", "Stage", "Step", "Story", "play"]
