"""Five uses in thirty minutes, ephemeral by default."""

import pytest

from playground.slack.errors import SlackRefuses
from playground.slack.messages import Messages
from playground.slack.model import Member, Message
from playground.slack.response_urls import ResponseUrls
from playground.slack.workspace import Workspace
from tests.unit.playground.samples import MovableClock, confirm_block

ALICE = "U01ALICE"


class TestResponseUrls:
    def setup_method(self) -> None:
        self.clock = MovableClock()
        self.workspace = Workspace(
            clock=self.clock, team_id="T01TEST", enterprise_id=None, scopes=frozenset()
        )
        self.workspace.add_member(Member(id=ALICE, name="Alice", team_id="T01TEST"))
        self.messages = Messages(self.workspace)
        self.urls = ResponseUrls(self.workspace, self.messages)

    def issue(self, source: Message | None = None) -> str:
        return self.workspace.issue_response_url(ALICE, channel="C1", source=source)

    def posted(self) -> list[Message]:
        return [message for message in self.workspace.messages if not message.gone]

    def test_a_sixth_use_is_refused(self) -> None:
        url = self.issue()
        for _ in range(5):
            self.urls.use(url, {"text": "hello"})
        with pytest.raises(SlackRefuses, match="used_url"):
            self.urls.use(url, {"text": "hello"})
        assert len(self.posted()) == 5
        assert self.workspace.violations == []

    def test_after_thirty_minutes_it_is_refused(self) -> None:
        url = self.issue()
        self.clock.advance(minutes=29, seconds=59)
        self.urls.use(url, {"text": "hello"})
        self.clock.advance(seconds=1)
        with pytest.raises(SlackRefuses, match="expired_url"):
            self.urls.use(url, {"text": "hello"})

    def test_an_unknown_one_is_refused(self) -> None:
        with pytest.raises(SlackRefuses, match="invalid_url"):
            self.urls.use("made-up", {"text": "hello"})

    def test_an_answer_is_ephemeral_unless_in_channel(self) -> None:
        url = self.issue()
        self.urls.use(url, {"text": "only you"})
        self.urls.use(url, {"text": "all", "response_type": "in_channel"})
        assert [message.ephemeral_to for message in self.posted()] == [ALICE, None]

    def test_a_click_may_replace_and_delete_its_message(self) -> None:
        source = self.messages.post({"text": "Sure?", "blocks": confirm_block()}, channel="C1")
        url = self.issue(source)
        self.urls.use(url, {"text": "Done.", "replace_original": True})
        assert source.shown == "Done."
        self.urls.use(url, {"delete_original": True})
        assert source.gone
        assert self.workspace.messages == [source]

    def test_a_command_has_nothing_to_replace(self) -> None:
        self.urls.use(self.issue(), {"text": "Done.", "replace_original": True})
        assert [message.text for message in self.posted()] == ["Done."]
        assert len(self.workspace.violations) == 1

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            ("text", "invalid_json"),
            ({}, "no_text"),
            ({"text": " "}, "no_text"),
            ({"text": 7}, "invalid_arguments"),
            ({"text": "x", "blocks": [{"type": "sektion"}]}, "invalid_blocks"),
            ({"text": "x", "response_type": "loud"}, "invalid_arguments"),
            ({"text": "x" * 40_001}, "msg_too_long"),
            ({"text": "x", "attachments": [{"text": "old"}]}, "invalid_arguments"),
        ],
    )
    def test_bad_content_is_a_violation(self, content: object, error: str) -> None:
        with pytest.raises(SlackRefuses, match=error):
            self.urls.use(self.issue(), content)
        assert self.posted() == []
        assert len(self.workspace.violations) == 1
        assert self.workspace.calls[-1].error == error

    def test_an_unknown_argument_is_a_violation(self) -> None:
        self.urls.use(self.issue(), {"text": "x", "replace_orginal": True})
        assert self.workspace.violations == ["response_url: unknown argument replace_orginal"]

    def test_whoever_is_away_misses_it(self) -> None:
        self.workspace.members[ALICE].active = False
        self.urls.use(self.issue(), {"text": "hello"})
        assert self.posted() == []
