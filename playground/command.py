"""`rekey playground`: serve until told to stop, act at a prompt, or play the story."""

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

from rich.console import Console
from rich.text import Text

from bot.logs.logging import configure_logs
from playground.clock import PlaygroundClock
from playground.office import Office, free_port, is_free
from playground.page import PageServer
from playground.prompt import Prompt
from playground.story import STORIES, Stage, play
from playground.story.stage import PATIENCE
from playground.welcome import welcome

PORT = 3000
LAST_PORT = 65_535
WIDTH = 88
"""Columns at most; lines of text are hard to read when they are longer."""


def run(*, story: bool = False, port: int = PORT, patience: float = PATIENCE) -> int:
    """Run the playground in a folder of its own, removed at the end; return the exit code.

    Serves until SIGINT or SIGTERM or, at a terminal, until its prompt is left. A story is played
    within a bounded time, `patience` seconds at most for what shall appear on a screen; its exit
    code is 0 only if every step was seen.
    """
    configure_logs(level="ERROR" if story else "WARNING")
    console = _console()
    with tempfile.TemporaryDirectory(prefix="rekey-playground-") as folder:
        if story:
            return _play(Path(folder), console, patience=patience)
        _serve(Path(folder), console, port=port)
        return 0


def _play(folder: Path, console: Console, *, patience: float) -> int:
    steps = 0
    for number, story_of in enumerate(STORIES, start=1):
        place = folder / str(number)
        place.mkdir()
        with Office(place, clock=PlaygroundClock(stands_still=True)) as office:
            stage = Stage(office, console, patience=patience)
            story = story_of(stage)
            console.print(Text(story.title, style="bold"))
            if not play(story, stage):
                return 1
            console.print()
            steps += len(story.steps)
    console.print(Text(f"Every step was seen: {steps} of them.", style="bold green"))
    return 0


def _serve(folder: Path, console: Console, *, port: int) -> None:
    at_a_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    taken = not is_free(port)
    if taken:
        port, wanted = free_port(), port
        console.print(
            Text(f"Port {wanted} is taken: the Portal is on port {port}.", style="yellow")
        )
    with (
        _told_to_stop(interrupts=at_a_terminal) as told,
        Office(folder, clock=PlaygroundClock(), port=port) as office,
        PageServer(office, port=_beside(port)) as page,
    ):
        welcome(office, console, page_url=page.url, at_a_terminal=at_a_terminal)
        if at_a_terminal:
            _ask(Prompt(office, console))
        else:
            told.get()


def _beside(port: int) -> int:
    """Return the next port for the page, or any free one if that is taken."""
    return port + 1 if port < LAST_PORT and is_free(port + 1) else free_port()


def _ask(prompt: Prompt) -> None:
    """Take lines until the prompt is left, the input ends, or a signal comes."""
    with suppress(ImportError):
        import readline  # noqa: F401, PLC0415  # lines can then be edited and called back

    with suppress(EOFError, KeyboardInterrupt):
        while prompt.take(input(prompt.sign)):
            pass


@contextmanager
def _told_to_stop(*, interrupts: bool) -> Iterator[SimpleQueue[int]]:
    """Yield where SIGINT and SIGTERM are told; or have them interrupt whoever waits for a line."""
    # A queue, since an event's own lock may be held just now by the thread that takes the signal.
    told: SimpleQueue[int] = SimpleQueue()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        told.put(number)
        if interrupts:
            raise KeyboardInterrupt

    before = {name: signal.signal(name, on_signal) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _console() -> Console:
    console = Console(highlight=False)
    console.width = min(console.width, WIDTH)
    return console
