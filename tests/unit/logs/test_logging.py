"""What a log line looks like, and what it never holds, whoever wrote it."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.web.base_client import BaseClient

from bot.logs.logging import configure_logs

ReadLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> ReadLines:
    """Log as JSON at DEBUG, and return what reads the lines so far."""
    configure_logs(level="debug", as_json=True)

    def read() -> list[dict[str, Any]]:
        captured = capsys.readouterr()
        assert captured.out == ""
        return [json.loads(line) for line in captured.err.splitlines()]

    return read


def from_slack(level: int, message: str, *, name: str = "playground.app:App") -> None:
    """Log as Slack's libraries do: from their files, under whatever name."""
    logger = logging.getLogger(name)
    logger.handle(
        logger.makeRecord(name, level, "/lib/slack_bolt/app/app.py", 1, message, (), None)
    )


def fail() -> None:
    raise ValueError("code 123456")


class TestOurOwnLines:
    def test_hold_what_was_said_and_when_and_by_whom(self, lines: ReadLines) -> None:
        structlog.stdlib.get_logger("bot.outbox").info("sent %s", "it", case="case_1", tries=2)
        (line,) = lines()
        assert line.pop("timestamp").endswith("Z")
        assert line == {
            "event": "sent it",
            "case": "case_1",
            "tries": 2,
            "level": "info",
            "logger": "bot.outbox",
        }

    def test_hold_no_secret(self, lines: ReadLines) -> None:
        structlog.stdlib.get_logger().warning(
            "typed 123456", password="hunter2", nested={"code": 7}
        )
        (line,) = lines()
        assert line["event"] == "typed [redacted]"
        assert (line["password"], line["nested"]) == ("[redacted]", {"code": "[redacted]"})

    def test_hold_every_exception_of_a_chain(self, lines: ReadLines) -> None:
        try:
            try:
                fail()
            except ValueError as error:
                error.add_note("typed ABCD-EFGH")
                raise KeyError("xoxb-1234567890-made") from error
        except KeyError:
            logging.getLogger("bot").exception("failed")
        (line,) = lines()
        assert "ValueError: code [redacted]\ntyped [redacted]\n" in line["exception"]
        assert "in fail" in line["exception"]
        assert line["exception"].endswith("\nKeyError: '[redacted]'")

    def test_below_the_level_are_not_written(self, lines: ReadLines) -> None:
        configure_logs(level="WARNING", as_json=True)
        structlog.stdlib.get_logger("bot").info("unseen")
        logging.getLogger("bot").info("unseen")
        logging.getLogger("bot").warning("seen")
        assert [line["event"] for line in lines()] == ["seen"]


class TestLibraries:
    def test_lines_go_the_same_way(self, lines: ReadLines) -> None:
        logging.getLogger("waitress.queue").warning("queue depth %d, code %s", 4, "123 456")
        (line,) = lines()
        assert line["event"] == "queue depth 4, code [redacted]"
        assert (line["logger"], line["level"]) == ("waitress.queue", "warning")

    @pytest.mark.parametrize("name", ["apscheduler", "sqlalchemy.engine", "alembic", "werkzeug"])
    def test_chatter_is_left_out(self, name: str, lines: ReadLines) -> None:
        logging.getLogger(name).info("INSERT INTO cases")
        logging.getLogger(name).warning("the pool is exhausted")
        assert [line["event"] for line in lines()] == ["the pool is exhausted"]

    def test_warnings_are_logged(self, lines: ReadLines) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(capture=False)  # pytest took them for itself meanwhile
            configure_logs(as_json=True)
            warnings.warn("old; code 123456", DeprecationWarning, stacklevel=1)
            logging.captureWarnings(capture=False)
        (line,) = lines()
        assert "old; code [redacted]" in line["event"]

    @pytest.mark.parametrize("name", ["slack_bolt.App", "slack_sdk.web.client", "playground:App"])
    def test_of_slack_say_nothing_at_debug(self, name: str, lines: ReadLines) -> None:
        from_slack(logging.DEBUG, "body: the reason", name=name)
        assert lines() == []

    def test_of_slack_say_nothing_at_debug_for_real(self, lines: ReadLines) -> None:
        logger = logging.getLogger("anything")
        client = BaseClient(token="xoxb-made-up", base_url="http://127.0.0.1:9/", logger=logger)
        with pytest.raises(OSError, match="refused"):
            client.api_call("chat.postMessage", json={"text": "the reason"})
        assert "the reason" not in json.dumps(lines())

    def test_of_bolt_say_nothing_of_a_token_in_the_environment(
        self, lines: ReadLines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
        client = WebClient(token="xoxb-made-up", base_url="http://127.0.0.1:9/")
        App(name="rekey", client=client, signing_secret="x", token_verification_enabled=False)
        assert lines() == []

    @pytest.mark.parametrize(
        ("message", "event"),
        [
            (
                "Unhandled request ({'type': 'x', 'text': 'why'})\n[Suggestion]",
                "Unhandled request (…",
            ),
            (
                "detected (signature: v0=ab, body: text=why)",
                "detected (signature: [redacted], body: …",
            ),
            ("unsupported data frame (opcode: 9, payload: b'why')", "unsupported data frame"),
            ("The server responded with: {'error': 'invalid_auth'}", "…  (invalid_auth)"),
        ],
    )
    def test_of_slack_lose_their_bodies(self, message: str, event: str, lines: ReadLines) -> None:
        from_slack(logging.WARNING, message)
        (line,) = lines()
        assert line["event"].startswith(event.partition("…")[0])
        assert "why" not in line["event"]
        assert ("invalid_auth" in line["event"]) == ("invalid_auth" in message)


class TestUncaught:
    def test_in_a_thread_is_logged_and_redacted(
        self, lines: ReadLines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
        configure_logs(as_json=True)
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        (line,) = lines()
        assert (line["event"], line["level"]) == ("uncaught in a thread", "critical")
        assert "ValueError: code [redacted]" in line["exception"]

    def test_at_the_top_is_logged_and_redacted(
        self, lines: ReadLines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
        configure_logs(as_json=True)
        error = ValueError("code 123456")
        sys.excepthook(ValueError, error, None)
        (line,) = lines()
        assert line["exception"] == "ValueError: code [redacted]"

    def test_hooks_of_a_test_runner_stay(self, lines: ReadLines) -> None:
        before = threading.excepthook
        configure_logs(as_json=True)
        assert threading.excepthook is before
        assert lines() == []


class TestShape:
    def test_lines_for_people_are_redacted_too(self, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logs(as_json=False)
        try:
            fail()
        except ValueError:
            structlog.stdlib.get_logger("bot").exception("failed", token="hunter2")
        shown = capsys.readouterr().err
        assert "failed" in shown
        assert "ValueError: code [redacted]" in shown
        assert "123456" not in shown
        assert "hunter2" not in shown

    @pytest.mark.parametrize("is_terminal", [False, True])
    def test_is_json_unless_somebody_watches(
        self,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        *,
        is_terminal: bool,
    ) -> None:
        monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
        configure_logs()
        logging.getLogger("bot").warning("seen")
        shown = capsys.readouterr().err
        assert "seen" in shown
        assert shown.startswith("{") is not is_terminal

    def test_configuring_again_writes_each_line_once(self, lines: ReadLines) -> None:
        configure_logs(as_json=True)
        logging.getLogger("bot").warning("seen")
        assert len(lines()) == 1

    def test_a_line_that_cannot_be_written_tells_nothing_of_itself(
        self, lines: ReadLines, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert lines() == []
        record = logging.LogRecord("bot", logging.INFO, "a.py", 1, "typed %d", ("123456",), None)
        for handler in logging.getLogger().handlers:
            if type(handler).__module__ == "bot.logs.logging":  # pytest's own would raise
                handler.handle(record)
        shown = capsys.readouterr().err
        assert shown == "a log line of bot:1 could not be written\n"

    def test_a_closed_standard_error_stops_nothing(
        self, lines: ReadLines, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def closed(_text: str) -> int:
            raise ValueError("I/O operation on closed file")

        with monkeypatch.context() as patch:
            patch.setattr(sys.stderr, "write", closed)
            logging.getLogger("bot").warning("unseen")
        logging.getLogger("bot").warning("seen")
        assert [line["event"] for line in lines()] == ["seen"]
