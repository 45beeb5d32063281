"""Commands as processes of their own, at a terminal and without one."""

import os
import pty
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import pyotp
import pytest

from tests.integration.cli.conftest import KEY, Machine

ROOT = Path(__file__).parents[3]
BOB = "bob@acme.example"
PATIENCE = 30
PASSWORD = "a new pass word"


def start(machine: Machine, *arguments: str, terminal: int | None) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "REKEY_SECRET_KEYS": KEY,
        "TERM": "xterm",
        "COLUMNS": "200",
    }
    stream = subprocess.PIPE if terminal is None else terminal
    return subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", "bot", *arguments],
        cwd=machine.path,
        env=environment,
        stdin=stream,
        stdout=stream,
        stderr=stream,
        start_new_session=True,
    )


class AtTerminal:
    """A command with somebody at the keyboard, who reads before they type."""

    def __init__(self, machine: Machine, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self._process = start(machine, *arguments, terminal=theirs)
        os.close(theirs)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def read_until(self, text: str) -> None:
        before = len(self.seen)
        while text not in self.seen[before:]:
            ready, _, _ = select.select([self._ours], [], [], PATIENCE)
            assert ready, f"still no {text!r} in {self.seen!r}"
            self.seen += os.read(self._ours, 65_536).decode()

    def type(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def end(self) -> int:
        """Return the exit code."""
        code = self._process.wait(PATIENCE)
        while select.select([self._ours], [], [], 0)[0]:
            try:
                if not (more := os.read(self._ours, 65_536)):
                    break
            except OSError:  # how Linux says that the other end is closed
                break
            self.seen += more.decode()
        return code


def test_enrol_asks_again_after_a_wrong_code(peopled: Machine) -> None:
    with AtTerminal(peopled, "enrol", BOB) as command:
        command.read_until("First code:")
        assert "█" in command.seen  # the QR code
        key = command.seen.partition("Key: ")[2].splitlines()[0]
        command.type("12345")
        command.read_until("First code:")
        command.type(pyotp.TOTP(key.replace(" ", "")).now())
        command.read_until("is bound")
        assert command.end() == 0


def test_set_password_asks_twice_and_shows_nothing(peopled: Machine) -> None:
    with AtTerminal(peopled, "people", "set-password", BOB) as command:
        for again in (f"{PASSWORD}s", PASSWORD):
            command.read_until("New password:")
            command.type(PASSWORD)
            command.read_until("The same again:")
            command.type(again)
        command.read_until(f"The password of {BOB} was set")
        assert command.end() == 0
    assert PASSWORD not in command.seen
    assert "These two differ" in command.seen


def test_a_password_that_is_never_repeated_changes_nothing(peopled: Machine) -> None:
    before = peopled.tags()
    with AtTerminal(peopled, "people", "set-password", BOB) as command:
        for _ in range(3):
            command.read_until("New password:")
            command.type(PASSWORD)
            command.read_until("The same again:")
            command.type("something else")
        command.read_until("No password was given twice; nothing was changed.")
        assert command.end() == 1
    assert peopled.tags() == before


def test_a_long_diff_is_cut_at_a_terminal(machine: Machine) -> None:
    people = "".join(
        f"  - {{email: p{i}@acme.example, username: p{i}, name: P, roles: {{}}}}\n"
        for i in range(60)
    )
    file = machine.write("r.yaml", f"contacts:\n{people}")
    with AtTerminal(machine, "people", "import", file) as command:
        command.read_until("60 contacts added.")
        assert command.end() == 0
    assert command.seen.count("+ contact") == 50
    assert "… and 10 more" in command.seen


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["status", "--json"], 0), (["status", "x@acme.example"], 1), (["status", "--jsn"], 2)],
)
def test_a_process_ends_with_the_code(peopled: Machine, arguments: list[str], code: int) -> None:
    process = start(peopled, *arguments, terminal=None)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert bool(out) is (code == 0)
    assert bool(err) is (code != 0)
    assert b"Traceback" not in err


def test_a_reader_who_leaves_early_is_no_error(peopled: Machine) -> None:
    process = start(peopled, "audit", "export", terminal=None)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.wait(PATIENCE)
    process.stderr.close()
    assert process.stdin is not None
    process.stdin.close()


def test_commands_run_beside_another_that_holds_the_database_open(peopled: Machine) -> None:
    with peopled.database().snapshot() as uow:
        uow.audit.head()
        outcome = peopled.rekey("people", "set-password", BOB, "--stdin", typed=f"{PASSWORD}\n")
        assert outcome.code == 0, outcome.err
