"""Processes of the program, as a test starts them, hears them, and sees them end."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parents[2]
KILLED = -signal.SIGKILL
STOPPING = "stopping on SIGTERM"
"""What `rekey serve` says as soon as it is told to end."""
WAIT = 60.0
"""Seconds for a process to end that has been told to; machines with other work are slow."""


class Nursery:
    """The process of `tests.crash.nursery`, which starts all others."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        code = self._process.wait(WAIT)
        self._process.stdout.close()
        assert code == 0

    def start(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        settings: Mapping[str, str],
        on_change: Callable[[], None],
        typed: str = "",
    ) -> "Running":
        """Run `tests.crash.launch` with those arguments, in that folder, with those settings."""
        number = len(list(folder.glob("*.log")))
        files = {name: folder / f"{number}.{name}" for name in ("typed", "out", "log")}
        files["typed"].write_text(typed)
        files["out"].touch()
        os.mkfifo(files["log"])
        order = {
            "arguments": list(arguments),
            "folder": str(folder),
            "settings": dict(settings),
            **{name: str(path) for name, path in files.items()},
        }
        started = self._ask({"start": order})
        return Running(self, started, files["log"], files["out"], on_change)

    def wait(self, process_id: int) -> int:
        """Wait for that process, which is ending; return its exit code, or minus its signal."""
        return self._ask({"wait": process_id})

    def _ask(self, order: Mapping[str, object]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(f"{json.dumps(order)}\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())


class Running:
    """One process; `on_change` is called at each line that it writes, and at its end."""

    def __init__(
        self, nursery: Nursery, number: int, log: Path, out: Path, on_change: Callable[[], None]
    ) -> None:
        self.id = number
        self.lines: list[str] = []
        self.code: int | None = None
        self._told_at = self._ended_at = monotonic()
        self._nursery = nursery
        self._out = out
        self._on_change = on_change
        self._reader = threading.Thread(target=self._read, args=(log,), daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        """Everything written to standard error so far."""
        return "".join(self.lines)

    @property
    def has_ended(self) -> bool:
        return self.code is not None

    def signal(self, number: signal.Signals) -> None:
        """Send it, unless the process has ended by itself."""
        if not self.has_ended:
            with suppress(ProcessLookupError):  # its end is known here a moment later
                os.kill(self.id, number)

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)
        self.end()

    def end(self) -> "Ended":
        """Wait for the process to end."""
        self._reader.join(WAIT)
        assert self.code is not None, self.log
        return Ended(
            code=self.code,
            out=self._out.read_text(),
            log=self.log,
            took=self._ended_at - self._told_at,
        )

    def _read(self, log: Path) -> None:
        with log.open() as lines:
            for line in lines:
                self.lines.append(line)
                if STOPPING in line:
                    self._told_at = monotonic()
                self._on_change()
        code = self._nursery.wait(self.id)
        self._ended_at = monotonic()
        self.code = code
        self._on_change()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a process left; `took` is how many seconds it went on after it was told to end."""

    code: int
    out: str
    log: str
    took: float
