"""What acknowledgements do to a person's screen, by an app that is a plain function."""

from typing import Any

import pytest

from playground.slack import CannotDo
from tests.unit.playground.samples import code_modal, plain
from tests.unit.playground.screen import OnScreen


class TestAnswers(OnScreen):
    def submit(self, body: object, **more: Any) -> Any:
        view = self.opened(code_modal(**more))
        self.app.body = body
        return self.alice.submit(view, {"proof": "video", "code": "123456"})

    @pytest.mark.parametrize("body", ["Not for you.", {"text": "Not for you."}])
    def test_a_command_is_answered_to_the_caller_alone(self, body: object) -> None:
        self.app.body = body
        assert self.alice.command("/reset-2fa").ok
        assert [message.shown for message in self.alice.ephemerals] == ["Not for you."]
        assert self.bob.messages("C0GENERAL") == []

    def test_a_command_may_answer_everybody(self) -> None:
        self.app.body = {"text": "Hear!", "response_type": "in_channel"}
        self.alice.command("/reset-2fa")
        assert [message.shown for message in self.bob.messages("C0GENERAL")] == ["Hear!"]

    def test_a_command_answered_with_bad_blocks_is_a_violation(self) -> None:
        self.app.body = {"text": "x", "blocks": [{"type": "sektion"}]}
        assert self.alice.command("/reset-2fa").error == "dispatch_failed"
        assert len(self.slack.violations) == 1

    def test_another_status_is_an_error_and_a_violation(self) -> None:
        self.app.status = 401
        assert self.alice.command("/reset-2fa").error == "dispatch_failed"
        assert self.slack.violations == ["command /reset-2fa: dispatch_failed, status 401"]

    def test_an_empty_answer_closes_the_view(self) -> None:
        assert self.submit("").ok
        assert self.alice.modals == []

    def test_errors_stay_under_their_fields(self) -> None:
        delivery = self.submit({"response_action": "errors", "errors": {"code": "Wrong."}})
        assert delivery.errors == {"code": "Wrong."}
        assert self.alice.modal.errors == {"code": "Wrong."}
        assert self.slack.violations == []

    def test_update_push_and_clear(self) -> None:
        new = code_modal(title=plain("New"))
        self.submit({"response_action": "update", "view": new})
        assert [view.title for view in self.alice.modals] == ["New"]
        self.submit({"response_action": "push", "view": new})
        assert [view.title for view in self.alice.modals] == ["Reset 2FA", "New"]
        self.submit({"response_action": "clear"})
        assert self.alice.modals == []

    @pytest.mark.parametrize(
        "body",
        [
            "Sorry, something went wrong.",
            [],
            {},
            {"text": "Sorry."},
            {"response_action": "close"},
            {"response_action": "errors"},
            {"response_action": "errors", "errors": {}},
            {"response_action": "errors", "errors": {"value": "keyed by action_id"}},
            {"response_action": "errors", "errors": {"code": ""}},
            {"response_action": "errors", "errors": {"code": 7}},
            {"response_action": "update"},
            {"response_action": "update", "view": {"type": "modal"}},
            {"response_action": "push", "view": {"type": "home", "blocks": []}},
        ],
    )
    def test_nonsense_leaves_the_view_open_with_an_error(self, body: object) -> None:
        delivery = self.submit(body)
        assert delivery.error == "trouble_connecting"
        assert len(self.alice.modals) == 1
        assert len(self.slack.violations) == 1

    def test_errors_belong_to_inputs_only(self) -> None:
        blocks = [*code_modal()["blocks"], {"type": "divider", "block_id": "line"}]
        errors = {"response_action": "errors", "errors": {"line": "Wrong."}}
        assert self.submit(errors, blocks=blocks).error == "trouble_connecting"

    def test_a_click_answered_with_text_is_a_violation(self) -> None:
        self.app.body = "Please install this app"
        assert self.alice.shortcut("reset").error is None
        assert len(self.slack.violations) == 1

    def test_closing_is_told_only_on_request(self) -> None:
        assert not self.alice.close(self.opened(code_modal())).sent
        assert self.alice.close(self.opened(code_modal(notify_on_close=True))).sent
        assert len(self.received) == 1
        assert self.alice.modals == []

    def test_a_lower_view_cannot_be_touched(self) -> None:
        lower = self.opened(code_modal())
        self.slack.acts.views.stack(self.alice.id, code_modal())
        with pytest.raises(CannotDo):
            self.alice.submit(lower)
        with pytest.raises(CannotDo):
            self.bob.submit(self.alice.modal)
        assert [delivery.kind for delivery in self.alice.close_all()] == [
            "closing reset_verify",
            "closing reset_verify",
        ]

    def test_mentions_are_escaped_as_slack_does(self) -> None:
        def text(typed: str) -> str:
            return str(self.alice.command("/reset-2fa", typed).payload["text"])

        assert text("@bob lost it, mail bob@acme.example") == (
            "<@U02BOB> lost it, mail bob@acme.example"
        )
        assert text("Ask @bob.") == "Ask <@U02BOB>."
        assert text("<@U02BOB|bob> and @nobody") == "<@U02BOB|bob> and @nobody"
        self.slack.acts.labelled_mentions = True
        assert text("@bob") == "<@U02BOB|bob>"

    def test_a_stranger_is_seen_by_their_own_team(self) -> None:
        eve = self.slack.add_person("U09EVE", name="Eve", team_id="T99", is_stranger=True)
        payload = eve.shortcut("reset").payload
        assert (payload["user"]["team_id"], payload["team"]["id"]) == ("T99", "T01TEST")
        self.slack.payloads.strangers_bring_their_team = True
        assert eve.shortcut("reset").payload["team"]["id"] == "T99"

    def test_after_the_deadline_are_a_timeout(self, monkeypatch: pytest.MonkeyPatch) -> None:
        moments = iter([100.0, 103.1])
        monkeypatch.setattr("playground.slack.courier.monotonic", lambda: next(moments))
        assert self.alice.command("/reset-2fa").error == "operation_timeout"
        assert self.slack.violations == ["command /reset-2fa: operation_timeout, status 200"]
