"""What people see and can do, by an app that merely acknowledges."""

from typing import Any

import pytest

from playground.slack import BOT_USER_ID, CannotDo, Message
from playground.slack.messages import Messages
from tests.unit.playground.samples import button, code_modal, confirm_block, plain
from tests.unit.playground.screen import OnScreen

Json = dict[str, Any]

PICKER: Json = {
    "type": "modal",
    "title": plain("Whom?"),
    "blocks": [
        {
            "type": "section",
            "block_id": "whom",
            "text": plain("Whom?"),
            "accessory": {"type": "users_select", "action_id": "picked"},
        },
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "value"},
        },
    ],
    "submit": plain("Go"),
}


class TestPerson(OnScreen):
    enterprise = "E01"
    bob_id = "W02BOB"

    def posted(self, *elements: Json) -> Message:
        blocks = [{"type": "actions", "block_id": "row", "elements": list(elements)}]
        return Messages(self.slack.workspace).post(
            {"text": "x", "blocks": blocks}, channel="C0GENERAL", ephemeral_to=self.alice.id
        )

    def test_choosing_a_person_tells_the_app_and_stays_in_the_view(self) -> None:
        self.opened(PICKER)
        assert self.alice.choose(self.alice.modal, "whom", "picked", "W02BOB").ok
        (payload,) = self.received
        (action,) = payload["actions"]
        assert (action["type"], action["selected_user"]) == ("users_select", "W02BOB")
        assert payload["view"]["state"]["values"]["whom"]["picked"]["selected_user"] == "W02BOB"
        assert payload["container"] == {"type": "view", "view_id": self.alice.modal.id}
        assert "channel" not in payload

    def test_typing_into_an_input_tells_nobody(self) -> None:
        self.opened(PICKER)
        assert not self.alice.choose(self.alice.modal, "why", "value", "lost").sent
        assert self.received == []
        self.alice.submit(self.alice.modal)
        assert self.received[0]["view"]["state"]["values"]["why"]["value"]["value"] == "lost"

    def test_an_input_that_dispatches_tells_the_app(self) -> None:
        spec = {**PICKER, "blocks": [PICKER["blocks"][1] | {"dispatch_action": True}]}
        self.opened(spec)
        self.alice.choose(self.alice.modal, "why", "value", "lost")
        assert self.received[0]["actions"][0]["value"] == "lost"

    def test_the_picker_lists_no_deactivated_people(self) -> None:
        self.opened(PICKER)
        self.bob.member.deleted = True
        for user_id in ("W02BOB", "U0NOBODY"):
            with pytest.raises(CannotDo):
                self.alice.choose(self.alice.modal, "whom", "picked", user_id)

    def test_a_button_is_found_by_its_action_id(self) -> None:
        message = self.posted(button("reset_yes", "1"), button("reset_no", "2"))
        self.alice.click(message, "reset_no")
        assert self.received[0]["actions"][0]["value"] == "2"
        with pytest.raises(CannotDo):
            self.alice.click(message, "reset_maybe")

    def test_the_same_button_in_several_rows_is_told_apart_by_its_value(self) -> None:
        rows = [
            {"type": "actions", "elements": [button("reset_yes", value)]} for value in ("1", "2")
        ]
        message = Messages(self.slack.workspace).post({"blocks": rows}, channel="C0GENERAL")
        with pytest.raises(CannotDo):
            self.alice.click(message, "reset_yes")
        self.alice.click(message, "reset_yes", "2")
        assert self.received[0]["actions"][0]["value"] == "2"

    def test_a_menu_option_is_picked_by_its_value(self) -> None:
        options = [{"text": plain("One"), "value": "1"}, {"text": plain("Two"), "value": "2"}]
        message = self.posted({"type": "overflow", "action_id": "more", "options": options})
        self.alice.click(message, "more", "2")
        assert self.received[0]["actions"][0]["selected_option"] == options[1]
        with pytest.raises(CannotDo):
            self.alice.click(message, "more", "3")

    def test_a_choice_in_a_message_comes_with_its_state(self) -> None:
        options = [{"text": plain("One"), "value": "1"}]
        message = self.posted({"type": "static_select", "action_id": "s", "options": options})
        self.alice.choose(message, "row", "s", "1")
        state = self.received[0]["state"]["values"]["row"]["s"]
        assert state == {"type": "static_select", "selected_option": options[0]}

    def test_a_link_button_is_told_to_the_app_too(self) -> None:
        message = self.posted(button("open_set_up", "1") | {"url": "https://portal.example/"})
        delivery = self.alice.click(message, "open_set_up")
        assert delivery.sent
        assert delivery.url == "https://portal.example/"

    def test_a_click_on_what_others_see_must_be_forged(self) -> None:
        message = self.posted(button("reset_yes", "1"))
        with pytest.raises(CannotDo):
            self.bob.click(message, "reset_yes")
        self.bob.click(message, "reset_yes", even_if_unseen=True)
        assert self.received[0]["user"]["id"] == "W02BOB"

    def test_ephemeral_messages_go_with_a_reload(self) -> None:
        message = self.posted(button("reset_yes", "1"))
        self.alice.reload()
        assert message.gone
        with pytest.raises(CannotDo):
            self.alice.click(message, "reset_yes")

    def test_a_command_on_a_grid_names_the_enterprise(self) -> None:
        self.bob.command("/reset-2fa", "help")
        assert self.received[0]["enterprise_id"] == "E01"
        assert self.received[0]["user_id"] == "W02BOB"
        assert self.received[0]["response_url"].startswith("http://nowhere.invalid/response/")
        self.bob.command("/reset-2fa", "help", channel=self.bob.im)
        assert self.received[1]["channel_name"] == "directmessage"

    def test_a_command_is_typed_where_one_is(self) -> None:
        self.slack.add_channel("C1", name="audit", members=[BOT_USER_ID])
        with pytest.raises(CannotDo):
            self.alice.command("/reset-2fa", channel="C1")

    def test_a_shortcut_on_a_message_carries_it(self) -> None:
        message = self.bob.say("I lost my phone")
        self.alice.shortcut("reset_person", message)
        payload = self.received[0]
        assert (payload["type"], payload["message"]["user"]) == ("message_action", "W02BOB")
        assert "bot_id" not in payload["message"]
        assert payload["channel"]["id"] == "C0GENERAL"
        (leave,) = self.slack.workspace.response_urls.values()
        assert leave.source is None  # so that nobody replaces what Bob wrote

    def test_a_submission_is_of_the_view_on_the_screen(self) -> None:
        self.opened(code_modal(private_metadata="case-1"))
        view = self.alice.modal
        for cannot in ({"reason": "none"}, {"proof": "carrier_pigeon"}):
            with pytest.raises(CannotDo):
                self.alice.submit(view, cannot)
        unsent = self.alice.submit(view, {"code": "123"})
        assert (unsent.sent, set(unsent.errors)) == (False, {"proof", "code"})
        self.alice.submit(view, {"proof": "in_person", "code": "123456"})
        sent = self.received[0]["view"]
        assert (sent["id"], sent["private_metadata"]) == (view.id, "case-1")
        assert sent["hash"] == view.hash
        with pytest.raises(CannotDo):
            self.alice.submit(view, {"code": "123456"})

    def test_a_clearing_view_takes_the_others_along(self) -> None:
        self.opened(code_modal(notify_on_close=True))
        self.slack.acts.views.stack(self.alice.id, code_modal(clear_on_close=True))
        self.alice.close(self.alice.modal)
        assert self.alice.modals == []
        assert [payload["is_cleared"] for payload in self.received] == [True]

    def test_what_is_read_leaves_out_what_is_not(self) -> None:
        self.opened(code_modal())
        assert "How proven" in self.alice.modal.shown
        assert "in_person" not in self.alice.modal.shown
        assert self.alice.modal.action_ids == ["value", "value"]

    def test_an_event_is_sent_again_under_its_id(self) -> None:
        event = {"type": "tokens_revoked", "tokens": {"bot": [BOT_USER_ID]}}
        first = self.slack.send_event(event)
        again = self.slack.send_event(
            event, event_id=first.payload["event_id"], retry_num=1, retry_reason="http_error"
        )
        assert self.received[0]["event_id"] == self.received[1]["event_id"]
        assert again.request_headers["X-Slack-Retry-Num"] == "1"
        assert "X-Slack-Retry-Num" not in first.request_headers

    def test_a_payload_does_not_change_after_it_was_sent(self) -> None:
        self.opened(PICKER)
        first = self.alice.choose(self.alice.modal, "whom", "picked", "W02BOB")
        self.alice.choose(self.alice.modal, "whom", "picked", "U01ALICE")
        values = first.payload["view"]["state"]["values"]
        assert values["whom"]["picked"]["selected_user"] == "W02BOB"

    def test_a_home_button_opens_a_modal_of_its_own(self) -> None:
        home = {"type": "home", "blocks": confirm_block()}
        self.slack.acts.views.publish(self.alice.id, home, None)
        assert self.alice.home is not None
        delivery = self.alice.click(self.alice.home, "reset_yes")
        assert delivery.trigger_id is not None
        self.slack.acts.views.open(delivery.trigger_id, code_modal())
        assert len(self.alice.modals) == 1
