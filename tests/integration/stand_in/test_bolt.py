"""The stand-in speaks as Slack does: a real Bolt app, over HTTP and within the process."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from playground.slack import CannotDo, SlackStandIn, dispatch_to
from tests.unit.playground.samples import code_modal, confirm_block


@pytest.fixture
def app(slack: SlackStandIn, client: WebClient) -> App:
    app = App(
        client=client,
        signing_secret=slack.signing_secret,
        process_before_response=True,
    )
    slack.deliver_to = dispatch_to(app)
    return app


@pytest.fixture
def over_http(app: App, slack: SlackStandIn) -> Iterator[None]:
    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        headers: dict[str, Any] = dict(request.headers.items())
        answer = app.dispatch(BoltRequest(body=request.get_data().decode(), headers=headers))
        kept = {name: values[0] for name, values in answer.headers.items()}
        return Response(answer.body, answer.status, kept)(environ, start_response)

    server = make_server("127.0.0.1", 0, serve, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    slack.deliver_to = f"http://127.0.0.1:{server.server_port}/slack/events"
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def kept_in(bodies: list[dict[str, Any]]) -> Callable[..., None]:
    def listener(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        bodies.append(body)

    return listener


@pytest.mark.usefixtures("over_http")
def test_a_command_over_http_opens_a_modal_whose_submission_is_answered(
    app: App, slack: SlackStandIn
) -> None:
    seen: dict[str, Any] = {}

    def on_command(ack: Ack, body: dict[str, Any], client: WebClient, context: Any) -> None:
        seen.update(body, context_user=context.user_id, context_team=context.team_id)
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=code_modal())

    def on_submission(ack: Ack, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        seen["values"] = values
        if values["code"]["value"]["value"] == "000000":
            ack(response_action="errors", errors={"code": "That code is not right."})
        else:
            ack()

    app.command("/reset-2fa")(on_command)
    app.view("reset_verify")(on_submission)
    alice = slack.person("U01ALICE")

    typed = alice.command("/reset-2fa", "@bob lost phone")
    assert typed.ok
    assert typed.status == 200
    assert seen["text"] == "<@U02BOB> lost phone"
    assert (seen["context_user"], seen["context_team"]) == ("U01ALICE", "T01TEST")
    assert alice.modal.title == "Reset 2FA"

    refused = alice.submit(alice.modal, {"proof": "video", "code": "000000"})
    assert refused.errors == {"code": "That code is not right."}
    assert alice.modal.errors == refused.errors

    assert alice.submit(alice.modal, {"code": "123456"}).ok
    assert seen["values"]["proof"]["value"]["selected_option"]["value"] == "video"
    assert alice.modals == []
    assert slack.violations == []


def test_a_click_replaces_the_ephemeral_message_through_its_response_url(
    app: App, slack: SlackStandIn
) -> None:
    bodies: list[dict[str, Any]] = []

    def on_command(ack: Ack, respond: Respond) -> None:
        ack()
        respond(text="Reset Bob?", blocks=confirm_block())

    def on_yes(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        bodies.append(body)
        respond(text="Done.", replace_original=True)

    app.command("/reset-2fa")(on_command)
    app.action("reset_yes")(on_yes)
    alice, bob = slack.person("U01ALICE"), slack.person("U02BOB")

    alice.command("/reset-2fa", "<@U02BOB>")
    (block,) = alice.ephemerals
    seen = block.as_seen()
    assert bob.ephemerals == []
    with pytest.raises(CannotDo):
        bob.click(block, "reset_yes")

    assert alice.click(block, "reset_yes").ok
    assert block.shown == "Done."
    assert bodies[0]["actions"][0]["value"] == "case-1"
    assert bodies[0]["container"]["is_ephemeral"] is True
    assert "message" not in bodies[0]
    with pytest.raises(CannotDo):
        alice.click(block, "reset_yes")
    assert alice.click(seen, "reset_yes").ok  # a second click on a screen that lags behind

    alice.reload()
    assert alice.ephemerals == []
    assert slack.violations == []


def test_a_dm_to_a_person_is_clicked_with_its_message(
    app: App, slack: SlackStandIn, client: WebClient
) -> None:
    bodies: list[dict[str, Any]] = []
    app.action("reset_yes")(kept_in(bodies))
    bob = slack.person("U02BOB")

    posted = client.chat_postMessage(channel=bob.id, text="Reset?", blocks=confirm_block())
    (message,) = bob.dm
    assert posted["channel"] == bob.im
    assert bob.click(message, "reset_yes").ok
    assert bodies[0]["message"]["ts"] == message.ts
    assert bodies[0]["channel"]["id"] == bob.im
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Over.")
    assert message.shown == "Over."


def test_home_is_opened_and_published(app: App, slack: SlackStandIn) -> None:
    def on_home(event: dict[str, Any], client: WebClient) -> None:
        view = {"type": "home", "blocks": confirm_block()}
        known = event.get("view", {}).get("hash")
        client.views_publish(user_id=event["user"], view=view, hash=known)

    app.event("app_home_opened")(on_home)
    app.action("reset_yes")(lambda ack: ack())
    alice = slack.person("U01ALICE")
    alice.open_home()
    assert alice.home is not None
    assert alice.open_home().ok
    delivery = alice.click(alice.home, "reset_yes")
    assert "response_url" not in delivery.payload
    assert delivery.payload["container"]["type"] == "view"
    assert slack.violations == []


@pytest.mark.parametrize(
    ("signing", "status"),
    [
        (lambda slack, body: slack.signed_headers(body), 200),
        (lambda slack, body: slack.signed_headers(body, secret="wrong"), 401),
        (lambda slack, body: slack.signed_headers(body, age=timedelta(minutes=6)), 401),
        (lambda _slack, _body: {"Content-Type": "application/x-www-form-urlencoded"}, 401),
    ],
    ids=["good", "wrong secret", "stale", "unsigned"],
)
@pytest.mark.usefixtures("over_http")
def test_signatures(
    app: App,
    slack: SlackStandIn,
    signing: Callable[[SlackStandIn, bytes], dict[str, str]],
    status: int,
) -> None:
    app.command("/reset-2fa")(lambda ack: ack())
    body = b"command=/reset-2fa&user_id=U01ALICE&team_id=T01TEST"
    delivery = slack.deliver_raw(body, headers=signing(slack, body))
    assert delivery.status == status


@pytest.mark.usefixtures("app")
def test_ssl_check_is_answered(slack: SlackStandIn) -> None:
    body = b"ssl_check=1&token=x"
    assert slack.deliver_raw(body, headers=slack.signed_headers(body)).status == 200


def test_a_replay_is_the_same_request(app: App, slack: SlackStandIn) -> None:
    bodies: list[dict[str, Any]] = []
    app.command("/reset-2fa")(kept_in(bodies))
    delivery = slack.person("U01ALICE").command("/reset-2fa", "x")
    slack.replay(delivery)
    assert bodies[0] == bodies[1]


def test_users_are_described_with_their_flags_and_paged(
    slack: SlackStandIn, client: WebClient
) -> None:
    slack.add_person("U03GUEST", name="Gus", is_restricted=True)
    slack.add_person("U04GONE", name="Gone", email="gone@acme.example", deleted=True)
    assert client.users_info(user="U02BOB")["user"]["profile"]["email"] == "bob@acme.example"
    assert client.users_info(user="U03GUEST")["user"]["is_restricted"] is True
    assert "is_restricted" not in client.users_info(user="U04GONE")["user"]
    assert client.users_info(user="USLACKBOT")["user"]["is_bot"] is False
    found = client.users_lookupByEmail(email="BOB@acme.example")
    assert found["user"]["id"] == "U02BOB"
    with pytest.raises(SlackApiError, match="users_not_found"):
        client.users_lookupByEmail(email="gone@acme.example")
    pages = [[user["id"] for user in page["members"]] for page in client.users_list(limit=2)]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert json.dumps(slack.calls[0].arguments) == '{"user": "U02BOB"}'


@pytest.mark.usefixtures("over_http")
def test_an_app_that_is_slow_over_http_is_timed_out_and_still_runs_to_its_end(
    app: App, slack: SlackStandIn
) -> None:
    let_go, done = threading.Event(), threading.Event()

    def dawdle(ack: Ack) -> None:
        let_go.wait(10)
        ack()
        done.set()

    app.command("/reset-2fa")(dawdle)
    slack.ack_within = timedelta(seconds=0.2)
    assert slack.person("U01ALICE").command("/reset-2fa").error == "operation_timeout"
    let_go.set()
    assert done.wait(10)
    assert slack.violations == ["command /reset-2fa: operation_timeout, status None"]


def test_an_app_that_is_down_is_an_error_but_no_violation(slack: SlackStandIn) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: every connection is refused
        slack.deliver_to = f"http://127.0.0.1:{taken.getsockname()[1]}/slack/events"
        delivery = slack.person("U01ALICE").command("/reset-2fa")
    assert (delivery.status, delivery.error) == (None, "dispatch_failed")
    assert slack.violations == []
