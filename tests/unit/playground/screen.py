"""People before a Slack without any server, by an app that is a plain function."""

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from playground.slack import SlackStandIn, View
from playground.slack.http_server import HttpServer
from tests.unit.playground.samples import MovableClock

Json = dict[str, Any]


class App:
    """Keeps what is delivered, and answers with `status` and `body`, or with `offers` to a menu."""

    def __init__(self) -> None:
        self.status = 200
        self.body: object = ""
        self.offers: object = None
        self.received: list[Json] = []

    def __call__(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], str]:
        payload = self._read(body, headers)
        self.received.append(payload)
        asked = payload.get("type") == "block_suggestion"
        answer = self.offers if asked else self.body
        if answer is None or isinstance(answer, str):
            return self.status, {"Content-Type": "text/plain"}, answer or ""
        return self.status, {"Content-Type": "application/json"}, json.dumps(answer)

    @staticmethod
    def _read(body: bytes, headers: dict[str, str]) -> Json:
        if headers["Content-Type"] == "application/json":
            return dict(json.loads(body))
        fields = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        return dict(json.loads(fields["payload"])) if "payload" in fields else fields


class OnScreen:
    """A test of what Alice and Bob see and can do."""

    enterprise: str | None = None
    bob_id = "U02BOB"

    @pytest.fixture(autouse=True)
    def _stand_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(HttpServer, "url", "http://nowhere.invalid")  # no server is started
        self.app = App()
        self.slack = SlackStandIn(clock=MovableClock(), enterprise_id=self.enterprise)
        self.slack.deliver_to = self.app
        self.alice = self.slack.add_person("U01ALICE", name="Alice Archer")
        self.bob = self.slack.add_person(self.bob_id, name="Bob Brown")

    @property
    def received(self) -> list[Json]:
        return self.app.received

    def opened(self, spec: Json) -> View:
        trigger_id = self.slack.workspace.issue_trigger(self.alice.id)
        return self.slack.acts.views.open(trigger_id, spec)
