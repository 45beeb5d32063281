"""`/reset-2fa` over HTTP, by one connection, over bare Bolt that acknowledges it likewise.

Both are served by the program's own server and asked in turns; of each the quickest tenth counts.

    python -m benchmarks.http
"""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter

from flask import Flask, request
from slack_bolt import Ack, BoltRequest
from slack_bolt.adapter.flask import SlackRequestHandler
from werkzeug.wrappers import Response

from benchmarks.program import bare_bolt, command, hire, keep_slack_out, program
from bot.server.http import HttpServer

ROUNDS = 200
WARM_UP = 20
BUDGET = 4.0
"""Times what bare Bolt takes."""


def bare_web() -> Flask:
    """Return a page that has Bolt acknowledge the command, and does nothing else."""
    bolt = bare_bolt()

    @bolt.command("/reset-2fa")
    def _(ack: Ack) -> None:
        ack()

    web, slack = Flask("floor", static_folder=None), SlackRequestHandler(bolt)

    @web.post("/slack/events")
    def _() -> Response:
        return slack.handle(request)

    return web


@contextmanager
def served(web: Flask) -> Iterator[HTTPConnection]:
    """Serve it on loopback; yield the one connection."""
    server = HttpServer(web, host="127.0.0.1", port=0)
    server.start()
    connection = HTTPConnection("127.0.0.1", server.port)
    try:
        yield connection
    finally:
        connection.close()
        server.stop()


def seconds(connection: HTTPConnection, sent: BoltRequest) -> float:
    """Send what Slack would, and return how long the answer took."""
    headers = {name: values[0] for name, values in sent.headers.items()}
    began = perf_counter()
    connection.request("POST", "/slack/events", body=sent.raw_body, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    took = perf_counter() - began
    assert answer.status == 200, body
    return took


def undisturbed(times: list[float]) -> float:
    """Return what all but the quickest tenth took more than."""
    return statistics.quantiles(times[WARM_UP:], n=10)[0]


def main() -> int:
    """Print the ratio; return 1 where it is over its budget."""
    keep_slack_out()
    ours, floor = list[float](), list[float]()
    with tempfile.TemporaryDirectory() as name:
        rekey, _ = program(Path(name))
        with served(rekey.web) as program_itself, served(bare_web()) as bare:
            for number in range(WARM_UP + ROUNDS):
                with rekey.database.unit_of_work() as uow:
                    hire(uow, f"http{number}")
                    uow.commit()
                asked = command(f"http{number}")
                ours.append(seconds(program_itself, asked))
                floor.append(seconds(bare, asked))
        rekey.database.close()
    ratio = undisturbed(ours) / undisturbed(floor)
    print(
        f"/reset-2fa over HTTP   {ratio:5.2f} times bare Bolt, budget {BUDGET}"
        f"  ({undisturbed(ours) * 1000:.2f} ms over {undisturbed(floor) * 1000:.2f} ms)"
    )
    return int(ratio > BUDGET)


if __name__ == "__main__":
    sys.exit(main())
