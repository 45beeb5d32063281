"""The playground as its visitors meet it: its story, its servers, its prompt."""

import io
import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from rich.console import Console
from sqlalchemy import text

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.proving.codes import CodeVerdict
from bot.domain.record import telling
from bot.domain.set_up.handing_over import waiting_set_up
from playground.clock import PlaygroundClock
from playground.command import run
from playground.office import Office
from playground.people import BY_HANDLE
from playground.prompt import Prompt
from playground.slack import SlackStandIn

ROOT = Path(__file__).parents[2]
WITHIN = 180
"""Seconds for what takes less than ten where nothing else runs."""
STOP_WITHIN = 15
TUTORIAL = (ROOT / "docs" / "tutorial" / "first-reset.md").read_text("utf-8")
_STORIES, _, _ = TUTORIAL.partition("\n## Ask for a reset\n")
SHOWN = [
    line.strip()
    for part in re.findall(r"^```text\n(.*?)^```", _STORIES, re.MULTILINE | re.DOTALL)
    for line in part.splitlines()
]
"""What the tutorial shows of the stories."""
PLAYGROUND = [sys.executable, "-m", "bot", "playground"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80"}


def test_the_stories_are_seen_to_their_end_and_are_those_of_the_tutorial() -> None:
    played = subprocess.run(  # noqa: S603  # our own program
        [*PLAYGROUND, "--story"],
        env={**ENVIRONMENT, "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=WITHIN,
        check=False,
    )
    assert (played.returncode, played.stderr) == (0, "")
    assert "Every step was seen: 35 of them." in played.stdout
    assert "\x1b" not in played.stdout
    assert max(map(len, played.stdout.splitlines())) <= 80
    assert [line for line in SHOWN if line not in played.stdout] == []


# -- a step that is broken


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _none_due(*_: Any) -> int:
    return 0


def _any_code_is_right(journal: Any, *_: Any, **__: Any) -> CodeVerdict:
    (authenticator,) = journal.uow.authenticators.active_of(journal.actor)
    return CodeVerdict(authenticator_id=authenticator.id)


def _tell_of_all_but_a_reset(uow: Any, contact: Any, notice: Notice, **kwargs: Any) -> None:
    if notice.kind is not NoticeKind.SUBSCRIBER_RESET:
        _write_to(uow, contact, notice, **kwargs)


_write_to = telling.write_to


def _accept_any_set_up_code(self: Any, session_id: str, **_: Any) -> bool:
    moving = text("UPDATE sessions SET stage = 'setting_up' WHERE id = :id")
    self._connection.execute(moving, {"id": session_id})
    return True


def _whoever_asked(_self: Any, uow: Any, entitled: Any, *_: Any, now: Any) -> Any:
    return waiting_set_up(uow, entitled.subscriber, now=now)


BROKEN: list[tuple[str, Callable[..., object], str]] = [
    (
        "bot.domain.resets.asking.verify_code",
        _any_code_is_right,
        "Step 2 was not seen: Alice mistypes her own code",
    ),
    (
        "bot.domain.record.telling.write_to",
        _tell_of_all_but_a_reset,
        "Step 5 was not seen: Bob is told",
    ),
    (
        "bot.domain.resets.executing.reset_authenticators",
        _nothing,
        "Step 6 was not seen: Bob's authenticator no longer counts",
    ),
    (
        "bot.domain.following_up.reminders.ReminderService.remind_due",
        _none_due,
        "Step 7 was not seen: A day passes, and both are reminded",
    ),
    (
        "bot.domain.set_up.handing_over.HandOverService._waiting",
        _whoever_asked,
        "Step 3 was not seen: Alice may not hand the code over herself",
    ),
    (
        "bot.domain.standing.standing.authorize_lifting",
        _nothing,
        "Step 9 was not seen: Neither Alan nor Alice can undo it",
    ),
    (
        "storage.sessions.SqlSessions.spend_set_up_code",
        _accept_any_set_up_code,
        "Step 11 was not seen: A set-up code works once, in one browser",
    ),
]


@pytest.mark.parametrize(("what", "instead", "step"), BROKEN, ids=[what for what, *_ in BROKEN])
def test_a_broken_step_is_named_and_ends_the_story(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    what: str,
    instead: Callable[..., object],
    step: str,
) -> None:
    monkeypatch.setattr(what, instead)
    assert run(story=True, patience=3) == 1
    before, mark, told = capsys.readouterr().out.partition("\u2717 Step")
    assert f"{mark}{told}".startswith(f"\u2717 {step}\n  Expected: ")
    assert "Instead:" in told
    assert "Every step was seen" not in before


def test_a_step_that_breaks_down_was_not_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr("playground.slack.Person.command")
    assert run(story=True) == 1
    told = capsys.readouterr().out
    assert "✗ Step 1 was not seen: Alice asks for a reset of Bob's 2FA" in told
    assert "Instead:  AttributeError" in told


def test_a_complaint_of_slack_s_fails_the_story(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SlackStandIn, "violations", ["a sixth use of a response_url"])
    assert run(story=True) == 1
    assert "Instead:  a sixth use of a response_url" in capsys.readouterr().out


# -- serving


@contextmanager
def _serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen(  # noqa: S603  # our own program
        PLAYGROUND,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process, _read_until(process, "Ctrl-C ends it")
        finally:
            process.kill()


def _read_until(process: subprocess.Popen[str], last: str) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if last in line:
            break
    return "".join(lines)


def _get(url: str) -> tuple[int, str]:
    with build_opener(ProxyHandler({})).open(url, timeout=WITHIN) as answer:
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop_and_leaves_nothing_behind(how: signal.Signals) -> None:
    with _serving() as (process, welcome):
        portal, database = (
            re.findall(rf"│ {name} +(\S+)", welcome)[0] for name in ("Portal", "Database")
        )
        status, page = _get(portal)
        assert (status, "User name" in page) == (200, True)
        assert _get(portal.replace("/portal/sign-in", "/readyz")) == (200, "ready\n")
        assert Path(database).exists()
        process.send_signal(how)
        assert process.wait(STOP_WITHIN) == 0
    assert not Path(database).parent.exists()
    assert "correct horse alice" in welcome


def test_a_taken_port_is_told_and_another_one_used() -> None:
    with socket.socket() as taker:
        taker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else has taken it already, which is as good
            taker.bind(("127.0.0.1", 3000))
            taker.listen()
        with _serving() as (process, welcome):
            (portal,) = re.findall(r"│ Portal +(\S+)", welcome)
            (port,) = re.findall(
                r"^Port 3000 is taken: the Portal is on port (\d+)\.$", welcome, re.MULTILINE
            )
            assert portal == f"http://127.0.0.1:{port}/portal/sign-in"
            assert _get(portal)[0] == 200
            process.terminate()
            assert process.wait(STOP_WITHIN) == 0


def test_at_a_terminal_it_asks_what_to_do_until_quit() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(  # noqa: S603  # our own program
        PLAYGROUND, env={**ENVIRONMENT, "TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        try:
            shown = _read_terminal(ours, "alice> ")
            os.write(ours, b"as bob\n")
            shown += _read_terminal(ours, "bob> ")
            os.write(ours, b"quit\n")
            assert process.wait(STOP_WITHIN) == 0
        finally:
            process.kill()
            os.close(ours)
    assert "You are Bob Brown: member of Acme Ltd, member of Globex Inc." in shown


def _read_terminal(terminal: int, last: str) -> str:
    shown = ""
    while last not in shown:
        shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


# -- the prompt

FORM = "/reset-2fa @bob"


class Terminal:
    """The prompt with what it answers to each line."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._console = Console(width=80, color_system=None, record=True, file=io.StringIO())
        self.prompt = Prompt(office, self._console)

    def type(self, line: str) -> str:
        assert self.prompt.take(line)
        return self._console.export_text()

    def code(self, handle: str) -> str:
        (code,) = re.findall(r"\b\d{6}\b", self.type(f"code {handle}"))
        return str(code)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with Office(tmp_path, clock=PlaygroundClock(stands_still=True)) as office:
        yield Terminal(office)


def test_a_whole_reset_can_be_played_at_the_prompt(terminal: Terminal) -> None:
    assert "Is it this person?" in terminal.type("/reset-2fa @bob lost phone")
    terminal.type("fill proof=video code=12")
    assert "✗ " in terminal.type("submit")
    asked = terminal.type(f'submit code={terminal.code("alice")} reason="lost the phone"')
    assert "Reset the 2FA of Bob Brown?" in asked
    assert "[ Yes ]  click reset_yes" in asked
    done = terminal.type("click reset_yes")
    assert "The 2FA of Bob Brown was reset." in done
    assert "New messages for: carol, bob" in done
    assert "Your 2FA was reset" in terminal.type("as bob")
    assert "has no authenticator" in terminal.type("code")
    assert "Your 2FA is still to be set up" in terminal.type("advance 1d")

    browser, bob = terminal.office.browser(), BY_HANDLE["bob"]
    browser.open("/portal/sign-in")
    browser.submit({"username": bob.handle, "password": bob.password})
    terminal.office.rekey.sender.drain()
    assert "show_set_up_code" in terminal.type("show")
    (set_up_code,) = re.findall(
        r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", terminal.type("click show_set_up_code")
    )
    browser.submit({"set_up_code": set_up_code})
    pending = terminal.type("code")
    assert "for the set-up page" in pending
    page = browser.submit({"code": pending[:6]})
    assert page.heading == "You are signed in"
    assert "The modal is closed." in terminal.type("close")
    assert terminal.office.slack.violations == []


@pytest.mark.parametrize(
    ("before", "line", "answer"),
    [
        (None, "dance", "dance is not known here: help lists what is."),
        (None, "as mallory", "Who? The sample people are: carol, alice,"),
        (None, "fill code=1", "No modal is open"),
        (None, "submit", "No modal is open"),
        (None, "close", "No modal is open"),
        (None, "click", "Say which button. On this screen there are: none."),
        (None, "click reset_yes", "there is no button reset_yes on alice's screen"),
        (None, "advance soon", "Say by how much: 45s, 30m, 2h or 1d."),
        (None, "code erin", "Erin Evans has no authenticator."),
        (None, "show", "Nothing is on alice's screen yet."),
        (None, "/unknown", "Slack shows an error: invalid_command."),
        (None, "help", "/reset-2fa @bob lost phone"),
        (None, "people", "correct horse dana"),
        (None, "/reset-2fa @dana", "Slack"),
        (FORM, "fill colour=red", "no field colour; it has: proof, reason, ticket, code."),
        (FORM, "fill", "Say what to fill in"),
        (FORM, "fill red", "Write field=value"),
        (FORM, 'fill reason="lost', "A quotation mark is missing."),
        (FORM, "submit proof=oath", "That cannot be done: radio_buttons has no such option."),
        (FORM, "submit", "Please complete this required field."),
        ("/reset-2fa", "submit subscriber=bob", "Is it this person?"),
    ],
)
def test_each_line_is_answered_in_one_sentence(
    terminal: Terminal, before: str | None, line: str, answer: str
) -> None:
    if before:
        terminal.type(before)
    assert answer in terminal.type(line)
