"""The server under the program ends in order, however its loop and the caller meet."""

import threading
from collections.abc import Callable, Iterable
from http.client import HTTPConnection
from typing import Any

import pytest
from waitress.trigger import trigger

from bot.server.http import HttpServer


def hello(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


@pytest.fixture
def server() -> HttpServer:
    serving = HttpServer(hello, host="127.0.0.1", port=0)
    serving.start()
    return serving


def loop() -> threading.Thread:
    (thread,) = (each for each in threading.enumerate() if each.name == "http")
    return thread


def test_it_answers_until_it_is_stopped(server: HttpServer) -> None:
    running = loop()
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/")
    assert connection.getresponse().read() == b"hello"
    connection.close()

    server.stop()

    assert not running.is_alive()


def test_a_loop_that_is_awake_already_does_not_close_what_stop_still_uses(
    server: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = loop()
    pull = vars(trigger)["_physical_pull"]

    def pull_while_the_loop_is_awake(self: Any) -> None:
        pull(self)  # a worker's, at the same moment
        running.join(0.3)
        pull(self)

    monkeypatch.setattr(trigger, "_physical_pull", pull_while_the_loop_is_awake)

    server.stop()

    assert not running.is_alive()
