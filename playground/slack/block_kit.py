"""Block Kit's blocks, and what a whole message, modal or Home tab may hold.

Limits from https://docs.slack.dev/reference/block-kit/blocks/ and /reference/views/: 50 blocks a
message, 100 a view; a view of more than 250 kB is refused apart, as `view_too_large`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from playground.slack.block_elements import (
    BUTTON,
    CHOICES,
    FIELDS,
    IMAGE,
    MOMENT,
    MULTI_SELECTS,
    OVERFLOW,
    PICKERS,
    SELECTS,
    any_text,
    plain_text,
)
from playground.slack.model import Json, elements_in
from playground.slack.schema import (
    Check,
    Shape,
    array,
    at_least_one,
    boolean,
    by_type,
    integer,
    problem,
    string,
)

MOST_BLOCKS_IN_A_MESSAGE = 50
MOST_BLOCKS_IN_A_VIEW = 100
LARGEST_VIEW = 250_000

_BLOCK: Mapping[str, Check] = {"block_id": string(255)}

_RICH_STYLE = Shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_STYLED: Mapping[str, Check] = {"style": _RICH_STYLE}
_RICH_PART = by_type(
    {
        "text": Shape({"text": string(3000)}, _STYLED),
        "link": Shape({"url": string(3000)}, {**_STYLED, "text": string(3000), "unsafe": boolean}),
        "user": Shape({"user_id": string(50)}, _STYLED),
        "channel": Shape({"channel_id": string(50)}, _STYLED),
        "usergroup": Shape({"usergroup_id": string(50)}, _STYLED),
        "emoji": Shape({"name": string(100)}, {**_STYLED, "unicode": string(100)}),
        "broadcast": Shape({"range": string(10, among=("here", "channel", "everyone"))}),
        "date": Shape(
            {"timestamp": integer(0, 10**10), "format": string(300)},
            {**_STYLED, "url": string(3000), "fallback": string(300)},
        ),
    }
)
_RICH_PARTS: Mapping[str, Check] = {"elements": array(_RICH_PART, fewest=0, most=1000)}
_BORDER: Mapping[str, Check] = {"border": integer(0, 1)}
_RICH_SECTION = Shape(_RICH_PARTS)
_RICH = by_type(
    {
        "rich_text_section": _RICH_SECTION,
        "rich_text_preformatted": Shape(_RICH_PARTS, _BORDER),
        "rich_text_quote": Shape(_RICH_PARTS, _BORDER),
        "rich_text_list": Shape(
            {
                "elements": array(by_type({"rich_text_section": _RICH_SECTION}), most=1000),
                "style": string(10, among=("bullet", "ordered")),
            },
            {**_BORDER, "indent": integer(0, 8), "offset": integer(0, 1000)},
        ),
    }
)

_SECTION = Shape(
    {},
    {
        **_BLOCK,
        "text": any_text(3000),
        "fields": array(any_text(2000), most=10),
        "accessory": by_type(
            {
                "button": BUTTON,
                "image": IMAGE,
                **SELECTS,
                **MULTI_SELECTS,
                **CHOICES,
                **PICKERS,
                **OVERFLOW,
            }
        ),
        "expand": boolean,
    },
    (at_least_one("text", "fields"),),
)
_ACTIONS = Shape(
    {
        "elements": array(
            by_type({"button": BUTTON, **SELECTS, **CHOICES, **PICKERS, **MOMENT, **OVERFLOW}),
            most=25,
        )
    },
    _BLOCK,
)
_CONTEXT = Shape(
    {
        "elements": array(
            by_type(
                {
                    "image": IMAGE,
                    "plain_text": any_text(3000),
                    "mrkdwn": any_text(3000),
                }
            ),
            most=10,
        )
    },
    _BLOCK,
)
_INPUT = Shape(
    {
        "label": plain_text(2000),
        "element": by_type({**FIELDS, **SELECTS, **MULTI_SELECTS, **CHOICES, **PICKERS, **MOMENT}),
    },
    {**_BLOCK, "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
)
_IMAGE = Shape(IMAGE.required, {**IMAGE.optional, **_BLOCK, "title": plain_text(2000)}, IMAGE.rules)
_EVERYWHERE: Mapping[str, Check] = {
    "section": _SECTION,
    "divider": Shape({}, _BLOCK),
    "image": _IMAGE,
    "actions": _ACTIONS,
    "context": _CONTEXT,
    "input": _INPUT,
    "header": Shape({"text": plain_text(150)}, _BLOCK),
    "rich_text": Shape({"elements": array(_RICH, fewest=0, most=100)}, _BLOCK),
}
_IN_A_MESSAGE = by_type({**_EVERYWHERE, "markdown": Shape({"text": string(12_000)}, _BLOCK)})
_IN_A_VIEW = array(by_type(_EVERYWHERE), fewest=0, most=MOST_BLOCKS_IN_A_VIEW)


def _unique_ids(value: object, pointer: str) -> Iterator[str]:
    """block_ids are unique in the whole, action_ids within their block."""
    blocks: list[Json] = value if isinstance(value, list) else []
    seen: set[str] = set()
    for position, block in enumerate(blocks):
        block_id = block.get("block_id")
        if block_id in seen:
            yield problem("duplicate block_id", f"{pointer}/{position}/block_id")
        if block_id is not None:
            seen.add(block_id)
        action_ids = [element["action_id"] for _, element in elements_in([block])]
        if len(set(action_ids)) != len(action_ids):
            yield problem("duplicate action_id", f"{pointer}/{position}")


def _one_focus(value: object, pointer: str) -> Iterator[str]:
    blocks: list[Json] = value if isinstance(value, list) else []
    focused = [
        element
        for block in blocks
        for element in (block.get("accessory"), block.get("element"), *block.get("elements", []))
        if isinstance(element, dict) and element.get("focus_on_load")
    ]
    if len(focused) > 1:
        yield problem("only one element may have focus_on_load", pointer)


def _blocks_of_view(value: object, pointer: str) -> Iterator[str]:
    found = list(_IN_A_VIEW(value, pointer))
    yield from found or [*_unique_ids(value, pointer), *_one_focus(value, pointer)]


def _inputs_need_submit(value: object, pointer: str) -> Iterator[str]:
    if not isinstance(value, dict) or "submit" in value:
        return
    if any(block["type"] == "input" for block in value["blocks"]):
        yield problem("missing required field: submit (the view has an input)", pointer)


_VIEW: Mapping[str, Check] = {
    "private_metadata": string(3000, shortest=0),
    "callback_id": string(255),
    "external_id": string(255),
}
_MODAL = Shape(
    {"title": plain_text(24), "blocks": _blocks_of_view},
    {
        **_VIEW,
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    (_inputs_need_submit,),
)
_HOME = Shape({"blocks": _blocks_of_view}, _VIEW)


def faults_in_message(blocks: object) -> list[str]:
    """Return Slack's complaints about the blocks of a message; empty if they are valid."""
    found = list(array(_IN_A_MESSAGE, most=MOST_BLOCKS_IN_A_MESSAGE)(blocks, "/blocks"))
    return found or [*_unique_ids(blocks, "/blocks"), *_one_focus(blocks, "/blocks")]


def faults_in_view(view: object, *, kind: str) -> list[str]:
    """Return Slack's complaints about a view of `kind` modal or home; empty if it is valid."""
    return list(by_type({kind: _MODAL if kind == "modal" else _HOME})(view, "/view"))


def is_too_large(view: Json) -> bool:
    """Whether Slack answers `view_too_large`."""
    return len(json.dumps(view).encode()) > LARGEST_VIEW
