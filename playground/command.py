"""`rekey playground`: serve until told to stop, act at a prompt, or play the story."""

import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.logs import configure_logs
from playground.clock import PlaygroundClock
from playground.office import Office
from playground.story import ResetStory, Stage, play
from playground.story.stage import PATIENCE

WIDTH = 88
"""Columns at most; lines of text are hard to read when they are longer."""


def run(*, story: bool = False, patience: float = PATIENCE) -> int:
    """Run the playground in a folder of its own that is removed at the end; return the exit code.

    A story is played within a bounded time, `patience` seconds at most for what shall appear on a
    screen; its exit code is 0 only if every step was seen.
    """
    configure_logs(level="ERROR" if story else "WARNING")
    console = _console()
    with tempfile.TemporaryDirectory(prefix="rekey-playground-") as folder:
        return _play(Path(folder), console, patience=patience)


def _play(folder: Path, console: Console, *, patience: float) -> int:
    console.print(Text("Rekey: the story of a reset", style="bold"))
    with Office(folder, clock=PlaygroundClock(stands_still=True)) as office:
        stage = Stage(office, console, patience=patience)
        story = ResetStory(stage)
        if not play(story, stage):
            return 1
        console.print()
        console.print(Text(f"Every step was seen: {len(story.steps)} of them.", style="bold green"))
    return 0


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, WIDTH)
    return console
