"""Block Kit's parts, cut to Slack's limits; what people typed goes into `plain_text` alone.

https://docs.slack.dev/reference/block-kit/
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks.ids import VALUE, ActionId, BlockId, CallbackId
from bot.blocks.wording import local, tidy
from bot.domain.model.people import Session

Block = dict[str, Any]
View = dict[str, Any]

TEXT_LENGTH = 3000
FIELD_LENGTH = 2000
OPTION_LENGTH = 75
MOST_OPTIONS = 100
_PAIRS_A_SECTION = 5


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message: `text` for notifications and screen readers, enough to act upon by itself."""

    text: str
    blocks: tuple[Block, ...] = ()


def plain(text: str, *, limit: int = TEXT_LENGTH) -> Block:
    """Make text in which nothing is markup, not even an emoji's name."""
    return {"type": "plain_text", "text": _cut(text, limit), "emoji": False}


def markup(text: str, *, limit: int = TEXT_LENGTH) -> Block:
    """Make text of our own, with Slack's markup; never holds what somebody typed."""
    return {"type": "mrkdwn", "text": _cut(text, limit)}


def header(text: str) -> Block:
    """Draw a title."""
    return {"type": "header", "text": plain(text, limit=150)}


def paragraph(text: str) -> Block:
    """Draw a paragraph in which nothing is markup."""
    return {"type": "section", "text": plain(text)}


def note(text: str) -> Block:
    """Draw small print in which nothing is markup."""
    return small(plain(text))


def small(text: Block) -> Block:
    """Draw small print."""
    return {"type": "context", "elements": [text]}


def divider() -> Block:
    """Draw a line between two parts."""
    return {"type": "divider"}


def facts(pairs: Sequence[tuple[str, str | Block]]) -> list[Block]:
    """Draw a table of labels and values; a value that is a string is shown as it is."""
    sections: list[Block] = []
    for first in range(0, len(pairs), _PAIRS_A_SECTION):
        fields: list[Block] = []
        for label, value in pairs[first : first + _PAIRS_A_SECTION]:
            fields.append(markup(f"*{label}*", limit=FIELD_LENGTH))
            fields.append(plain(value, limit=FIELD_LENGTH) if isinstance(value, str) else value)
        sections.append({"type": "section", "fields": fields})
    return sections


def sign_in_facts(session: Session) -> list[tuple[str, str | Block]]:
    """Say which browser waits, where, and since when."""
    return [
        ("Browser", tidy(session.browser)),
        ("Address", tidy(session.address)),
        ("Time", markup(local(session.created_at))),
    ]


def actions(*buttons: Block) -> Block:
    """Draw a row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(
    action: ActionId,
    text: str,
    *,
    value: str,
    style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """Draw a button that carries an id and nothing else; `confirm` is asked before it counts."""
    drawn = {"type": "button", "action_id": action, "text": plain(text, limit=75), "value": value}
    given = {"style": style, "confirm": confirm}
    return drawn | {name: part for name, part in given.items() if part is not None}


def confirmation(title: str, text: str, *, yes: str, no: str) -> Block:
    """Draw the question that Slack itself asks before a dangerous button counts."""
    return {
        "title": plain(title, limit=100),
        "text": plain(text, limit=300),
        "confirm": plain(yes, limit=30),
        "deny": plain(no, limit=30),
        "style": "danger",
    }


def link(action: ActionId, text: str, *, url: str) -> Block:
    """Draw a button that opens a page."""
    return {
        "type": "button",
        "action_id": action,
        "text": plain(text, limit=75),
        "url": url,
        "style": "primary",
    }


def field(
    block: BlockId, label: str, element: Block, *, hint: str | None = None, optional: bool = False
) -> Block:
    """Draw one input, under which its own errors appear."""
    drawn = {
        "type": "input",
        "block_id": block,
        "label": plain(label, limit=FIELD_LENGTH),
        "element": {"action_id": VALUE, **element},
        "optional": optional,
    }
    return drawn if hint is None else drawn | {"hint": plain(hint, limit=FIELD_LENGTH)}


def option(text: str, value: str) -> Block:
    """Make one option of a menu."""
    return {"text": plain(text, limit=OPTION_LENGTH), "value": value}


def choice(options: Sequence[Block], *, placeholder: str) -> Block:
    """Draw a menu; more options than a menu may have are put into groups."""
    menu: Block = {"type": "static_select", "placeholder": plain(placeholder, limit=150)}
    if len(options) <= MOST_OPTIONS:
        return menu | {"options": list(options)}
    return menu | {"option_groups": _groups(options)}


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback: CallbackId | None = None,
    submit: str | None = None,
    metadata: str = "",
) -> View:
    """Draw a modal; without `submit` it can only be closed."""
    view: View = {
        "type": "modal",
        "title": plain(title, limit=24),
        "close": plain("Cancel" if submit else "Close", limit=24),
        "blocks": list(blocks),
    }
    if callback is not None:
        view |= {"callback_id": callback, "private_metadata": metadata}
    return view if submit is None else view | {"submit": plain(submit, limit=24)}


def _groups(options: Sequence[Block]) -> list[Block]:
    starts = range(0, min(len(options), MOST_OPTIONS**2), MOST_OPTIONS)
    parts = [options[first : first + MOST_OPTIONS] for first in starts]
    return [{"label": part[0]["text"], "options": list(part)} for part in parts]


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
