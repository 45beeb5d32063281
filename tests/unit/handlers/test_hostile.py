"""Payloads that Slack never sends, and faults inside: 4xx or a sentence, never 5xx or a leak."""

import json
import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain.resets.asking import AskingService
from tests.unit.handlers.house import House, click_body, command_body, submission_body

ACTIONS = [
    "reset_yes",
    "reset_no",
    "reset_report",
    "show_set_up_code",
    "case_remind",
    "case_take_over",
    "case_cancel",
    "case_details",
]
VIEWS = [
    "reset_pick",
    "reset_verify",
    "hand_over_pick",
    "hand_over_verify",
    "reset_report_confirm",
]
SECRET = "271828"
ODD: list[Any] = [None, 7, True, [], ["x"], {}, {"x": 1}, "", "x" * 5000, "\0", "\u202e", "\ud83d"]


def is_refused_or_told(status: int | None) -> bool:
    return status == 200 or (status is not None and 400 <= status < 500)


@pytest.mark.parametrize("action_id", ACTIONS)
def test_odd_value_of_a_button(house: House, action_id: str) -> None:
    for value in ODD:
        delivery = house.interact(click_body(house, action_id, value))
        assert is_refused_or_told(delivery.status), value
    assert house.cases == []


@pytest.mark.parametrize("action_id", ["show_set_up_code", "case_details"])
@pytest.mark.parametrize(
    "key", ["user", "team", "actions", "trigger_id", "response_url", "enterprise"]
)
def test_odd_part_of_a_click(house: House, key: str, action_id: str) -> None:
    for value in ODD:
        body = click_body(house, action_id, "id_1") | {key: value}
        try:
            delivery = house.interact(body)
        except (AttributeError, TypeError, KeyError):
            continue  # not even a request to Bolt; where it is served that is answered with 400
        assert is_refused_or_told(delivery.status), value


@pytest.mark.parametrize("callback_id", VIEWS)
@pytest.mark.parametrize("key", ["private_metadata", "state", "blocks"])
def test_odd_part_of_a_view(house: House, callback_id: str, key: str) -> None:
    for value in ODD:
        delivery = house.interact(submission_body(house, callback_id, **{key: value}))
        assert is_refused_or_told(delivery.status), value
    assert house.cases == []


FILLED_IN = ["reset_verify", "reset_pick", "hand_over_verify", "hand_over_pick"]
BLOCKS = ["account", "proof", "reason", "ticket", "code", "subscriber", "contact", "sign_in"]


@pytest.mark.parametrize("callback_id", FILLED_IN)
@pytest.mark.parametrize("block", BLOCKS)
def test_odd_state(house: House, callback_id: str, block: str) -> None:
    for value in ODD:
        element = {"value": value, "selected_option": value, "selected_user": value}
        nested = {"value": {"selected_option": {"value": value}}}
        for held in (value, {"value": value}, {"value": element}, nested):
            body = submission_body(house, callback_id, state={"values": {block: held}})
            assert is_refused_or_told(house.interact(body).status), held
    assert house.cases == []


@pytest.mark.parametrize(
    "metadata",
    [
        "not json",
        "[]",
        "null",
        '{"subscriber": 7}',
        '{"contact": 7}',
        '{"subscriber": "U01BOB", "sign_in": ["x"]}',
        '{"subscriber": "U01BOB", "reason": []}',
        '{"subscriber": "U01BOB", "response_url": "file:///etc/passwd"}',
        '{"subscriber": "U01BOB", "response_url": "http://a b"}',
        '{"subscriber": "U01BOB", "response_url": {"x": 1}}',
    ],
)
def test_tampered_metadata_is_malformed(house: House, metadata: str) -> None:
    for callback_id in ("reset_verify", "reset_pick", "hand_over_verify"):
        body = submission_body(house, callback_id, private_metadata=metadata)
        assert house.interact(body).status == 400
    assert house.tags == []


def test_metadata_that_names_nobody_is_a_refusal(house: House) -> None:
    state = {
        "proof": {"value": {"selected_option": {"value": "video"}}},
        "reason": {"value": {"value": "Lost his phone"}},
        "code": {"value": {"value": house.world.alice.code(house.clock)}},
    }
    body = submission_body(house, "reset_verify", private_metadata="{}", state={"values": state})
    assert '"errors": {"code"' in house.interact(body).body


@pytest.mark.parametrize("key", ["team_id", "user_id"])
def test_command_of_nobody_is_malformed(house: House, key: str) -> None:
    fields = command_body(house)
    del fields[key]
    assert house.post(urlencode(fields).encode()).status == 400


@pytest.mark.parametrize("text", ["\0", "<@U01BOB>" * 400, "<" * 4000, "&amp;" * 800, "\u202e@bob"])
def test_odd_text_of_a_command_is_told(house: House, text: str) -> None:
    body = urlencode(command_body(house, text=text)).encode()
    assert house.post(body).status == 200
    house.slack.violations.clear()  # a forged command brings no trigger that opens anything


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "block_actions"},
        {"type": "view_submission"},
        {"type": "view_submission", "view": {}},
        {"type": "view_submission", "view": None},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": None},
        {"type": "block_actions", "actions": {"0": {}}},
        {"type": "something_new"},
        {"type": "block_suggestion"},
        {"type": "block_suggestion", "action_id": None, "value": "bob"},
        {"type": "block_suggestion", "action_id": "unknown", "value": "bob"},
        {"type": "block_suggestion", "action_id": "value", "value": "bob"},
        {"type": "block_actions", "actions": [{"action_id": "unknown", "value": "x"}]},
        {"type": "block_actions", "actions": [{}]},
        {"type": "block_actions", "actions": [7]},
    ],
)
def test_unknown_payload_is_turned_away(house: House, payload: object) -> None:
    status = house.interact(payload).status
    assert status is not None
    assert 400 <= status < 500


class TestSignature:
    def test_wrong_is_turned_away(self, house: House) -> None:
        body = urlencode(command_body(house, text="<@U01BOB>")).encode()
        assert house.post(body, secret="another").status == 401
        assert house.tags == []

    def test_stale_is_turned_away(self, house: House) -> None:
        body = urlencode(command_body(house, text="<@U01BOB>")).encode()
        assert house.post(body, age=timedelta(minutes=6)).status == 401
        assert house.tags == []

    def test_missing_is_turned_away(self, house: House) -> None:
        body = urlencode(command_body(house, text="<@U01BOB>")).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert house.slack.deliver_raw(body, headers=headers).status == 401
        assert house.tags == []


class TestBug:
    """A listener that breaks in a way that nobody foresaw."""

    @pytest.fixture(autouse=True)
    def _broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError(f"what was typed: {SECRET}") from ValueError(SECRET)

        monkeypatch.setattr(AskingService, "request", broken)
        monkeypatch.setattr(AskingService, "prepare", broken)
        monkeypatch.setattr("bot.domain.resets.deciding.DecidingService.confirm", broken)

    def test_of_a_command_is_told(self, house: House) -> None:
        delivery = house.alice.command("/reset-2fa", "@bob")
        assert "Something went wrong" in json.loads(delivery.body)["text"]

    def test_of_a_modal_stands_under_the_code(self, house: House) -> None:
        answer = house.interact(submission_body(house, "reset_verify"))
        assert "Something went wrong" in json.loads(answer.body)["errors"]["code"]

    def test_of_a_click_is_told_by_a_reply(self, house: House) -> None:
        assert house.interact(click_body(house, "reset_yes", "case_1")).status == 200
        house.sender.drain()
        assert "Something went wrong" in house.alice.dm[0].shown

    def test_of_a_click_with_the_database_away_is_still_acknowledged(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object, **__: object) -> None:
            raise OSError(SECRET)

        monkeypatch.setattr("bot.domain.record.answers.Replies.post", away)
        assert house.interact(click_body(house, "reset_yes", "case_1")).status == 200

    def test_is_logged_by_type_and_place_without_a_word_of_the_input(
        self, house: House, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        state = {"code": {"value": {"value": SECRET}}, "reason": {"value": {"value": "private"}}}
        house.interact(submission_body(house, "reset_verify", state={"values": state}))
        assert "RuntimeError at" in caplog.text
        assert "caused by ValueError at" in caplog.text
        assert "handlers/verify.py:" in caplog.text
        assert SECRET not in caplog.text
        assert "private" not in caplog.text


def test_bug_outside_every_surface_is_turned_away(house: House) -> None:
    def broken(_: object) -> None:
        raise RuntimeError(SECRET)

    house.app.shortcut("anything")(broken)
    body = {"type": "shortcut", "callback_id": "anything", "user": {"id": "U1"}}
    assert house.interact(body).status == 400


def test_known_fault_is_no_error_in_the_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.workspace.available = False
    house.alice.command("/reset-2fa", "@bob")
    levels = {r.levelname for r in caplog.records if r.name.startswith("bot.")}
    assert levels == {"WARNING"}
