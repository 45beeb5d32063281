"""What elements hold: their `state.values`, and what Slack's client lets a person put in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from playground.slack.model import CannotDo, Json

Value: TypeAlias = str | int | list[str] | None
"""What a person gives: a text, an option's value, an id, a date; a list where several may be."""


@dataclass(frozen=True)
class _Kind:
    """Where an element's state keeps its value, and which field it starts from."""

    key: str
    initial: str
    several: bool = False
    options: bool = False


_KINDS: Mapping[str, _Kind] = {
    "plain_text_input": _Kind("value", "initial_value"),
    "email_text_input": _Kind("value", "initial_value"),
    "url_text_input": _Kind("value", "initial_value"),
    "number_input": _Kind("value", "initial_value"),
    "static_select": _Kind("selected_option", "initial_option", options=True),
    "external_select": _Kind("selected_option", "initial_option", options=True),
    "radio_buttons": _Kind("selected_option", "initial_option", options=True),
    "checkboxes": _Kind("selected_options", "initial_options", several=True, options=True),
    "multi_static_select": _Kind("selected_options", "initial_options", several=True, options=True),
    "users_select": _Kind("selected_user", "initial_user"),
    "multi_users_select": _Kind("selected_users", "initial_users", several=True),
    "conversations_select": _Kind("selected_conversation", "initial_conversation"),
    "multi_conversations_select": _Kind(
        "selected_conversations", "initial_conversations", several=True
    ),
    "channels_select": _Kind("selected_channel", "initial_channel"),
    "multi_channels_select": _Kind("selected_channels", "initial_channels", several=True),
    "datepicker": _Kind("selected_date", "initial_date"),
    "timepicker": _Kind("selected_time", "initial_time"),
    "datetimepicker": _Kind("selected_date_time", "initial_date_time"),
}


def has_state(element: Json) -> bool:
    """Whether the element appears in `state.values`; buttons and overflow menus do not."""
    return element["type"] in _KINDS


def initial_state(element: Json) -> Json:
    """Return the state of an element that nobody has touched."""
    kind = _KINDS[element["type"]]
    return {
        "type": element["type"],
        kind.key: element.get(kind.initial, [] if kind.several else None),
    }


def state_for(element: Json, value: Value, *, offered: Sequence[Json] = ()) -> Json:
    """Return the state after a person put `value` in; None empties it.

    `offered` are the options with which the app last answered what was typed into the element.
    Raises CannotDo for an option that is not offered, or one value where a list is due.
    """
    kind = _KINDS[element["type"]]
    if kind.several != isinstance(value, list) and value is not None:
        raise CannotDo(f"{element['type']} takes {'a list' if kind.several else 'one value'}")
    held: object = value
    if isinstance(value, list):
        held = [_option(element, item, offered) for item in value] if kind.options else value
    elif value is None:
        held = [] if kind.several else None
    elif kind.options:
        held = _option(element, value, offered)
    return {"type": element["type"], kind.key: held}


def chosen(state: Json) -> object:
    """Return what a state holds, empty texts and lists as None, as Slack sends them."""
    return state[_KINDS[state["type"]].key] or None


def action_fields(element: Json, state: Json) -> Json:
    """Return the fields in which an action payload carries a new choice."""
    kind = _KINDS[element["type"]]
    fields = {kind.key: state[kind.key]}
    if kind.initial in element:
        fields[kind.initial] = element[kind.initial]
    return fields


def complaint(block: Json, state: Json) -> str | None:
    """Return what Slack's client writes under an input block instead of submitting, or None."""
    element = block["element"]
    value = chosen(state)
    if value is None:
        return None if block.get("optional") else "Please complete this required field."
    if element["type"] == "plain_text_input" and isinstance(value, str):
        if len(value) < element.get("min_length", 0):
            return f"Please enter at least {element['min_length']} characters."
        if len(value) > element.get("max_length", 3000):
            return f"Please enter at most {element.get('max_length', 3000)} characters."
    form = _FORMS.get(element["type"])
    if form is not None and re.fullmatch(form[0], str(value)) is None:
        return form[1]
    return None


_FORMS: Mapping[str, tuple[str, str]] = {
    "email_text_input": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter a valid email address."),
    "url_text_input": (r"https?://\S+", "Please enter a valid URL."),
    "number_input": (r"-?\d+(\.\d+)?", "Please enter a valid number."),
}


def options_in(holder: Json) -> list[Json]:
    """Return the options of an element or of an answer, those in groups too."""
    options: list[Json] = [*holder.get("options", [])]
    for group in holder.get("option_groups", []):
        options += group["options"]
    return options


def _option(element: Json, value: object, offered: Sequence[Json]) -> Json:
    for offer in (*options_in(element), *offered):
        if offer["value"] == value:
            return offer
    raise CannotDo(f"{element['type']} has no such option")
