"""Socket Mode: WebSocket connections, envelopes and their acknowledgements.

From https://docs.slack.dev/apis/events-api/using-socket-mode/
"""

from __future__ import annotations

import http
import json
import logging
import secrets
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from playground.slack.model import APP_ID, Json
from playground.slack.workspace import Workspace

MOST_CONNECTIONS = 10
_LOOPBACK = "127.0.0.1"
_HOST = "applink-stand-in"
# websockets would log every frame at DEBUG, and what people type is secret
_LOG = logging.getLogger(__name__)
_LOG.setLevel(logging.WARNING)
_CLOSE_WITHIN = 0.1  # seconds; slack_sdk's client never answers a close frame


@dataclass(kw_only=True)
class Acknowledgement:
    """What came back for one envelope; `error` if nothing came."""

    arrived: threading.Event = field(default_factory=threading.Event)
    payload: Json | None = None
    error: str | None = None


class SocketMode:
    """The WebSocket side of one stand-in."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._tickets: set[str] = set()
        self._connections: deque[ServerConnection] = deque()
        self._pending: dict[str, Acknowledgement] = {}
        self._given_up: set[str] = set()

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        with self._workspace.lock:
            return len(self._connections)

    def start(self) -> None:
        """Listen on a free port."""
        self._server = serve(
            self._converse,
            _LOOPBACK,
            0,
            process_request=self._admit,
            close_timeout=_CLOSE_WITHIN,
            logger=_LOG,
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="slack-sockets")
        self._thread.start()

    def stop(self) -> None:
        """Close every connection and the port."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._close(list(self._connections))
            self._server = None

    def issue_url(self) -> str:
        """Return an address for one connection, as `apps.connections.open` does."""
        if self._server is None:
            raise RuntimeError("the stand-in has not been started")
        ticket = secrets.token_urlsafe(16)
        with self._workspace.lock:
            self._tickets.add(ticket)
        port = self._server.socket.getsockname()[1]
        return f"ws://{_LOOPBACK}:{port}/link/?ticket={ticket}&app_id={APP_ID}"

    def deliver(
        self,
        *,
        kind: str,
        payload: Json,
        takes_an_answer: bool,
        retry: tuple[int, str] | None,
        within: float,
    ) -> Acknowledgement:
        """Send one envelope over one of the connections, in turn, and wait for its ack."""
        envelope_id = str(uuid.uuid4())
        envelope: Json = {
            "type": kind,
            "envelope_id": envelope_id,
            "payload": payload,
            "accepts_response_payload": takes_an_answer,
        }
        if retry is not None:
            envelope |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        awaited = Acknowledgement()
        with self._workspace.lock:
            if not self._connections:
                awaited.error = "dispatch_failed"
                return awaited
            connection = self._connections[0]
            self._connections.rotate(-1)
            self._pending[envelope_id] = awaited
        try:
            connection.send(json.dumps(envelope))
        except ConnectionClosed:
            awaited.error = "dispatch_failed"
            return awaited
        if not awaited.arrived.wait(within):
            awaited.error = "operation_timeout"
            with self._workspace.lock:
                self._pending.pop(envelope_id, None)
                self._given_up.add(envelope_id)
        return awaited

    def disconnect(self, reason: str) -> None:
        """Tell every client to go: `refresh_requested`, `link_disabled`, or only `warning`."""
        with self._workspace.lock:
            connected = list(self._connections)
        farewell = {"type": "disconnect", "reason": reason, "debug_info": {"host": _HOST}}
        for connection in connected:
            _send(connection, farewell)
        if reason != "warning":
            self._close(connected)

    def cut(self) -> None:
        """Lose every connection without a word."""
        with self._workspace.lock:
            connected = list(self._connections)
        self._close(connected)

    def _close(self, connections: list[ServerConnection]) -> None:
        for connection in connections:
            self._forget(connection)
            connection.close()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Turn away whoever has no unused ticket."""
        ticket = parse_qs(urlsplit(request.path).query).get("ticket", [""])[0]
        with self._workspace.lock:
            if ticket not in self._tickets:
                return connection.respond(http.HTTPStatus.FORBIDDEN, "no ticket\n")
            self._tickets.remove(ticket)
        return None

    def _converse(self, connection: ServerConnection) -> None:
        with self._workspace.lock:
            full = len(self._connections) >= MOST_CONNECTIONS
            number = len(self._connections) + 1
        if full:
            _send(connection, {"type": "disconnect", "reason": "too_many_websockets"})
            return
        hello = {
            "type": "hello",
            "num_connections": number,
            "debug_info": {"host": _HOST, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }
        _send(connection, hello)
        with self._workspace.lock:
            self._connections.append(connection)
            self._workspace.changed()
        try:
            for text in connection:
                self._hear(text)
        except ConnectionClosed:
            pass  # the client went without a close frame; `finally` is all that is due
        finally:
            self._forget(connection)

    def _forget(self, connection: ServerConnection) -> None:
        with self._workspace.lock:
            if connection in self._connections:
                self._connections.remove(connection)
            self._workspace.changed()

    def _hear(self, text: str | bytes) -> None:
        """Match an acknowledgement with its envelope."""
        try:
            said = json.loads(text)
            envelope_id = said["envelope_id"]
        except (ValueError, TypeError, KeyError):
            self._workspace.violate("socket mode: not an acknowledgement")
            return
        with self._workspace.lock:
            awaited = self._pending.pop(envelope_id, None)
            if awaited is None:
                if envelope_id not in self._given_up:
                    self._workspace.violate("socket mode: acknowledged an unknown envelope")
                return
            awaited.payload = said.get("payload")
        awaited.arrived.set()


def _send(connection: ServerConnection, message: Json) -> None:
    try:
        connection.send(json.dumps(message))
    except ConnectionClosed:
        return
