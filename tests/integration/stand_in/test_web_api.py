"""Tokens, scopes, refusals and faults of the Web API, through slack_sdk's own client."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.webhook import WebhookClient

from playground.slack import BOT_USER_ID, SlackStandIn
from tests.unit.playground.samples import MovableClock, code_modal, confirm_block


def refused(call: Any, /, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def post_form(url: str, form: bytes, **headers: str) -> dict[str, Any]:
    request = urllib.request.Request(url, data=form, headers=headers)  # noqa: S310  # the stand-in's own http
    with urllib.request.urlopen(request) as response:  # noqa: S310  # the same
        answer: dict[str, Any] = json.loads(response.read())
    return answer


class TestTokens:
    def test_auth_test_tells_ids_and_scopes(self, slack: SlackStandIn, client: WebClient) -> None:
        answer = client.auth_test()
        assert (answer["team_id"], answer["user_id"]) == ("T01TEST", BOT_USER_ID)
        assert answer.headers["x-oauth-scopes"] == (
            "chat:write,commands,im:write,users:read,users:read.email"
        )
        assert slack.calls[0].token == "bot"
        slack.tokens.tells_scopes = False
        assert "x-oauth-scopes" not in client.auth_test().headers

    def test_no_wrong_and_other_tokens_are_refused(self, slack: SlackStandIn) -> None:
        def error(token: str | None) -> str:
            return refused(WebClient(token=token, base_url=slack.api_url).auth_test)

        assert error(None) == "not_authed"
        assert error("xoxb-made-up") == "invalid_auth"
        assert error(slack.app_token) == "not_allowed_token_type"

    def test_a_token_may_come_as_an_argument(self, slack: SlackStandIn) -> None:
        form = f"token={slack.bot_token}&user=U02BOB".encode()
        assert post_form(f"{slack.api_url}users.info", form)["user"]["id"] == "U02BOB"
        assert slack.bot_token not in repr([call.arguments for call in slack.calls])

    @pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
    def test_a_token_can_be_taken_away(
        self, slack: SlackStandIn, client: WebClient, error: str
    ) -> None:
        slack.tokens.bot_error = error
        assert refused(client.auth_test) == error


class TestScopes:
    @pytest.fixture
    def bare(self) -> Iterator[SlackStandIn]:
        with SlackStandIn(clock=MovableClock(), scopes=frozenset({"users:read"})) as stand_in:
            stand_in.add_person("U02BOB", name="Bob", email="bob@acme.example")
            yield stand_in

    def test_a_missing_scope_is_named_and_a_violation(self, bare: SlackStandIn) -> None:
        client = WebClient(token=bare.bot_token, base_url=bare.api_url)
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="U02BOB", text="x")
        answer = caught.value.response
        assert answer["error"] == "missing_scope"
        assert (answer["needed"], answer["provided"]) == ("chat:write", "users:read")
        assert refused(client.users_lookupByEmail, email="x@y.z") == "missing_scope"
        assert refused(client.conversations_open, users="U02BOB") == "missing_scope"
        assert len(bare.violations) == 3

    def test_without_their_scopes_the_email_is_hidden_and_no_command_known(
        self, bare: SlackStandIn
    ) -> None:
        client = WebClient(token=bare.bot_token, base_url=bare.api_url)
        assert "email" not in client.users_info(user="U02BOB")["user"]["profile"]
        delivery = bare.person("U02BOB").command("/reset-2fa")
        assert (delivery.sent, delivery.error) == (False, "invalid_command")


class TestArguments:
    def test_an_unknown_method_or_argument_is_a_violation(
        self, slack: SlackStandIn, client: WebClient
    ) -> None:
        assert refused(client.api_call, api_method="chat.postMesage") == "unknown_method"
        client.api_call("chat.postMessage", json={"channel": "U02BOB", "txt": "", "text": "x"})
        assert slack.violations == [
            "chat.postMesage: unknown_method []",
            "chat.postMessage: unknown argument txt",
        ]

    def test_a_form_is_as_good_as_json(self, slack: SlackStandIn, client: WebClient) -> None:
        blocks = json.dumps(confirm_block())
        client.api_call("chat.postMessage", params={"channel": "U02BOB", "blocks": blocks})
        client.api_call("chat.postMessage", json={"channel": "U02BOB", "blocks": blocks})
        bob = slack.person("U02BOB")
        assert [message.action_ids for message in bob.dm] == [["reset_yes", "reset_no"]] * 2

    def test_reading_methods_take_no_json(self, client: WebClient) -> None:
        error = refused(client.api_call, api_method="users.info", json={"user": "U02BOB"})
        assert error == "invalid_arguments"

    def test_invalid_blocks_and_views_say_where(
        self, slack: SlackStandIn, client: WebClient
    ) -> None:
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="U02BOB", text="x", blocks=[{"type": "sektion"}])
        assert caught.value.response["error"] == "invalid_blocks"
        assert caught.value.response["response_metadata"]["messages"] == [
            "[ERROR] unsupported type [json-pointer:/blocks/0/type]"
        ]
        view = code_modal()
        del view["title"]
        trigger_id = slack.workspace.issue_trigger("U01ALICE")
        with pytest.raises(SlackApiError) as caught:
            client.views_open(trigger_id=trigger_id, view=view)
        assert caught.value.response["error"] == "invalid_arguments"
        assert "missing required field: title" in str(caught.value.response["response_metadata"])

    def test_text_and_views_have_their_limits(self, slack: SlackStandIn, client: WebClient) -> None:
        posted = client.chat_postMessage(channel="U02BOB", text="x" * 40_000)
        where = {"channel": posted["channel"], "ts": posted["ts"]}
        too_long = {"channel": "U02BOB", "text": "x" * 40_001}
        assert refused(client.chat_postMessage, **too_long) == "msg_too_long"
        assert refused(client.chat_update, **where, text="x" * 4001) == "msg_too_long"
        section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2600}}
        trigger_id = slack.workspace.issue_trigger("U01ALICE")
        view = code_modal(blocks=[section] * 100)
        assert refused(client.views_open, trigger_id=trigger_id, view=view) == "view_too_large"


class TestConversations:
    @pytest.fixture
    def audit(self, slack: SlackStandIn) -> SlackStandIn:
        """The same with a channel of which the bot is a member."""
        slack.add_channel("C1", name="audit", members=[BOT_USER_ID, "U01ALICE"])
        return slack

    @pytest.mark.parametrize(
        ("flags", "error"),
        [
            ({"deleted": True}, "user_disabled"),
            ({"is_bot": True}, "cannot_dm_bot"),
            ({"is_stranger": True, "team_id": "T99"}, "user_not_visible"),
            ({"messages_tab_disabled": True}, "messages_tab_disabled"),
            ({"dm_error": "restricted_action"}, "restricted_action"),
        ],
    )
    def test_some_people_cannot_be_written_to(
        self, slack: SlackStandIn, client: WebClient, flags: dict[str, Any], error: str
    ) -> None:
        slack.add_person("U05X", name="X", **flags)
        assert refused(client.chat_postMessage, channel="U05X", text="x") == error
        assert refused(client.conversations_open, users="U05X") == error
        assert slack.violations == []

    @pytest.mark.parametrize(
        ("method", "arguments", "error"),
        [
            ("chat_postMessage", {"channel": "U0NOBODY", "text": "x"}, "channel_not_found"),
            ("chat_postMessage", {"channel": "USLACKBOT", "text": "x"}, "cannot_dm_bot"),
            ("conversations_open", {"users": "U0NOBODY"}, "user_not_found"),
            ("users_info", {"user": "U0NOBODY"}, "user_not_found"),
            ("chat_postMessage", {"channel": "C0GENERAL", "text": "x"}, "not_in_channel"),
            ("chat_postMessage", {"channel": "G1", "text": "x"}, "channel_not_found"),
            ("conversations_info", {"channel": "C1"}, "missing_scope"),
            ("chat_update", {"channel": "C1", "ts": "1.1", "text": "x"}, "message_not_found"),
            (
                "chat_postEphemeral",
                {"channel": "C1", "user": "U02BOB", "text": "x"},
                "user_not_in_channel",
            ),
        ],
    )
    def test_the_bot_reaches_only_people_and_channels_that_it_knows(
        self, audit: SlackStandIn, client: WebClient, method: str, arguments: Any, error: str
    ) -> None:
        audit.add_channel("G1", name="secret", members=["U01ALICE"], is_private=True)
        assert refused(getattr(client, method), **arguments) == error
        assert client.chat_postMessage(channel="C1", text="x")["channel"] == "C1"

    def test_an_opened_channel_is_the_one_that_posting_uses_and_closes_with_its_person(
        self, slack: SlackStandIn, client: WebClient
    ) -> None:
        opened = client.conversations_open(users=["U02BOB"], return_im=True)["channel"]
        assert opened["user"] == "U02BOB"
        assert client.chat_postMessage(channel="U02BOB", text="x")["channel"] == opened["id"]
        assert client.chat_postMessage(channel=opened["id"], text="x")["ok"]
        slack.person("U02BOB").member.deleted = True
        assert refused(client.chat_postMessage, channel=opened["id"], text="x") == "user_disabled"

    def test_only_its_own_messages_can_be_changed_and_none_that_is_ephemeral(
        self, audit: SlackStandIn, client: WebClient
    ) -> None:
        alice = audit.person("U01ALICE")
        shown = client.chat_postEphemeral(channel="C1", user="U01ALICE", text="x")
        said = alice.say("mine", channel="C1")
        for ts, error in (
            (shown["message_ts"], "message_not_found"),
            (said.ts, "cant_update_message"),
        ):
            assert refused(client.chat_update, channel="C1", ts=ts, text="z") == error
        alice.member.active = False  # an ephemeral message needs its reader awake
        client.chat_postEphemeral(channel="C1", user="U01ALICE", text="y")
        assert [message.text for message in alice.ephemerals] == ["x"]


class TestFaults:
    def test_one_failure_then_all_is_well(self, slack: SlackStandIn, client: WebClient) -> None:
        slack.faults.fail("auth.test", error="fatal_error")
        assert refused(client.auth_test) == "fatal_error"
        assert client.auth_test()["ok"]
        assert [call.error for call in slack.calls] == ["fault: fatal_error", None]

    def test_a_rate_limit_is_for_one_method_and_obeyed_by_the_sdk(
        self, slack: SlackStandIn, client: WebClient
    ) -> None:
        slack.faults.rate_limit("auth.test", retry_after=7, times=None)
        for _ in range(2):
            with pytest.raises(SlackApiError) as caught:
                client.auth_test()
            assert caught.value.response["error"] == "ratelimited"
            assert caught.value.response.headers["Retry-After"] == "7"
        assert client.users_info(user="U02BOB")["ok"]
        slack.faults.clear()
        slack.faults.rate_limit("auth.test", retry_after=0)
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
        assert client.auth_test()["ok"]

    def test_pages_instead_of_answers(self, slack: SlackStandIn, client: WebClient) -> None:
        slack.faults.server_error("auth.test", status=503)
        with pytest.raises(SlackApiError) as caught:
            client.auth_test()
        assert caught.value.response.status_code == 503
        slack.faults.garbage("auth.test")
        with pytest.raises(SlackApiError):
            client.auth_test()

    def test_a_dropped_connection_before_or_after_the_effect(
        self, slack: SlackStandIn, client: WebClient
    ) -> None:
        bob = slack.person("U02BOB")
        slack.faults.drop("chat.postMessage")
        with pytest.raises(RemoteDisconnected):
            client.chat_postMessage(channel="U02BOB", text="x")
        assert bob.dm == []
        assert slack.calls[-1].error == "fault: dropped"
        slack.faults.drop("chat.postMessage", after=True)
        with pytest.raises(RemoteDisconnected):
            client.chat_postMessage(channel="U02BOB", text="x")
        assert [message.text for message in bob.dm] == ["x"]

    def test_a_held_call_waits_for_its_release(
        self, slack: SlackStandIn, client: WebClient
    ) -> None:
        gate = slack.faults.hold("chat.postMessage")
        bob = slack.person("U02BOB")
        thread = threading.Thread(
            target=client.chat_postMessage, kwargs={"channel": "U02BOB", "text": "x"}
        )
        thread.start()
        assert gate.arrived.wait(5)
        assert bob.dm == []
        gate.release()
        slack.wait_for(lambda: len(bob.dm) == 1)
        thread.join()

    def test_a_response_url_fails_too(self, slack: SlackStandIn) -> None:
        url_id = slack.workspace.issue_response_url("U01ALICE", channel="C0GENERAL", source=None)
        webhook = WebhookClient(slack.api_url.replace("/api/", f"/response/{url_id}"))
        slack.faults.server_error("response_url", status=500)
        assert webhook.send(text="x").status_code == 500
        assert webhook.send(text="x").status_code == 200
        assert webhook.send_dict({"txt": "x"}).status_code == 400
        for _ in range(3):
            webhook.send(text="x")
        assert webhook.send(text="x").status_code == 404
        assert len(slack.person("U01ALICE").ephemerals) == 4


def test_waiting_in_vain_ends(slack: SlackStandIn) -> None:
    with pytest.raises(TimeoutError):
        slack.wait_for(lambda: False, timeout=0.01)


MANIFEST = """
features:
  app_home: {home_tab_enabled: false, messages_tab_enabled: true}
  slash_commands:
    - {command: /reset-2fa, should_escape: true}
    - {command: /plain}
  shortcuts: [{callback_id: reset_person, type: message}]
oauth_config: {scopes: {bot: [commands, chat:write]}}
settings:
  event_subscriptions: {bot_events: [app_uninstalled]}
  interactivity: {is_enabled: true}
"""


def test_a_manifest_decides_what_people_can_start(tmp_path: Path) -> None:
    path = tmp_path / "app_manifest.yml"
    path.write_text(MANIFEST)
    with SlackStandIn(clock=MovableClock(), manifest=path) as slack:
        slack.deliver_to = lambda _body, _headers: (200, {}, "")
        alice = slack.add_person("U01ALICE", name="Alice")
        client = WebClient(token=slack.bot_token, base_url=slack.api_url)
        assert alice.command("/reset-2fa", "@alice").payload["text"] == "<@U01ALICE>"
        assert alice.command("/plain", "@alice").payload["text"] == "@alice"
        assert not alice.command("/other").sent
        assert not alice.open_home().sent
        assert slack.send_event({"type": "app_uninstalled"}).sent
        assert alice.shortcut("reset_person", alice.say("I lost my phone")).ok
        with pytest.raises(LookupError):
            alice.shortcut("reset_nobody")
        home = {"type": "home", "blocks": confirm_block()}
        assert refused(client.views_publish, user_id=alice.id, view=home) == "not_enabled"
        assert refused(client.users_info, user=alice.id) == "missing_scope"


def test_without_interactivity_nothing_of_it_is_sent(tmp_path: Path) -> None:
    path = tmp_path / "app_manifest.yml"
    path.write_text(MANIFEST.replace("is_enabled: true", "is_enabled: false"))
    with SlackStandIn(clock=MovableClock(), manifest=path) as slack:
        alice = slack.add_person("U01ALICE", name="Alice")
        slack.acts.views.open(slack.workspace.issue_trigger(alice.id), code_modal())
        delivery = alice.submit(alice.modal, {"proof": "video", "code": "123456"})
        assert (delivery.sent, delivery.error) == (False, "interactivity_disabled")
        assert len(alice.modals) == 1
