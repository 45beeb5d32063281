"""Modals and Home tabs without any server."""

from datetime import timedelta

import pytest

from playground.slack.errors import SlackRefuses
from playground.slack.inputs import state_for
from playground.slack.model import Member
from playground.slack.views import Views
from playground.slack.workspace import Workspace
from tests.unit.playground.samples import MovableClock, code_modal, confirm_block, plain

ALICE = "U01ALICE"


class TestModals:
    def setup_method(self) -> None:
        self.clock = MovableClock()
        self.workspace = Workspace(
            clock=self.clock, team_id="T01TEST", enterprise_id=None, scopes=frozenset()
        )
        self.workspace.add_member(Member(id=ALICE, name="Alice", team_id="T01TEST"))
        self.views = Views(self.workspace)

    def trigger(self, view_id: str | None = None) -> str:
        return self.workspace.issue_trigger(ALICE, view_id=view_id)

    def test_a_trigger_lives_just_under_three_seconds(self) -> None:
        trigger_id = self.trigger()
        self.clock.advance(seconds=2.999)
        assert self.views.open(trigger_id, code_modal()).user_id == ALICE

    def test_a_trigger_works_once_and_for_three_seconds(self) -> None:
        spent, late = self.trigger(), self.trigger()
        self.views.open(spent, code_modal())
        old = self.workspace.issue_trigger(ALICE, age=timedelta(seconds=3))
        self.clock.advance(seconds=3)
        for trigger_id, error in (
            (spent, "exchanged_trigger_id"),
            (late, "expired_trigger_id"),
            (old, "expired_trigger_id"),
            ("1.2.3", "invalid_trigger_id"),
        ):
            with pytest.raises(SlackRefuses, match=error):
                self.views.open(trigger_id, code_modal())

    def test_an_invalid_view_does_not_spend_the_trigger(self) -> None:
        trigger_id = self.trigger()
        with pytest.raises(SlackRefuses, match="invalid_arguments"):
            self.views.open(trigger_id, {"type": "modal"})
        self.views.open(trigger_id, code_modal())

    def test_three_modals_are_stacked_and_no_fourth(self) -> None:
        first = self.views.open(self.trigger(), code_modal())
        second = self.views.push(self.trigger(first.id), code_modal())
        third = self.views.push(self.trigger(second.id), code_modal())
        assert (third.previous_id, third.root_id) == (second.id, first.id)
        with pytest.raises(SlackRefuses, match="push_limit_reached"):
            self.views.push(self.trigger(third.id), code_modal())
        self.views.close(second)
        assert self.workspace.modals[ALICE] == [first]
        assert third.closed

    def test_a_push_needs_a_trigger_from_a_modal(self) -> None:
        self.views.open(self.trigger(), code_modal())
        with pytest.raises(SlackRefuses, match="invalid_trigger_id"):
            self.views.push(self.trigger(), code_modal())

    def test_an_update_with_an_old_hash_is_refused(self) -> None:
        view = self.views.open(self.trigger(), code_modal())
        known = view.hash
        self.views.update(view.id, None, code_modal(title=plain("New")), known)
        assert view.title == "New"
        with pytest.raises(SlackRefuses, match="hash_conflict"):
            self.views.update(view.id, None, code_modal(), known)
        self.views.update(view.id, None, code_modal(), None)

    def test_what_was_typed_survives_an_update_with_the_same_ids(self) -> None:
        view = self.views.open(self.trigger(), code_modal())
        element = view.blocks[1]["element"]
        view.values["code"]["value"] = state_for(element, "123456")
        self.views.update(view.id, None, code_modal(), None)
        assert view.values["code"]["value"]["value"] == "123456"
        renamed = code_modal()
        renamed["blocks"][1]["block_id"] = "code-2"
        self.views.update(view.id, None, renamed, None)
        assert view.values["code-2"]["value"]["value"] is None

    def test_a_closed_view_is_not_found(self) -> None:
        view = self.views.open(self.trigger(), code_modal(external_id="case-1"))
        self.views.update(None, "case-1", code_modal(external_id="case-1"), None)
        self.views.clear(ALICE)
        with pytest.raises(SlackRefuses, match="not_found"):
            self.views.update(view.id, None, code_modal(), None)
        with pytest.raises(SlackRefuses, match="duplicate_external_id"):
            self.views.open(self.trigger(), code_modal(external_id="case-1"))

    def test_a_home_tab_is_published_over_the_known_one_only(self) -> None:
        home = {"type": "home", "blocks": confirm_block()}
        with pytest.raises(SlackRefuses, match="hash_conflict"):
            self.views.publish(ALICE, home, "1.2")
        known = self.views.publish(ALICE, home, None).hash
        self.views.publish(ALICE, home, known)
        with pytest.raises(SlackRefuses, match="hash_conflict"):
            self.views.publish(ALICE, home, known)
