"""Block Kit's composition objects and elements: which fields each may have, and how long.

From https://docs.slack.dev/reference/block-kit/ and, for lengths, `slack_sdk.models`. Kinds that
Rekey has no use for (files, video, multiple external selects, workflow and feedback buttons) are
left out, and so refused.
"""

from collections.abc import Iterator, Mapping

from playground.slack.schema import (
    Check,
    Shape,
    array,
    boolean,
    by_type,
    exactly_one,
    integer,
    problem,
    string,
)

_WEB_URL = r"https?://\S+"
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_STYLE = string(10, among=("primary", "danger"))


def plain_text(longest: int) -> Check:
    """Accept a `plain_text` object of at most `longest` characters."""
    return by_type({"plain_text": Shape({"text": string(longest)}, {"emoji": boolean})})


def any_text(longest: int) -> Check:
    """Accept a `plain_text` or `mrkdwn` object of at most `longest` characters."""
    return by_type(
        {
            "plain_text": Shape({"text": string(longest)}, {"emoji": boolean}),
            "mrkdwn": Shape({"text": string(longest)}, {"verbatim": boolean}),
        }
    )


CONFIRM = Shape(
    {
        "title": plain_text(100),
        "text": any_text(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    {"style": _STYLE},
)


def option(text: Check, **more: Check) -> Shape:
    """Accept an option object: its text 75 characters, its value 150."""
    return Shape({"text": text, "value": string(150)}, {"description": any_text(75), **more})


def _initial_among_options(value: object, pointer: str) -> Iterator[str]:
    """Slack refuses an initial option that is not, exactly, one of the options."""
    if not isinstance(value, dict):
        return
    offered = [*value.get("options", [])]
    for group in value.get("option_groups", []):
        offered += group["options"]
    chosen = [*value.get("initial_options", [])]
    if "initial_option" in value:
        chosen.append(value["initial_option"])
    if any(choice not in offered for choice in chosen):
        yield problem("initial options must match options", pointer)
    values = [choice["value"] for choice in offered]
    if len(set(values)) != len(values):
        yield problem("option values must be unique", pointer)


def _lengths_in_order(value: object, pointer: str) -> Iterator[str]:
    if isinstance(value, dict) and value.get("min_length", 0) > value.get("max_length", 3000):
        yield problem("min_length must not exceed max_length", pointer)


ACTION: Mapping[str, Check] = {"action_id": string(255)}
FOCUS: Mapping[str, Check] = {"focus_on_load": boolean}
_CONFIRM: Mapping[str, Check] = {"confirm": CONFIRM}
_PLACEHOLDER: Mapping[str, Check] = {"placeholder": plain_text(150)}
_MENU: Mapping[str, Check] = {**ACTION, **FOCUS, **_CONFIRM, **_PLACEHOLDER}
_MULTI: Mapping[str, Check] = {"max_selected_items": integer(1, 100)}
_DISPATCH: Mapping[str, Check] = {
    "dispatch_action_config": Shape(
        {
            "trigger_actions_on": array(
                string(30, among=("on_enter_pressed", "on_character_entered")), most=2
            )
        }
    )
}
_FIELD: Mapping[str, Check] = {**ACTION, **FOCUS, **_PLACEHOLDER, **_DISPATCH}

MENU_OPTION = option(plain_text(75))
_LIST_OPTION = option(any_text(75))
_ID = string(50)
_FILTER = Shape(
    {},
    {
        "include": array(string(10, among=("im", "mpim", "private", "public")), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
_CONVERSATIONS: Mapping[str, Check] = {
    **_MENU,
    "default_to_current_conversation": boolean,
    "filter": _FILTER,
}
GROUPS = array(Shape({"label": plain_text(75), "options": array(MENU_OPTION, most=100)}), most=100)
_ONE_MENU: Mapping[str, Check] = {
    **_MENU,
    "options": array(MENU_OPTION, most=100),
    "option_groups": GROUPS,
}
_LIST: Mapping[str, Check] = {"options": array(_LIST_OPTION, most=10)}
_MENU_RULES = (exactly_one("options", "option_groups"), _initial_among_options)

BUTTON = Shape(
    {"text": plain_text(75)},
    {
        **ACTION,
        **_CONFIRM,
        "url": string(3000, pattern=_WEB_URL),
        "value": string(2000),
        "style": _STYLE,
        "accessibility_label": string(75),
    },
)
IMAGE = Shape(
    {"alt_text": string(2000)},
    {
        "image_url": string(3000, pattern=_WEB_URL),
        "slack_file": Shape({}, {"id": _ID, "url": string(3000)}, (exactly_one("id", "url"),)),
    },
    (exactly_one("image_url", "slack_file"),),
)

SELECTS: Mapping[str, Check] = {
    "static_select": Shape({}, {**_ONE_MENU, "initial_option": MENU_OPTION}, _MENU_RULES),
    "external_select": Shape(
        {}, {**_MENU, "initial_option": MENU_OPTION, "min_query_length": integer(0, 255)}
    ),
    "users_select": Shape({}, {**_MENU, "initial_user": _ID}),
    "conversations_select": Shape(
        {}, {**_CONVERSATIONS, "initial_conversation": _ID, "response_url_enabled": boolean}
    ),
    "channels_select": Shape(
        {}, {**_MENU, "initial_channel": _ID, "response_url_enabled": boolean}
    ),
}
MULTI_SELECTS: Mapping[str, Check] = {
    "multi_static_select": Shape(
        {},
        {**_ONE_MENU, **_MULTI, "initial_options": array(MENU_OPTION, most=100)},
        _MENU_RULES,
    ),
    "multi_users_select": Shape({}, {**_MENU, **_MULTI, "initial_users": array(_ID, most=100)}),
    "multi_conversations_select": Shape(
        {}, {**_CONVERSATIONS, **_MULTI, "initial_conversations": array(_ID, most=100)}
    ),
    "multi_channels_select": Shape(
        {}, {**_MENU, **_MULTI, "initial_channels": array(_ID, most=100)}
    ),
}
CHOICES: Mapping[str, Check] = {
    "checkboxes": Shape(
        _LIST,
        {**ACTION, **FOCUS, **_CONFIRM, "initial_options": array(_LIST_OPTION, most=10)},
        (_initial_among_options,),
    ),
    "radio_buttons": Shape(
        _LIST,
        {**ACTION, **FOCUS, **_CONFIRM, "initial_option": _LIST_OPTION},
        (_initial_among_options,),
    ),
}
PICKERS: Mapping[str, Check] = {
    "datepicker": Shape({}, {**_MENU, "initial_date": string(10, pattern=_DATE)}),
    "timepicker": Shape(
        {}, {**_MENU, "initial_time": string(5, pattern=_TIME), "timezone": string(100)}
    ),
}
MOMENT: Mapping[str, Check] = {
    "datetimepicker": Shape(
        {},
        {**ACTION, **FOCUS, **_CONFIRM, "initial_date_time": integer(10**9, 10**10 - 1)},
    ),
}
OVERFLOW: Mapping[str, Check] = {
    "overflow": Shape(
        {"options": array(option(plain_text(75), url=string(3000, pattern=_WEB_URL)), most=5)},
        {**ACTION, **_CONFIRM},
    ),
}
FIELDS: Mapping[str, Check] = {
    "plain_text_input": Shape(
        {},
        {
            **_FIELD,
            "initial_value": string(3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        (_lengths_in_order,),
    ),
    "email_text_input": Shape({}, {**_FIELD, "initial_value": string(3000)}),
    "url_text_input": Shape({}, {**_FIELD, "initial_value": string(3000)}),
    "number_input": Shape(
        {"is_decimal_allowed": boolean},
        {
            **_FIELD,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
        },
    ),
}

SUGGESTIONS = Shape(
    {},
    {"options": array(MENU_OPTION, fewest=0, most=100), "option_groups": GROUPS},
    (exactly_one("options", "option_groups"), _initial_among_options),
)
"""What an app answers to a `block_suggestion`.

https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element/#external_select
"""
