"""The HTTP surface: Slack's requests, health and metrics, beside the Portal's pages."""

import hmac
import ipaddress
import logging
import re
from collections.abc import Callable, Sequence

from flask import Flask, Response, request
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.flask.handler import to_flask_response
from werkzeug.exceptions import RequestEntityTooLarge

from bot.server.metrics import Metrics

LARGEST_BODY = 1_000_000
"""Bytes; Slack's largest payloads are views of 250 kB, percent-encoded."""

_MISSHAPEN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading a payload raises that is not of Slack's shape."""

_SECONDS = re.compile(r"[0-9]{1,12}")
"""A timestamp that can be compared with ours."""

logger = logging.getLogger(__name__)


def create_web(
    *, ready: Callable[[], str | None], metrics: Metrics, metrics_token: str | None
) -> Flask:
    """Return the application with `/healthz`, `/readyz` and `/metrics`.

    `ready` returns what is missing, in one sentence, or `None`.
    """
    web = Flask(__name__, static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @web.get("/healthz")
    def health() -> Response:
        return _text("ok")

    @web.get("/readyz")
    def readiness() -> Response:
        missing = ready()
        return _text("ready") if missing is None else _text(missing, status=503)

    @web.get("/metrics")
    def show_metrics() -> Response:
        if not _may_see_metrics(metrics_token):
            return _text("A bearer token is needed.", status=401)
        return Response(metrics.text(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return web


def mount_slack(web: Flask, bolt: App, *, metrics: Metrics) -> None:
    """Serve `POST /slack/events`: signed requests only, answered by Bolt.

    What is malformed is answered with 4xx, never 5xx, and counted; no body is ever logged.
    """

    @web.post("/slack/events")
    def events() -> Response:
        try:
            bolt_request = _bolt_request()
        except RequestEntityTooLarge:
            metrics.slack_requests_refused.inc()
            raise
        if bolt_request is None:
            metrics.slack_requests_refused.inc()
            return _text("The request is malformed.", status=400)
        try:
            answer = to_flask_response(bolt.dispatch(bolt_request))
        except _MISSHAPEN as error:  # Bolt trips over it before any listener of ours is asked
            logger.warning(
                "a request to the Slack endpoint was malformed: %s", type(error).__name__
            )
            answer = _text("The request is malformed.", status=400)
        if 400 <= answer.status_code < 500:  # noqa: PLR2004  # HTTP's class of client errors
            metrics.slack_requests_refused.inc()
            logger.warning("a request to the Slack endpoint was refused: %s", answer.status_code)
        return answer


def _bolt_request() -> BoltRequest | None:
    """Return what Bolt works on; `None` for bytes, headers or a payload that are not Slack's."""
    signature = request.headers.get("x-slack-signature", "")
    timestamp = request.headers.get("x-slack-request-timestamp", "0")
    if not signature.isascii() or not _SECONDS.fullmatch(timestamp):
        return None  # Bolt would raise over them, and answer an error of an unverified request
    try:
        headers: dict[str, str | Sequence[str]] = dict(request.headers.items())
        body = request.get_data().decode("utf-8")
        return BoltRequest(body=body, query=request.query_string.decode("ascii"), headers=headers)
    except _MISSHAPEN:
        return None


def _may_see_metrics(token: str | None) -> bool:
    """Loopback may; anybody else needs the token."""
    if token is not None:
        given = request.headers.get("authorization", "")
        if hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            return True
    address = request.remote_addr or ""
    forwarded = "x-forwarded-for" in request.headers  # a proxy on this host speaks for others
    try:
        return ipaddress.ip_address(address).is_loopback and not forwarded
    except ValueError:
        return False


def _text(text: str, *, status: int = 200) -> Response:
    return Response(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
