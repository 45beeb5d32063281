"""Rekey as a process: commands, and `rekey serve` with nothing but settings in its environment."""

import base64
import json
import re
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.clock import SystemClock
from bot.domain.proving import totp
from tests.secrecy import (
    CODE,
    KEY,
    SECRETS,
    SHARED_SECRET,
    leaks_of_database,
)

START_WITHIN = 60
"""Seconds; machines that run other tests meanwhile are slow."""
STOP_WITHIN = 15
"""Seconds from SIGTERM to the end (the contract)."""

_PORT = re.compile(r"serving on port (\d+)")


class Machine:
    """A directory, and the settings in the environment of whatever runs there."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.folder = folder
        self.settings = dict(settings)
        SECRETS.add(KEY, self.settings.get("REKEY_SECRET_KEYS"))
        self.database = folder / "rekey.db"

    def leaks(self) -> list[str]:
        """Return where the database holds a secret in clear."""
        return leaks_of_database(self.database)

    def rekey(self, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(  # noqa: S603  # our own program, with arguments of the test
            [sys.executable, "-m", "bot", *arguments],
            cwd=self.folder,
            env=self.settings,
            input=typed,
            capture_output=True,
            text=True,
            timeout=START_WITHIN,
            check=False,
        )

    def done(self, *arguments: str, typed: str = "") -> str:
        """Run a command that must succeed; return what it wrote to standard output."""
        ended = self.rekey(*arguments, typed=typed)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


@dataclass
class App:
    """Somebody's authenticator app: each step's code is given out once."""

    secret: str
    last_step: int = 0

    def code(self) -> str:
        self.last_step = max(self.last_step + 1, totp.step_at(SystemClock().now()))
        code = totp.code_at(self.secret, self.last_step)
        SECRETS.add(SHARED_SECRET, self.secret)
        SECRETS.add(CODE, code)
        return code


def enrol(machine: Machine, email: str) -> App:
    """Bind an authenticator at the console."""
    app = App(json.loads(machine.done("enrol", email, "--json"))["secret"])
    machine.done("enrol", email, "--confirm", app.code())
    return app


class Served:
    """`rekey serve` while it runs; leaving ends it, and it must end well and in time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._fell_silent = False
        self._process: subprocess.Popen[str]
        self._reader: threading.Thread

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            cwd=self._machine.folder,
            env=self._machine.settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.port = int(self.wait_for_line(_PORT)[1])
        except BaseException:
            self._process.kill()
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._end()
            raise
        self._end()
        if exc is None:
            assert code == 0, self.log
            leaks = [*SECRETS.leaks([("standard error", self.log)]), *self._machine.leaks()]
            assert leaks == [], leaks

    @property
    def log(self) -> str:
        """Everything written to standard error so far."""
        return "".join(self.lines)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def terminate(self) -> None:
        """Ask it to end, and do not wait; leaving waits."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int:
        """Return its exit code; `TimeoutExpired` if it has not ended by then."""
        return self._process.wait(seconds)

    def wait_for_line(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Return the match as soon as the log holds it; fail if the process ends first."""
        with self._said:
            self._said.wait_for(lambda: pattern.search(self.log) or self._fell_silent, START_WITHIN)
            found = pattern.search(self.log)
        assert found is not None, self.log
        return found

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            with self._said:
                self.lines.append(line)
                self._said.notify_all()
        with self._said:
            self._fell_silent = True
            self._said.notify_all()

    def _end(self) -> None:
        self._process.wait()
        self._reader.join()
        assert self._process.stderr is not None
        self._process.stderr.close()


def new_key() -> str:
    """Return a value for REKEY_SECRET_KEYS."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
