"""Menus whose options the app looks up while somebody types."""

from typing import Any

import pytest

from playground.slack import CannotDo, View
from tests.unit.playground.samples import plain
from tests.unit.playground.screen import OnScreen

Json = dict[str, Any]

A: Json = {"text": plain("Ann"), "value": "a"}
B: Json = {"text": plain("Ben"), "value": "b"}


def modal(**menu: Any) -> Json:
    element = {"type": "external_select", "action_id": "value", "min_query_length": 2, **menu}
    return {
        "type": "modal",
        "title": plain("Whom?"),
        "callback_id": "pick",
        "blocks": [
            {"type": "input", "block_id": "whom", "label": plain("Whom?"), "element": element},
            {
                "type": "input",
                "block_id": "why",
                "label": plain("Why"),
                "optional": True,
                "element": {"type": "plain_text_input", "action_id": "value"},
            },
        ],
        "submit": plain("Go"),
    }


class TestSuggestions(OnScreen):
    @pytest.fixture(autouse=True)
    def _offers(self, _stand_in: None) -> None:
        self.app.offers = {"options": [A, B]}

    def menu(self, **menu: Any) -> View:
        return self.opened(modal(**menu))

    def test_what_is_typed_reaches_the_app_with_its_view(self) -> None:
        view = self.menu()
        assert self.alice.suggest(view, "whom", "an") == [A, B]
        (payload,) = self.received
        assert payload["type"] == "block_suggestion"
        assert (payload["block_id"], payload["action_id"]) == ("whom", "value")
        assert (payload["value"], payload["user"]["id"]) == ("an", "U01ALICE")
        assert payload["view"]["callback_id"] == "pick"
        assert payload["container"] == {"type": "view", "view_id": view.id}

    def test_nothing_is_asked_before_enough_is_typed(self) -> None:
        assert self.alice.suggest(self.menu(), "whom", "a") == []
        assert self.received == []

    def test_an_offered_option_can_be_submitted(self) -> None:
        view = self.menu()
        self.alice.suggest(view, "whom", "be")
        assert self.alice.submit(view, {"whom": "b"}).ok
        held = self.received[-1]["view"]["state"]["values"]["whom"]["value"]
        assert held == {"type": "external_select", "selected_option": B}

    def test_one_can_be_chosen_first_and_submitted_later(self) -> None:
        view = self.menu()
        self.alice.suggest(view, "whom", "be")
        assert not self.alice.choose(view, "whom", "value", "b").sent
        assert self.alice.submit(view).ok

    def test_what_was_never_offered_cannot_be_chosen(self) -> None:
        view = self.menu()
        with pytest.raises(CannotDo):
            self.alice.submit(view, {"whom": "a"})
        self.app.offers = {"options": [B]}
        self.alice.suggest(view, "whom", "be")
        with pytest.raises(CannotDo):
            self.alice.submit(view, {"whom": "a"})

    def test_a_later_answer_takes_the_place_of_an_earlier_one(self) -> None:
        view = self.menu()
        self.alice.suggest(view, "whom", "an")
        self.app.offers = {"options": []}
        assert self.alice.suggest(view, "whom", "zz") == []
        with pytest.raises(CannotDo):
            self.alice.submit(view, {"whom": "a"})

    def test_groups_are_offered_too(self) -> None:
        self.app.offers = {"option_groups": [{"label": plain("L"), "options": [A]}]}
        assert self.alice.suggest(self.menu(), "whom", "an") == [A]

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            {},
            [],
            {"options": None},
            {"options": [{"text": plain("x" * 76), "value": "a"}]},
            {"options": [{"text": plain("x"), "value": "a" * 151}]},
            {"options": [{"text": plain("x"), "value": str(n)} for n in range(101)]},
            {"options": [A, A]},
            {"options": [A], "option_groups": [{"label": plain("L"), "options": [B]}]},
            {"options": [{"text": {"type": "mrkdwn", "text": "x"}, "value": "a"}]},
        ],
    )
    def test_an_answer_that_slack_would_not_show_breaks_a_rule(self, answer: Any) -> None:
        self.app.offers = answer
        assert self.alice.suggest(self.menu(), "whom", "an") == []
        assert len(self.slack.violations) == 1

    def test_a_view_that_is_gone_or_has_no_such_menu_offers_nothing(self) -> None:
        view = self.menu()
        with pytest.raises(CannotDo):
            self.alice.suggest(view, "why", "an")
        with pytest.raises(CannotDo):
            self.alice.suggest(view, "nowhere", "an")
        self.alice.close(view)
        with pytest.raises(CannotDo):
            self.alice.suggest(view, "whom", "an")

    def test_an_app_without_interactivity_is_not_asked(self) -> None:
        view = self.menu()
        object.__setattr__(self.slack.acts.settings, "interactivity", False)
        assert self.alice.suggest(view, "whom", "an") == []
        assert self.received == []

    def test_without_a_length_of_its_own_a_menu_waits_for_three_characters(self) -> None:
        spec = modal()
        del spec["blocks"][0]["element"]["min_query_length"]
        view = self.opened(spec)
        assert self.alice.suggest(view, "whom", "an") == []
        assert self.alice.suggest(view, "whom", "ann") == [A, B]
