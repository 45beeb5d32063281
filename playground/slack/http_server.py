"""The HTTP side: `/api/<method>` and the response_urls, on a loopback port of its own."""

from __future__ import annotations

import json
import threading
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from playground.slack.errors import SlackRefuses
from playground.slack.faults import RESPONSE_URL, Fault, Faults
from playground.slack.model import Json
from playground.slack.response_urls import ResponseUrls
from playground.slack.web_api import WebApi

LOOPBACK = "127.0.0.1"
_POLL = 0.05  # seconds after which `stop` is noticed


class HttpServer:
    """Serves one stand-in from `start` to `stop`."""

    def __init__(self, *, web_api: WebApi, response_urls: ResponseUrls, faults: Faults) -> None:
        self._web_api = web_api
        self._response_urls = response_urls
        self._faults = faults
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; only between `start` and `stop`."""
        if self._server is None:
            raise RuntimeError("the stand-in has not been started")
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self) -> None:
        """Listen on a free port."""
        self._server = make_server(
            LOOPBACK, 0, self._answer, threaded=True, request_handler=_QuietHandler
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL,), name="slack-http"
        )
        self._thread.start()

    def stop(self) -> None:
        """Close the port and end the thread."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
            self._server = None

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:  # noqa: ANN401  # WSGI
        request = Request(environ)
        kind, _, name = request.path.lstrip("/").partition("/")
        if request.method != "POST" and kind != "api":
            response = Response(status=405)
        elif kind == "api":
            response = self._call(request, name)
        elif kind == "response":
            response = self._respond(request, name)
        else:
            response = Response(status=404)
        return response(environ, start_response)

    def _call(self, request: Request, method: str) -> Response:
        arguments, is_json = _arguments(request)
        token = _token(request, arguments)
        fault = self._faults.take(method)
        if fault is not None and fault.comes_instead:
            self._web_api.record(method, token=token, arguments=arguments, error=fault.label)
            return _suffer(fault)
        if fault is not None and fault.gate is not None:
            fault.gate.pass_through()
        answer = self._web_api.call(method, token=token, arguments=arguments, is_json=is_json)
        if fault is not None and fault.drop:
            raise ConnectionResetError
        return _json(answer, headers=self._web_api.headers(method, token=token))

    def _respond(self, request: Request, url_id: str) -> Response:
        fault = self._faults.take(RESPONSE_URL)
        if fault is not None and fault.comes_instead:
            self._web_api.record(RESPONSE_URL, token=None, arguments={}, error=fault.label)
            return _suffer(fault)
        if fault is not None and fault.gate is not None:
            fault.gate.pass_through()
        try:
            content = json.loads(request.get_data())
        except ValueError:
            content = None
        try:
            self._response_urls.use(url_id, content)
        except SlackRefuses as refusal:
            # 404 for a response_url that is spent or unknown, 400 for content Slack will not post
            status = 404 if refusal.error.endswith("_url") else 400
            return _json({"ok": False, "error": refusal.error}, status=status)
        if fault is not None and fault.drop:
            raise ConnectionResetError
        return _json({"ok": True})


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: a response_url is a secret, and so is what people type."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  # werkzeug's name
        """Say nothing."""


def _suffer(fault: Fault) -> Response:
    """Answer as the fault says, or not at all."""
    if fault.drop:
        raise ConnectionResetError  # werkzeug then closes the connection without a word
    if fault.body is not None:
        return Response(fault.body, status=fault.status, content_type="text/html")
    status = fault.status or 200
    return _json({"ok": False, "error": fault.error}, status=status, headers=fault.headers)


def _json(answer: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(
        json.dumps(answer),
        status=status,
        headers=headers,
        content_type="application/json; charset=utf-8",
    )


def _arguments(request: Request) -> tuple[Json, bool]:
    """Return what the call carries, and whether as JSON."""
    query = dict(request.args.items())
    if request.mimetype == "application/json":
        try:
            body = json.loads(request.get_data())
        except ValueError:
            body = {}
        return {**query, **(body if isinstance(body, dict) else {})}, True
    return {**query, **dict(request.form.items())}, False


def _token(request: Request, arguments: Json) -> str | None:
    """Return the token from the header, or else from the arguments."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token
    argument = arguments.get("token")
    return argument if isinstance(argument, str) and argument else None
