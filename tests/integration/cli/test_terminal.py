"""Commands as processes of their own, at a terminal and without one."""

import os
import pty
import select
import subprocess
import sys
from types import TracebackType
from typing import Self

import pyotp
import pytest

from tests.integration.cli.conftest import BOB, KEY, Machine
from tests.meta.tree import ROOT

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


@pytest.mark.parametrize(
    ("repeated", "end", "code"),
    [
        ([f"{PASSWORD}s", PASSWORD], f"The password of {BOB} was set", 0),
        (["another"] * 3, "No password was given twice; nothing was changed.", 1),
    ],
)
def test_set_password_asks_twice_and_shows_nothing(
    peopled: Machine, repeated: list[str], end: str, code: int
) -> None:
    before = peopled.tags()
    with AtTerminal(peopled, "people", "set-password", BOB) as command:
        for again in repeated:
            command.read_until("New password:")
            command.type(PASSWORD)
            command.read_until("The same again:")
            command.type(again)
        command.read_until(end)
        assert command.end() == code
    assert PASSWORD not in command.seen
    assert "These two differ" in command.seen
    assert (peopled.tags() == before) is (code == 1)


@pytest.mark.parametrize(("line", "code"), [("status --json", 0), ("status --jsn", 2)])
def test_a_process_ends_with_the_code(peopled: Machine, line: str, code: int) -> None:
    process = start(peopled, *line.split(), terminal=None)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, bool(out), bool(err)) == (code, code == 0, code != 0)
    assert b"Traceback" not in err


def test_a_reader_who_leaves_early_is_no_error(peopled: Machine) -> None:
    with start(peopled, "audit", "export", terminal=None) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_commands_run_beside_another_that_holds_the_database_open(peopled: Machine) -> None:
    with peopled.database().snapshot() as uow:
        uow.audit.head()
        peopled.done(f"people set-password {BOB} --stdin", typed=f"{PASSWORD}\n")
    assert peopled.tags()[-1] == "operator:password:set"
