"""What every drawing keeps to: Slack's limits, and that nothing typed is ever markup."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.blocks.elements import Drawn
from playground.slack.block_kit import faults_in_message, faults_in_view, is_too_large

LONGEST_MESSAGE_TEXT = 4000
OUR_MARKUP = ("<!date^",)


def assert_message_is_valid(text: str, blocks: Sequence[dict[str, Any]]) -> None:
    assert 0 < len(text.strip()) <= LONGEST_MESSAGE_TEXT
    assert faults_in_message(list(blocks)) == []
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()


def assert_view_is_valid(view: dict[str, Any]) -> None:
    assert faults_in_view(view, kind=view["type"]) == []
    assert not is_too_large(view)
    View(**view).validate_json()
    for block in view["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()


def assert_markup_is_ours(drawn: Any) -> None:
    """Where Slack reads markup stand only our own words: labels in bold, and dates."""
    for text in markup_in(drawn):
        without_ours = text.replace("*", "", 2)
        for known in OUR_MARKUP:
            without_ours = without_ours.replace(known, "")
        assert "<" not in without_ours
        assert "evil" not in without_ours
        assert "&amp;&amp;" not in without_ours


def assert_message_is_inert(message: Drawn) -> None:
    """Nothing typed is markup, neither in the blocks nor in the text beside them."""
    assert_message_is_valid(message.text, message.blocks)
    assert_markup_is_ours(message.blocks)
    assert "<" not in message.text
    assert ">" not in message.text
    assert "\u202e" not in as_json(message.blocks)


def markup_in(drawn: Any) -> Iterator[str]:
    for part in objects_in(drawn):
        if part.get("type") == "mrkdwn":
            yield part["text"]


def objects_in(drawn: Any) -> Iterator[dict[str, Any]]:
    if isinstance(drawn, dict):
        yield drawn
        for value in drawn.values():
            yield from objects_in(value)
    elif isinstance(drawn, list | tuple):
        for value in drawn:
            yield from objects_in(value)


def by_action(drawn: Any) -> dict[str, dict[str, Any]]:
    return {part["action_id"]: part for part in objects_in(drawn) if "action_id" in part}


def by_block(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {block["block_id"]: block for block in view["blocks"] if "block_id" in block}


def words_of(drawn: Any) -> str:
    """Everything that a reader sees, in one string."""
    seen = [p["text"] for p in objects_in(drawn) if isinstance(p.get("text"), str)]
    return "\n".join(seen)


def as_json(drawn: Any) -> str:
    return json.dumps(drawn, ensure_ascii=False)
