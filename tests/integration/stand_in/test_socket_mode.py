"""Socket Mode: Bolt's own handler over the stand-in's WebSockets."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from playground.slack import SOCKET_MODE, SlackStandIn
from tests.unit.playground.samples import code_modal, confirm_block, plain


@pytest.fixture
def slack(slack: SlackStandIn) -> SlackStandIn:
    slack.deliver_to = SOCKET_MODE
    return slack


@pytest.fixture
def app(client: WebClient) -> App:
    return App(client=client)


@pytest.fixture
def handler(app: App, slack: SlackStandIn) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, slack.app_token, ping_interval=0.2)
    handler.connect()  # type: ignore[no-untyped-call]  # Bolt's
    slack.wait_for(lambda: slack.connections == 1)
    yield handler
    handler.client.auto_reconnect_enabled = False
    slack.disconnect_sockets("cut")  # else closing waits for somebody to say something
    handler.close()  # type: ignore[no-untyped-call]  # Bolt's


def dial(slack: SlackStandIn) -> str:
    client = WebClient(token=slack.app_token, base_url=slack.api_url)
    return str(client.apps_connections_open(app_token=slack.app_token)["url"])


@pytest.mark.usefixtures("handler")
def test_the_whole_conversation_as_over_http(app: App, slack: SlackStandIn) -> None:
    def on_command(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=code_modal())

    def on_submission(ack: Ack, view: dict[str, Any], client: WebClient) -> None:
        if view["state"]["values"]["code"]["value"]["value"] == "000000":
            ack(response_action="errors", errors={"code": "Wrong."})
        else:
            ack()
            client.chat_postMessage(channel="U01ALICE", text="Sure?", blocks=confirm_block())

    def on_yes(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="Done.", replace_original=True)

    app.command("/reset-2fa")(on_command)
    app.view("reset_verify")(on_submission)
    app.action("reset_yes")(on_yes)
    alice = slack.person("U01ALICE")

    assert alice.command("/reset-2fa", "@bob").ok
    slack.wait_for(lambda: bool(alice.modals))
    wrong = alice.submit(alice.modal, {"proof": "video", "code": "000000"})
    assert wrong.errors == {"code": "Wrong."}
    assert alice.submit(alice.modal, {"code": "123456"}).ok
    slack.wait_for(lambda: bool(alice.dm))
    assert alice.click(alice.dm[0], "reset_yes").ok
    slack.wait_for(lambda: alice.dm[0].shown == "Done.")
    assert slack.violations == []


@pytest.mark.usefixtures("handler")
def test_a_menus_options_come_back_over_the_socket(app: App, slack: SlackStandIn) -> None:
    bob = {"text": plain("Bob"), "value": "bob"}
    menu = {"type": "external_select", "action_id": "value", "min_query_length": 1}
    whom = {"type": "input", "block_id": "whom", "label": plain("Whom?"), "element": menu}
    view = {"type": "modal", "title": plain("Whom?"), "blocks": [whom], "submit": plain("Go")}

    def on_typing(ack: Ack, body: dict[str, Any]) -> None:
        ack(options=[bob] if body["value"] == "b" else [])

    app.options("value")(on_typing)
    alice = slack.person("U01ALICE")
    slack.acts.views.open(slack.workspace.issue_trigger(alice.id), view)
    assert alice.suggest(alice.modal, "whom", "b") == [bob]
    assert alice.suggest(alice.modal, "whom", "z") == []
    assert slack.violations == []


@pytest.mark.parametrize("patience", [timedelta(seconds=0.1)])
@pytest.mark.usefixtures("handler")
def test_what_nobody_acknowledges_times_out(slack: SlackStandIn) -> None:
    delivery = slack.person("U01ALICE").command("/unknown")
    assert delivery.error == "operation_timeout"
    assert slack.violations == ["command /unknown: operation_timeout, status None"]


@pytest.mark.usefixtures("handler")
def test_an_event_carries_its_retry(app: App, slack: SlackStandIn) -> None:
    seen: list[Any] = []

    def on_home(body: dict[str, Any], request: Any) -> None:
        seen.append((body["event_id"], request.headers.get("x-slack-retry-num")))

    app.event("app_home_opened")(on_home)
    event = {"type": "app_home_opened", "user": "U01ALICE", "tab": "home"}
    slack.send_event(event, event_id="Ev1")
    slack.send_event(event, event_id="Ev1", retry_num=1)
    slack.wait_for(lambda: len(seen) == 2)
    assert seen == [("Ev1", ["0"]), ("Ev1", ["1"])]


@pytest.mark.usefixtures("handler")
def test_a_client_comes_back_after_every_disconnect(app: App, slack: SlackStandIn) -> None:
    app.command("/reset-2fa")(lambda ack: ack())

    def dials() -> int:
        return [call.method for call in slack.calls].count("apps.connections.open")

    for number, reason in enumerate(("refresh_requested", "link_disabled", "cut"), start=2):
        slack.disconnect_sockets(reason)
        slack.wait_for(lambda number=number: dials() >= number and slack.connections >= 1)  # type: ignore[misc]  # bound at once
        assert slack.person("U01ALICE").command("/reset-2fa").ok


def test_a_warning_leaves_the_connection(slack: SlackStandIn) -> None:
    with connect(dial(slack)) as socket:
        assert json.loads(socket.recv(timeout=5))["type"] == "hello"
        slack.wait_for(lambda: slack.connections == 1)
        slack.disconnect_sockets("warning")
        assert json.loads(socket.recv(timeout=5))["reason"] == "warning"
        assert slack.connections == 1


@pytest.mark.parametrize("patience", [timedelta(seconds=0.1)])
def test_each_payload_goes_to_one_connection_in_turn(slack: SlackStandIn) -> None:
    with connect(dial(slack)) as first, connect(dial(slack)) as second:
        slack.wait_for(lambda: slack.connections == 2)
        seen = []
        for _ in range(2):
            slack.send_event({"type": "app_home_opened"})
        for socket in (first, second):
            assert json.loads(socket.recv(timeout=5))["type"] == "hello"
            envelope = json.loads(socket.recv(timeout=5))
            seen.append(envelope["envelope_id"])
            assert envelope["type"] == "events_api"
            assert envelope["accepts_response_payload"] is False
        assert len(set(seen)) == 2


def test_an_eleventh_connection_is_sent_away(slack: SlackStandIn) -> None:
    with ExitStack() as sockets:
        for _ in range(10):
            sockets.enter_context(connect(dial(slack)))
        slack.wait_for(lambda: slack.connections == 10)
        with connect(dial(slack)) as eleventh:
            assert json.loads(eleventh.recv(timeout=5))["reason"] == "too_many_websockets"


def test_acknowledging_an_unknown_envelope_is_a_violation(slack: SlackStandIn) -> None:
    with connect(dial(slack)) as socket:
        socket.send('{"envelope_id": "made-up"}')
        socket.send("hello?")
        slack.wait_for(lambda: len(slack.violations) == 2)
    assert slack.violations == [
        "socket mode: acknowledged an unknown envelope",
        "socket mode: not an acknowledgement",
    ]


def test_an_address_admits_once_and_is_given_for_the_app_token_alone(
    slack: SlackStandIn, client: WebClient
) -> None:
    url = dial(slack)
    with connect(url):
        pass
    with pytest.raises(InvalidStatus, match="403"), connect(url):
        pass
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        client.apps_connections_open(app_token=slack.bot_token)


def test_with_nobody_connected_a_command_fails_at_once(slack: SlackStandIn) -> None:
    assert slack.person("U01ALICE").command("/reset-2fa").error == "dispatch_failed"
    assert slack.violations == []
