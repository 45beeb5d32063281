"""The shortcuts: of a message's author, and everywhere."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import CaseState
from playground.slack.model import BOT_USER_ID
from tests.unit.handlers.house import House


def message_body(house: House, message: object, **fields: Any) -> dict[str, Any]:
    return {
        "type": "message_action",
        "callback_id": "reset_message",
        "user": {"id": house.alice.id, "team_id": house.slack.team_id},
        "team": {"id": house.slack.team_id},
        "trigger_id": "1.2.3",
        "message": message,
        **fields,
    }


class TestOfMessage:
    def test_opens_the_code_modal_for_whoever_wrote_it(self, house: House) -> None:
        message = house.bob.say("I have lost my phone, it is U01ALAN and 123456")
        assert house.alice.shortcut("reset_message", message).ok
        modal = house.alice.modal
        assert modal.callback_id == "reset_verify"
        assert "Bob Brown" in modal.shown
        assert "lost my phone" not in str(modal.spec)  # what a message says is no reason

    def test_the_confirm_block_comes_by_dm(self, house: House) -> None:
        house.alice.shortcut("reset_message", house.bob.say("help"))
        values = {
            "proof": "video",
            "reason": "Lost it",
            "code": house.world.alice.code(house.clock),
        }
        assert house.alice.submit(house.alice.modal, values).ok
        house.sender.drain()
        assert "reset_yes" in house.alice.dm[-1].action_ids
        assert house.states == [CaseState.AWAITING_CONFIRMATION]

    def test_says_alone_to_whoever_asked_why_not(self, house: House) -> None:
        message = house.alice.say("Good morning")
        assert house.bob.shortcut("reset_message", message).ok
        house.sender.drain()
        assert "Only an administrator" in house.bob.ephemerals[-1].shown
        assert house.bob.modals == []
        assert house.tags == ["slack:reset:not_an_administrator"]

    def test_a_case_of_ones_own_is_said(self, house: House) -> None:
        house.add_case()
        house.alice.shortcut("reset_message", house.bob.say("help"))
        assert "already asked to reset" in house.alice.modal.shown

    @pytest.mark.parametrize(
        "message",
        [
            {"bot_id": "B01APP", "user": "U01BOB"},
            {"bot_id": "B01APP"},
            {"subtype": "bot_message", "text": "hi"},
        ],
    )
    def test_what_an_app_wrote_is_refused_and_recorded(
        self, house: House, message: dict[str, str]
    ) -> None:
        assert house.interact(message_body(house, message)).status == 200
        house.sender.drain()
        assert "That is a bot" in house.alice.dm[-1].shown
        assert house.tags == ["slack:reset:bot_refused"]

    def test_rekeys_own_message_is_a_bot_s(self, house: House) -> None:
        house.client.chat_postMessage(channel=house.alice.id, text="hello")
        own = house.alice.dm[-1]
        assert own.author == BOT_USER_ID
        house.alice.shortcut("reset_message", own)
        house.sender.drain()
        assert "That is a bot" in house.alice.ephemerals[-1].shown

    @pytest.mark.parametrize("message", [None, "text", {"user": 7}, {"user": ["U01BOB"]}])
    def test_what_slack_never_sends_is_malformed(self, house: House, message: object) -> None:
        assert house.interact(message_body(house, message)).status == 400

    def test_an_expired_trigger_is_no_fault(self, house: House) -> None:
        house.alice.shortcut(
            "reset_message", house.bob.say("help"), trigger_age=timedelta(seconds=4)
        )
        house.sender.drain()
        assert "do that once more" in house.alice.ephemerals[-1].shown

    def test_a_fault_is_told(self, house: House) -> None:
        house.workspace.available = False
        assert house.alice.shortcut("reset_message", house.bob.say("help")).ok
        house.sender.drain()
        assert "could not reach Slack" in house.alice.ephemerals[-1].shown


class TestEverywhere:
    def test_opens_the_picker_and_goes_on_to_the_code(self, house: House) -> None:
        assert house.alice.shortcut("reset_global").ok
        picker = house.alice.modal
        assert picker.callback_id == "reset_pick"
        assert house.alice.submit(picker, {"subscriber": house.bob.id}).ok
        assert house.alice.modal.callback_id == "reset_verify"

    def test_says_in_the_picker_why_not(self, house: House) -> None:
        house.bob.shortcut("reset_global")
        refused = house.bob.submit(house.bob.modal, {"subscriber": house.alice.id})
        assert "Only an administrator" in refused.errors["subscriber"]

    def test_an_expired_trigger_is_told_by_dm(self, house: House) -> None:
        house.alice.shortcut("reset_global", trigger_age=timedelta(seconds=4))
        house.sender.drain()
        assert "do that once more" in house.alice.dm[-1].shown
