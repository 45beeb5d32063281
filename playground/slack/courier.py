"""Carrying payloads to the app: signed HTTP, a call within the process, or Socket Mode."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import Final, TypeAlias
from urllib.parse import urlencode, urlsplit

from playground.slack.model import Json
from playground.slack.socket_mode import SocketMode
from playground.slack.workspace import Clock

SOCKET_MODE: Final = "socket-mode"
InProcess: TypeAlias = Callable[
    [bytes, dict[str, str]], tuple[int, Mapping[str, str | Sequence[str]], str]
]
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, kw_only=True)
class Packet:
    """One payload on its way: `kind` is `slash_commands`, `interactive` or `events_api`."""

    kind: str
    payload: Json
    retry_num: int = 0
    retry_reason: str = ""

    def encoded(self) -> tuple[bytes, str]:
        """Return the body and content type of the HTTP request."""
        if self.kind == "events_api":
            return json.dumps(self.payload).encode(), "application/json"
        if self.kind == "interactive":
            return urlencode({"payload": json.dumps(self.payload)}).encode(), _FORM
        return urlencode(self.payload).encode(), _FORM

    @property
    def takes_an_answer(self) -> bool:
        """Whether the acknowledgement may carry a payload."""
        if self.kind == "interactive":
            return self.payload["type"] in {"view_submission", "block_suggestion"}
        return self.kind == "slash_commands"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the app acknowledged with; `error` is what Slack makes of it if that is no 200."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    body: str = field(default="", repr=False)
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Signs requests as Slack does, with wall clock time: the app compares with its own.

    From https://docs.slack.dev/authentication/verifying-requests-from-slack/
    """

    secret: str = field(repr=False)
    wall_clock: Clock

    def headers(
        self, body: bytes, *, secret: str | None = None, age: timedelta = timedelta(0)
    ) -> dict[str, str]:
        """Return the two headers; for tests with another secret, or as if made `age` ago."""
        timestamp = str(int((self.wall_clock.now() - age).timestamp()))
        key = (self.secret if secret is None else secret).encode()
        digest = hmac.new(key, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
        return {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={digest.hexdigest()}",
        }


class Courier:
    """Takes packets to wherever `deliver_to` says, and waits for the acknowledgement."""

    def __init__(self, *, signer: Signer, sockets: SocketMode, ack_within: timedelta) -> None:
        self._signer = signer
        self._sockets = sockets
        self.ack_within = ack_within
        self.deliver_to: str | InProcess | None = None

    def request(self, packet: Packet) -> tuple[bytes, dict[str, str]]:
        """Return the signed HTTP request for `packet`."""
        body, content_type = packet.encoded()
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            **self._signer.headers(body),
        }
        if packet.retry_num:
            headers["X-Slack-Retry-Num"] = str(packet.retry_num)
            headers["X-Slack-Retry-Reason"] = packet.retry_reason
        return body, headers

    def carry(self, packet: Packet, body: bytes, headers: dict[str, str]) -> Answer:
        """Deliver `packet`, in Socket Mode as an envelope, else as the request made of it."""
        if self.deliver_to == SOCKET_MODE:
            return self._carry_by_socket(packet)
        return self.transmit(body, headers)

    def transmit(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Send an HTTP request as it is, signed or not."""
        if self.deliver_to is None or self.deliver_to == SOCKET_MODE:
            raise RuntimeError("set `deliver_to` to a URL or a callable first")
        if isinstance(self.deliver_to, str):
            return self._transmit_by_http(self.deliver_to, body, headers)
        began = monotonic()
        status, answered, text = self.deliver_to(body, headers)
        late = monotonic() - began > self.ack_within.total_seconds()
        flat = {
            name.lower(): value if isinstance(value, str) else ", ".join(value)
            for name, value in answered.items()
        }
        return _judged(status, flat, text, late=late)

    def _carry_by_socket(self, packet: Packet) -> Answer:
        retry = (packet.retry_num, packet.retry_reason) if packet.kind == "events_api" else None
        acknowledgement = self._sockets.deliver(
            kind=packet.kind,
            payload=packet.payload,
            takes_an_answer=packet.takes_an_answer,
            retry=retry,
            within=self.ack_within.total_seconds(),
        )
        if acknowledgement.error is not None:
            return Answer(error=acknowledgement.error)
        if acknowledgement.payload is None:
            return Answer(status=200)
        return Answer(
            status=200,
            headers={"content-type": "application/json"},
            body=json.dumps(acknowledgement.payload),
        )

    def _transmit_by_http(self, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        address = urlsplit(url)
        connection = http.client.HTTPConnection(
            address.hostname or "",
            address.port,
            timeout=self.ack_within.total_seconds(),
        )
        try:
            connection.request("POST", address.path or "/", body=body, headers=headers)
            response = connection.getresponse()
            text = response.read().decode()
        except TimeoutError:
            return Answer(error="operation_timeout")
        except (OSError, http.client.HTTPException):
            return Answer(error="dispatch_failed")
        finally:
            connection.close()
        answered = {name.lower(): value for name, value in response.getheaders()}
        return _judged(response.status, answered, text, late=False)


def _judged(status: int, headers: dict[str, str], body: str, *, late: bool) -> Answer:
    error = None
    if late:
        error = "operation_timeout"
    elif status != http.client.OK:
        error = "dispatch_failed"
    return Answer(status=status, headers=headers, body=body, error=error)
