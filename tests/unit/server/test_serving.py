"""Running until a signal comes, whatever the main thread is doing just then."""

import logging
import os
import signal
import sys
import threading
from types import FrameType
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


def test_signal_is_heeded_while_a_lock_is_held_that_a_wait_of_python_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    def interrupt(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code is threading.Condition.wait.__code__:
            stop()

    def too_late(*_: object) -> None:
        raise TimeoutError

    class Interrupting(FakeServer):
        def start(self) -> None:
            threading.Timer(0.1, stop).start()  # for a wait that has no lock
            sys.setprofile(interrupt)

        def stop(self) -> None:
            sys.setprofile(None)
            super().stop()

    monkeypatch.setattr(serving, "Server", Interrupting)
    run: Any = serving.run_until_signalled
    before = signal.signal(signal.SIGALRM, too_late)
    signal.alarm(10)
    try:
        run(object())
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    assert FakeServer.stopped


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
