"""Names and reasons that would be mentions, links or markup: inert wherever they appear."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from playground.slack.model import Json
from tests.office import Office
from tests.scenario.changes import answer_to, rename

MARKUP = re.compile(r"<(?!!date\^\d+\^\{date_short_pretty\} at \{time\}\|[\w ,:]+>)[^>]*>")
"""Anything that Slack's markup acts upon, but for the dates that are our own."""

HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<@U01CAROL>",
    "<#C01HELPDESK|general>",
    "<https://evil.example|sign in here>",
    "*bold* _it_ ~gone~ `code`",
    ":rotating_light: &lt;!channel&gt; &amp;",
    "<!date^1^{date}|never>",
    "line\nbreak\r\n> quote",
    "\u202egnp.exe\u2066",
    "{name} {0} %s ${x}",
    "x" * 300,
]


def gist(hostile: str) -> str:
    """Return what is left to be seen of it: no direction marks, and not all of what is too long."""
    return hostile.translate({0x202E: None, 0x2066: None}).split(maxsplit=1)[0][:20]


def texts(part: Any) -> Iterator[tuple[str, str]]:
    """Yield each text object's kind and text, wherever it lies in a message or a view."""
    if isinstance(part, list):
        for item in part:
            yield from texts(item)
    elif isinstance(part, dict):
        if isinstance(part.get("text"), str) and part.get("type") in {"mrkdwn", "plain_text"}:
            yield part["type"], part["text"]
        for value in part.values():
            yield from texts(value)


def expect_inert(office: Office, hostile: str) -> None:
    """Everything that was sent to Slack by now: markup is our own, theirs is plain text."""
    seen = 0
    for call in office.slack.calls:
        sent: Json = call.arguments
        fallback = sent.get("text")
        if isinstance(fallback, str):
            assert not MARKUP.search(fallback), fallback
            assert "\n" not in fallback
        for kind, text in texts([sent.get("blocks"), sent.get("view")]):
            seen += gist(hostile) in text
            if kind == "mrkdwn":
                assert not MARKUP.search(text), text
                assert hostile not in text
            assert "\u202e" not in text
            assert "\u2066" not in text
    assert seen, "it was shown nowhere, so nothing was tested"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_in_the_reason_and_in_the_names_of_both_people(office: Office, hostile: str) -> None:
    world, alice = office.world, office.world.alice
    escaped = hostile.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert office.type(alice, f"<@U01BOB> {escaped}").ok
    view = office.as_(alice).modal
    rename(office, world.bob, hostile)
    rename(office, alice, hostile)
    assert office.fill(alice, view, reason=hostile, ticket=hostile[:100]).ok
    office.deliver()
    assert gist(hostile) in answer_to(office, world.alan, "<@U01BOB>")
    office.press(alice, "reset_yes")
    office.move(days=1)
    office.sweep()
    office.set_up(world.bob)
    expect_inert(office, hostile)


def test_in_the_words_after_the_command(office: Office) -> None:
    """What cannot be understood is not repeated."""
    for text in HOSTILE[:7]:
        answer_to(office, office.world.alice, f"bob {text}")
    said = "\n".join(office.ephemerals(office.world.alice))
    assert "evil.example" not in said
    assert "<!" not in said
    assert "U01CAROL" not in said
