"""The program, with a fault in it that is laid from outside: the program itself knows nothing.

`python -m tests.crash.launch [--at STEP:WHEN:N:SIGNAL] -- serve` runs `rekey serve`, and sends this
very process the signal just before or after the step, when it is reached for the N-th time. Every
step that is reached is told on standard error. `--clock SECONDS` moves the program's clock on, and
`--without GUARD` takes away what keeps a crash from doing harm. While there is a file
`directory-away` the directory does not answer; while there is one `meet`, two who ask Slack wait
for each other; while there is one `undrawable`, no message can be drawn.
"""

import argparse
import os
import signal
import smtplib
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any, Self

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from sqlalchemy import Connection, Engine

from bot.clock import SystemClock
from bot.directories.embedded import EmbeddedDirectory
from bot.domain.desk import composing as views
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Message
from bot.domain.model.people import Member
from bot.domain.model.views import NoticeView
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.outbox import sender
from bot.server import program
from bot.server.scheduler import SweepScheduler
from bot.slack.workspace import SlackWorkspace
from storage.unit_of_work import SqlUnitOfWork
from tests.crash.guards import Guard, remove
from tests.crash.steps import SENDS, step_at

REACHED = "reached "
"""What a line of standard error begins with that tells of a step."""


AWAY = "directory-away"
"""The file that keeps the directory from answering."""


UNDRAWABLE = "undrawable"
"""The file that keeps every message from being drawn."""
MEET = "meet"
"""The file that lets two who ask Slack who somebody is wait for each other first."""


_PATIENCE = 10
"""Seconds; the program's own second is for other tests."""


class When(StrEnum):
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Which signal comes, and where: at the `nth` time that the step is reached."""

    step: str
    when: When
    nth: int = 1
    by: signal.Signals = signal.SIGKILL

    @classmethod
    def parse(cls, words: str) -> Self:
        """Read what `str` writes; a step's own name holds a colon."""
        module, owner, when, nth, name = words.split(":")
        number = signal.Signals[name]
        return cls(step=f"{module}:{owner}", when=When(when), nth=int(nth), by=number)

    def __str__(self) -> str:
        return f"{self.step}:{self.when}:{self.nth}:{self.by.name}"


class Watch:
    """Tells which steps are reached, and sends the signal at one of them."""

    def __init__(self, at: At | None) -> None:
        self._at = at
        self._counted: Counter[tuple[str, When]] = Counter()
        self._lock = threading.Lock()

    def reach(self, step: str | None, when: When) -> None:
        """Go through the step; `None` is none."""
        if step is None:
            return
        with self._lock:
            self._counted[step, when] += 1
            nth = self._counted[step, when]
        os.write(sys.stderr.fileno(), f"{REACHED}{step} {when}\n".encode())
        at = self._at
        if at is not None and (at.step, at.when, at.nth) == (step, when, nth):
            os.kill(os.getpid(), at.by)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `call`, watched wherever the program itself calls it."""

        @wraps(call)
        def watched(*args: Any, **kwargs: Any) -> Any:
            step = _step_of(sys._getframe(1))  # noqa: SLF001  # the one way to see who calls
            self.reach(step, When.BEFORE)
            try:
                return call(*args, **kwargs)
            finally:
                self.reach(step, When.AFTER)

        return watched

    def around_begin(self, begin: Callable[..., Any]) -> Callable[..., Any]:
        """Return `Engine.begin`, whose commit comes where the caller's block ends."""

        @wraps(begin)
        def watched(engine: Engine) -> Any:
            step = _step_of(sys._getframe(1))  # noqa: SLF001  # the one way to see who calls
            return self._block(begin, engine, step)

        return watched

    @contextmanager
    def _block(
        self, begin: Callable[..., Any], engine: Engine, step: str | None
    ) -> Iterator[Connection]:
        with begin(engine) as connection:
            yield connection
            self.reach(step, When.BEFORE)
        self.reach(step, When.AFTER)


def plant(watch: Watch) -> None:
    """Put the watch on everything that commits or sends."""
    watched: list[tuple[type, str]] = [
        (SqlUnitOfWork, "commit"),
        (WebhookClient, "send"),
        (smtplib.SMTP, "send_message"),
        *((WebClient, name) for name in dir(WebClient) if SENDS.fullmatch(name)),
    ]
    for owner, name in watched:
        setattr(owner, name, watch.around(getattr(owner, name)))
    setattr(Engine, "begin", watch.around_begin(Engine.begin))  # noqa: B010  # as in move_clock


def move_clock(by: timedelta) -> None:
    """Let this process take it to be that much later; the machine's own clock stays as it is."""
    now, start = SystemClock.now, SweepScheduler.start

    def moved(self: SystemClock) -> datetime:
        return now(self) + by

    def start_now(self: SweepScheduler, *, now: datetime) -> None:
        start(self, now=now - by)  # APScheduler goes by the machine's clock

    setattr(SystemClock, "now", moved)  # noqa: B010  # mypy takes no assignment to a method
    setattr(SweepScheduler, "start", start_now)  # noqa: B010  # nor here


def be_patient() -> None:
    """Give Slack as long for an answer as people are given here, on machines with other work."""
    setattr(program, "_LOOK_UP_TIMEOUT", _PATIENCE)  # noqa: B010  # as in move_clock


def let_directory_go() -> None:
    """Let the directory be away for as long as there is the file."""
    require_set_up = EmbeddedDirectory.require_set_up

    def required(self: EmbeddedDirectory, contact_id: ContactId) -> None:
        if Path(AWAY).exists():
            raise DirectoryUnavailableError
        require_set_up(self, contact_id)

    setattr(EmbeddedDirectory, "require_set_up", required)  # noqa: B010  # as in move_clock


def let_two_meet() -> None:
    """Let two threads that ask Slack go on together, for as long as there is the file."""
    member, both = SlackWorkspace.member, threading.Barrier(2, timeout=30)

    def asked(self: SlackWorkspace, user_id: str) -> Member:
        if Path(MEET).exists():
            both.wait()
        return member(self, user_id)

    setattr(SlackWorkspace, "member", asked)  # noqa: B010  # as in move_clock


def let_drawing_break() -> None:
    """Let no message be drawn, for as long as there is the file."""
    compose = views.compose

    def composed(uow: UnitOfWork, message: Message) -> NoticeView | None:
        if Path(UNDRAWABLE).exists():
            raise LookupError(UNDRAWABLE)
        return compose(uow, message)

    setattr(sender, "compose", composed)  # noqa: B010  # as in move_clock


def _step_of(frame: FrameType) -> str | None:
    return step_at(str(frame.f_globals.get("__name__")), frame.f_lineno)


def main(arguments: Sequence[str]) -> int:
    """Run a command of the program, with the fault; return its exit code."""
    parser = argparse.ArgumentParser(prog="launch")
    parser.add_argument("--at", type=At.parse)
    parser.add_argument("--clock", type=int, default=0)
    parser.add_argument("--without", type=Guard, choices=list(Guard))
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args(arguments)
    if asked.command == ["serve"]:  # asked twice, it must not die of the second time at its end
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if asked.without is not None:
        remove(asked.without)
    plant(Watch(asked.at))
    be_patient()
    let_directory_go()
    let_two_meet()
    let_drawing_break()
    move_clock(timedelta(seconds=asked.clock))
    from bot.cli.running import run  # noqa: PLC0415  # what it imports comes when it is needed

    return run(asked.command)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
