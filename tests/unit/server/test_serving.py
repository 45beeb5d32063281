"""Running until a signal comes, whatever the main thread is doing just then."""

import logging
import os
import signal
from typing import Any

import pytest

from bot.server import serving


class FakeServer:
    """What is served by a program that does nothing."""

    port = 3000
    stopped = False

    def __init__(self, _rekey: Any) -> None:
        FakeServer.stopped = False

    def start(self) -> None:
        pass

    def stop(self) -> None:
        FakeServer.stopped = True


class Interrupted(logging.Handler):
    """Is told to end in the middle of its first line, and cannot write another one within it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._writing = False

    def emit(self, record: logging.LogRecord) -> None:
        if self._writing:
            raise RuntimeError("reentrant call")
        self._writing = True
        if not self.lines:
            os.kill(os.getpid(), signal.SIGTERM)
        self.lines.append(record.getMessage())
        self._writing = False


def test_signal_that_comes_in_the_middle_of_a_log_line_is_heeded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "Server", FakeServer)
    handler, rekey = Interrupted(), object()
    logger = logging.getLogger(serving.__name__)
    monkeypatch.setattr(logger, "handlers", [handler])
    run: Any = serving.run_until_signalled
    run(rekey)
    assert FakeServer.stopped
    assert handler.lines == ["serving on port 3000", "stopping on SIGTERM"]
