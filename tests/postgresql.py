"""A PostgreSQL server for tests alone: made from nothing on loopback, and gone when they end.

`python -m tests.postgresql COMMAND …` runs a command with `REKEY_TEST_POSTGRESQL` naming such a
server, and ends with that command's exit code.
"""

import argparse
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

VARIABLE = "REKEY_TEST_POSTGRESQL"
"""Names the URL of a server on which whoever is in it may make and drop databases."""

START_WITHIN = 60
"""Seconds; machines that run other tests meanwhile are slow."""
STOP_WITHIN = 30
_PORTS = range(20000, 32768)
"""Below those that Linux gives to whoever asks for any, or connects to somewhere."""

_NAME = "rekey"
_READY = "database system is ready to accept connections"
_LINES_KEPT = 40
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",  # else what it finds, and when, decides over plans that tests look at
    "lc_messages": "C",
    "log_destination": "stderr",
    "logging_collector": "off",
}
# What is written survives the death of any process, as ever, but no loss of power.
_HASTY = {"fsync": "off", "full_page_writes": "off"}


class NoPostgreSQLError(Exception):
    """The server's programs are not installed here, or it does not start."""


def programs() -> Path | None:
    """Return the folder of the newest server's programs, or `None` where there are none."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    return newest.parent if newest else None


class Server:
    """A server with a data folder of its own; entered, it runs, and left, nothing remains.

    Its URL stays the same when it is stopped and started again. `durable=False` spares it the
    waiting for the disk. It ends by itself where the program that started it dies.
    """

    def __init__(self, *, durable: bool = True) -> None:
        self._durable = durable
        self.folder = Path()
        self._port = 0
        self._password = secrets.token_hex()
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=_LINES_KEPT)
        self._ready = threading.Event()
        self._reader = threading.Thread()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        """The URL of the server's own database, from which others are made."""
        return f"postgresql+psycopg://{_NAME}:{self._password}@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="rekey-postgresql-"))
        try:
            self._initialise()
            self._port = free_port()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            self._remove()

    def start(self) -> None:
        """Start, and return once connections are let in; raises a `NoPostgreSQLError`."""
        self._ready.clear()
        settings = _SETTINGS | {"port": str(self._port)} | ({} if self._durable else _HASTY)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(  # noqa: S603  # the server's program, settings from here
            [
                *_as_nobody_special("--pdeathsig", "INT"),
                str(_programs() / "postgres"),
                *("-D", str(self.folder / "data")),
                *options,
            ],
            cwd=self.folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # what interrupts the tests does not end it beneath them
        )
        self._reader = threading.Thread(target=self._read, args=[self._process], daemon=True)
        self._reader.start()
        self._ready.wait(START_WITHIN)
        if self._process.poll() is not None or _READY not in "".join(self._said):
            self.stop(signal.SIGQUIT)
            raise NoPostgreSQLError("".join(self._said))

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop, cutting every connection; by `SIGQUIT` at once, as a crash would."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._reader.join(STOP_WITHIN)
        if process.stderr is not None:
            process.stderr.close()
        self._said.clear()

    def _initialise(self) -> None:
        password = self.folder / "password"
        password.write_text(self._password, "utf-8")
        owner = _owner()
        if owner is not None:
            for path in (self.folder, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        made = subprocess.run(  # noqa: S603  # the server's program, and nothing from outside
            [
                *_as_nobody_special(),
                str(_programs() / "initdb"),
                *("-D", str(self.folder / "data"), "--no-sync", "--no-instructions"),
                *("--username", _NAME, "--pwfile", str(password), "--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            ],
            cwd=self.folder,
            env=_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise NoPostgreSQLError(made.stderr)

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self._said.append(line)
            if _READY in line:
                self._ready.set()
        self._ready.set()  # it ended: nobody waits any longer

    def _remove(self) -> None:
        shutil.rmtree(self.folder)


def _programs() -> Path:
    found = programs()
    if found is None:
        raise NoPostgreSQLError("PostgreSQL's server is not installed: there is no initdb.")
    return found


def _owner() -> pwd.struct_passwd | None:
    """Return who runs the server where we are root, which the server refuses to be."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _as_nobody_special(*options: str) -> list[str]:
    owner = _owner()
    who = [f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"] if owner else []
    return ["setpriv", *who, *options, "--"] if who or options else []


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def free_port() -> int:
    """Return a port of loopback that nobody has; it stays free while its server is stopped."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as sock, suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


def run(command: Sequence[str], *, durable: bool) -> int:
    """Run the command beside a server that is made for it; return its exit code."""
    with Server(durable=durable) as server:
        process = subprocess.Popen(  # noqa: S603  # what was typed on the command line
            command, env=os.environ | {VARIABLE: server.url}
        )

        def pass_on(number: int, _frame: FrameType | None) -> None:
            process.send_signal(number)

        # the terminal's Ctrl-C reaches the command by itself
        before = {
            signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
            signal.SIGINT: signal.signal(signal.SIGINT, signal.SIG_IGN),
        }
        try:
            code = process.wait()
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
    return code if code >= 0 else 128 - code


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.postgresql", description=__doc__)
    parser.add_argument(
        "--durable", action="store_true", help="let the server wait for the disk, as it should"
    )
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    typed = parser.parse_args()
    if not typed.command:
        parser.error("which command?")
    try:
        return run(typed.command, durable=typed.durable)
    except NoPostgreSQLError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
