"""The states that elements have, and what Slack's client lets a person put in."""

from typing import Any

import pytest

from playground.slack.inputs import Value, complaint, initial_state, state_for
from playground.slack.model import CannotDo
from tests.unit.playground.samples import plain

Json = dict[str, Any]
A: Json = {"text": plain("A"), "value": "a"}
B: Json = {"text": plain("B"), "value": "b"}


@pytest.mark.parametrize(
    ("element", "value", "state"),
    [
        ({"type": "plain_text_input"}, "x", {"value": "x"}),
        ({"type": "plain_text_input"}, None, {"value": None}),
        ({"type": "static_select", "options": [A, B]}, "b", {"selected_option": B}),
        (
            {"type": "static_select", "option_groups": [{"label": plain("L"), "options": [A]}]},
            "a",
            {"selected_option": A},
        ),
        ({"type": "radio_buttons", "options": [A]}, "a", {"selected_option": A}),
        ({"type": "checkboxes", "options": [A, B]}, ["a", "b"], {"selected_options": [A, B]}),
        ({"type": "checkboxes", "options": [A]}, None, {"selected_options": []}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_users_select"}, ["U1"], {"selected_users": ["U1"]}),
        ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
        ({"type": "datepicker"}, "2026-01-01", {"selected_date": "2026-01-01"}),
        ({"type": "datetimepicker"}, 1767268800, {"selected_date_time": 1767268800}),
    ],
)
def test_a_value_becomes_the_state_that_slack_sends(
    element: Json, value: Value, state: Json
) -> None:
    assert state_for(element, value) == {"type": element["type"], **state}


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "static_select", "options": [A]}, "c"),
        ({"type": "checkboxes", "options": [A]}, ["a", "c"]),
        ({"type": "checkboxes", "options": [A]}, "a"),
        ({"type": "static_select", "options": [A]}, ["a"]),
    ],
)
def test_what_is_not_offered_cannot_be_chosen(element: Json, value: Value) -> None:
    with pytest.raises(CannotDo):
        state_for(element, value)


def test_elements_start_with_their_initial_values() -> None:
    select = {"type": "static_select", "options": [A], "initial_option": A}
    assert initial_state(select) == {"type": "static_select", "selected_option": A}
    boxes = {"type": "checkboxes", "options": [A]}
    assert initial_state(boxes) == {"type": "checkboxes", "selected_options": []}


@pytest.mark.parametrize(
    ("element", "value", "refused"),
    [
        ({"type": "plain_text_input"}, None, True),
        ({"type": "plain_text_input"}, "", True),
        ({"type": "plain_text_input", "min_length": 6}, "12345", True),
        ({"type": "plain_text_input", "min_length": 6}, "123456", False),
        ({"type": "plain_text_input", "max_length": 7}, "12345678", True),
        ({"type": "checkboxes", "options": [A]}, [], True),
        ({"type": "email_text_input"}, "nobody", True),
        ({"type": "email_text_input"}, "bob@acme.example", False),
        ({"type": "number_input"}, "1e5", True),
        ({"type": "url_text_input"}, "ftp://x", True),
    ],
)
def test_the_client_complains_before_it_sends(
    element: Json, value: Value, *, refused: bool
) -> None:
    block = {"type": "input", "element": element}
    assert (complaint(block, state_for(element, value)) is not None) == refused


def test_an_optional_input_may_be_left_empty() -> None:
    element = {"type": "plain_text_input", "min_length": 6}
    block = {"type": "input", "optional": True, "element": element}
    assert complaint(block, state_for(element, None)) is None
    assert complaint(block, state_for(element, "123")) is not None
