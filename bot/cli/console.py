"""What a command writes: results to standard output, all else to standard error.

Rich is loaded when something is written: `rekey serve` writes nothing.
"""

import getpass
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Advance = Callable[[int, int], None]
"""Told how much of how much is done."""

MOST_SHOWN = 20
"""Of faults or warnings, on a terminal; everything else gets all of them."""


class Failed(Exception):  # not an error of the program
    """The command ends here, with this sentence and this exit code."""

    def __init__(self, sentence: str, *, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


class WrongUse(Failed):
    """The command line was not understood."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, code=2)


def standard_output() -> "Console":
    """Return the console of a command's results; nothing in them is taken for markup."""
    return _console(stderr=False)


def standard_error() -> "Console":
    """Return the console of progress, warnings and errors."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def most_shown(console: "Console") -> int | None:
    """Return how many lines a list of faults or warnings has there at most; `None` for all."""
    return MOST_SHOWN if console.is_terminal else None


def listed(names: Sequence[str], console: "Console") -> str:
    """Return the names in one line; on a terminal as many as can be read."""
    shown = names[: most_shown(console)]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def say(text: "RenderableType") -> None:
    """Write a result."""
    standard_output().print(text)


def say_json(value: Mapping[str, object]) -> None:
    """Write a result as one JSON object."""
    standard_output().print(json.dumps(value, indent=2, ensure_ascii=False))


def remark(text: str) -> None:
    """Write what is no result."""
    standard_error().print(text)


def warn(text: str) -> None:
    """Write a warning."""
    from rich.text import Text

    standard_error().print(Text.assemble(("Warning: ", "yellow"), text))


def complain(text: str) -> None:
    """Write an error."""
    standard_error().print(text, style="red")


def ask(question: str) -> str:
    """Return the line that is typed in answer; raises `typer.Abort` where there is none."""
    standard_error().print(f"{question} ", end="")
    answer = sys.stdin.readline()
    if not answer:
        remark("")
        raise typer.Abort
    return answer.strip()


def confirm(question: str) -> None:
    """Ask at the terminal whether that is meant; whatever is no clear yes ends the command."""
    if not sys.stdin.isatty():
        raise WrongUse("There is no terminal to ask at: use --yes.")
    if not said_yes(question):
        raise Failed("Nothing was changed.")


def said_yes(question: str) -> bool:
    """Ask; whatever is no clear yes is a no."""
    return ask(f"{question} (yes/no)").lower() in ("y", "yes")


def ask_secretly(question: str) -> str:
    """Return what is typed at the terminal, which does not show it; raises `typer.Abort`."""
    try:
        return getpass.getpass(f"{question} ")  # asks only once nothing is echoed any more
    except EOFError:
        raise typer.Abort from None


@contextmanager
def progress(what: str) -> Iterator[Advance]:
    """Show a bar on a terminal while the block works; elsewhere show nothing."""
    console = standard_error()
    if not console.is_terminal:
        yield lambda _done, _total: None
        return
    from rich.progress import Progress, TimeElapsedColumn

    columns = (*Progress.get_default_columns()[:3], TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
