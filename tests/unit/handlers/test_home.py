"""What is done in Home, and whatever Slack makes of a tab that is published."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.home_desk import SEARCH_LENGTH
from bot.domain.model.cases import CaseState
from bot.handlers.home_pages import KEPT_FRESH_FOR, MOST_KEPT_FRESH
from playground.slack import Delivery, View
from tests.unit.handlers.house import HELP_CONTACT, PORTAL_URL, House, click_body

STATE = {"account": "acme", "words": "", "page": 0}


def opened(house: House) -> View:
    assert house.alice.open_home().ok
    assert house.alice.home is not None
    return house.alice.home


def act(house: House, action_id: str, state: object = None, **action: Any) -> Delivery:
    """Do something in Home, with what the view carried along forged to be `state`."""
    carried = json.dumps(STATE) if state is None else state
    view = {"type": "home", "private_metadata": carried, "hash": "1.a"}
    body = click_body(house, action_id, None, view=view)
    body["actions"][0] |= {"type": "static_select", **action}
    return house.interact(body)


def event(house: House, **fields: Any) -> Delivery:
    return house.slack.send_event({"type": "app_home_opened", "user": house.alice.id, **fields})


def publishing(house: House) -> int:
    return sum(call.method == "views.publish" for call in house.slack.calls)


class TestOpening:
    def test_shows_the_page_and_the_help_of_the_settings(self, house: House) -> None:
        view = opened(house)
        assert PORTAL_URL in str(view.blocks)
        assert HELP_CONTACT in view.shown
        assert json.loads(view.spec["private_metadata"]) == STATE
        assert house.tags == []

    def test_the_other_tab_is_not_answered(self, house: House) -> None:
        assert event(house, tab="messages").ok
        assert publishing(house) == 0
        assert event(house).ok  # where no tab is named, Home is meant
        assert publishing(house) == 1

    @pytest.mark.parametrize(
        "broken",
        [
            {"user": None},
            {"user": "not an id"},
            {"view": "text"},
            {"view": {"private_metadata": "{"}},
            {"view": {"private_metadata": "[]"}},
        ],
    )
    def test_what_is_not_slacks_is_turned_away(self, house: House, broken: dict[str, Any]) -> None:
        body = {
            "type": "event_callback",
            "team_id": house.slack.team_id,
            "event": {"type": "app_home_opened", "user": house.alice.id, **broken},
        }
        raw = json.dumps(body).encode()
        headers = house.slack.signed_headers(raw, content_type="application/json")
        assert house.slack.deliver_raw(raw, headers=headers).status == 400
        assert publishing(house) == 0

    def test_a_bug_is_acknowledged_so_that_slack_does_not_repeat_it(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("secret")

        monkeypatch.setattr(house.pages, "show", broken)
        delivery = event(house)
        assert (delivery.status, delivery.body) == (200, "")


class TestActs:
    @pytest.mark.parametrize(
        "state",
        [
            "{",
            '"text"',
            json.dumps(STATE | {"words": None}),
            json.dumps(STATE | {"page": -1}),
            json.dumps(STATE | {"page": "1"}),
            json.dumps(STATE | {"page": True}),
            json.dumps(STATE | {"page": 10**9}),
            json.dumps(STATE | {"account": 7}),
            json.dumps(STATE | {"account": "a b"}),
        ],
    )
    @pytest.mark.parametrize("action", ["home_all", "home_previous", "home_next"])
    def test_malformed_state_is_turned_away(self, house: House, action: str, state: str) -> None:
        assert act(house, action, state).status == 400
        assert publishing(house) == 0

    @pytest.mark.parametrize("option", [None, "acme", {}, {"value": "x" * 65}])
    def test_malformed_account_is_turned_away(self, house: House, option: object) -> None:
        assert act(house, "home_account", selected_option=option).status == 400

    def test_malformed_words_are_turned_away(self, house: House) -> None:
        assert act(house, "home_search", value=["bob"]).status == 400

    def test_long_words_are_cut_and_none_show_everybody(self, house: House) -> None:
        view = opened(house)
        assert act(house, "home_search", value="b" * 200).ok
        assert json.loads(view.spec["private_metadata"])["words"] == "b" * SEARCH_LENGTH
        assert act(house, "home_search", value=None).ok
        assert json.loads(view.spec["private_metadata"]) == STATE

    def test_the_page_before_the_first_is_the_first(self, house: House) -> None:
        view = opened(house)
        assert act(house, "home_previous").ok
        assert json.loads(view.spec["private_metadata"]) == STATE

    def test_reset_opens_the_form(self, house: House) -> None:
        assert house.alice.click(opened(house), "home_reset", house.world.bob.id).ok
        assert house.alice.modal.callback_id == "reset_verify"
        assert json.loads(house.alice.modal.spec["private_metadata"])["contact"] == (
            house.world.bob.id
        )

    def test_reset_without_time_for_the_form_says_so(self, house: House) -> None:
        view = opened(house)
        late = timedelta(seconds=4)
        assert house.alice.click(view, "home_reset", house.world.bob.id, trigger_age=late).ok
        house.sender.drain()
        assert "did not open the window" in house.alice.dm[-1].shown

    def test_reset_of_a_case_that_waits_says_so(self, house: House) -> None:
        house.add_case()
        assert house.alice.click(opened(house), "home_reset", house.world.bob.id).ok
        house.sender.drain()
        assert "reset_yes" in house.alice.dm[-1].action_ids

    def test_reset_that_a_rule_forbids_says_why(self, house: House) -> None:
        view = opened(house)
        forged = house.alan.click(
            view, "home_reset", house.world.bob.id, even_if_unseen=True
        ).payload
        house.alan.close_all()
        forged["actions"][0]["value"] = house.world.carol.id
        forged["trigger_id"] = house.slack.workspace.issue_trigger(house.alan.id)
        assert house.interact(forged).ok
        assert "higher role" in house.alan.modal.shown
        assert house.tags[-1] == "slack:reset:outranked"


class TestPublishing:
    @pytest.mark.parametrize("fault", ["not_enabled", "internal_error"])
    def test_what_slack_refuses_is_logged(
        self, house: House, caplog: pytest.LogCaptureFixture, fault: str
    ) -> None:
        house.slack.faults.fail("views.publish", error=fault)
        assert house.alice.open_home().ok
        assert f"a Home tab was not published: {fault}" in caplog.text
        assert house.alice.home is None
        opened(house)

    def test_no_answer_is_logged(self, house: House, caplog: pytest.LogCaptureFixture) -> None:
        house.slack.faults.garbage("views.publish")
        assert house.alice.open_home().ok
        house.slack.faults.drop("views.publish")
        assert house.alice.open_home().ok
        assert caplog.text.count("a Home tab was not published") == 2

    def test_a_conflict_is_settled_by_reading_anew(self, house: House) -> None:
        view = opened(house)
        earlier = house.alice.open_home()
        house.add_case()
        assert house.slack.replay(earlier).ok
        assert "awaits Yes or No" in view.shown


class TestFreshness:
    def test_follows_the_cases_that_messages_are_about(self, house: House) -> None:
        view = opened(house)
        case = house.add_case()
        before = publishing(house)
        house.pages.changed([])
        assert publishing(house) == before
        house.pages.changed([case.id])
        assert "awaits Yes or No" in view.shown

    def test_others_tabs_are_left_alone(self, house: House) -> None:
        slack = house.slack.person(house.world.dana.slack.user)
        assert slack.open_home().ok
        before = publishing(house)
        house.pages.changed([house.add_case().id])
        assert publishing(house) == before

    def test_lasts_for_an_hour_after_the_last_look(self, house: House) -> None:
        opened(house)
        case = house.add_case()
        house.clock.advance(KEPT_FRESH_FOR)
        before = publishing(house)
        house.pages.changed([case.id])  # which is no look of hers
        assert publishing(house) == before + 1
        house.clock.advance(timedelta(seconds=1))
        house.pages.changed([case.id])
        assert publishing(house) == before + 1

    def test_ends_with_the_right_to_look(self, house: House) -> None:
        view = opened(house)
        case = house.add_case()
        del house.workspace.members[house.alice.id]
        house.pages.changed([case.id])
        assert "Rekey has nothing to show you" in view.shown
        before = publishing(house)
        house.pages.changed([case.id])
        assert publishing(house) == before

    def test_is_for_so_many_at_once(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.handlers.home_pages.MOST_KEPT_FRESH", 1)
        assert MOST_KEPT_FRESH > 1
        assert house.alan.open_home().ok
        house.clock.advance(timedelta(seconds=1))
        view = opened(house)
        house.pages.changed([house.add_case(CaseState.COMPLETED).id])
        assert "2FA is not set up again yet" in view.shown
        assert house.alan.home is not None
        assert "2FA is not set up again yet" not in house.alan.home.shown

    def test_never_holds_messages_up(
        self, house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object) -> None:
            raise RuntimeError("secret")

        opened(house)
        monkeypatch.setattr(house.database, "snapshot", broken)
        monkeypatch.setattr(house.pages, "_draw", broken)
        monkeypatch.setattr(house.pages._home, "touched_by", broken)  # noqa: SLF001  # what it asks
        with caplog.at_level(logging.ERROR):
            house.pages.changed([house.add_case().id])
        assert "Home could not be kept fresh: RuntimeError" in caplog.text
        assert "secret" not in caplog.text
