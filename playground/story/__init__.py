"""Stories that play themselves in the terminal, each step seen on somebody's screen."""

from playground.story.reset import ResetStory
from playground.story.stage import Stage, Step, play

__all__ = ["ResetStory", "Stage", "Step", "play"]
