"""Every message, as it would be read aloud."""

import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.blocks.elements import Block, Drawn
from bot.blocks.notices import draw
from bot.domain.model.notices import NoticeKind
from bot.mail.rendering import as_mail
from tests.fakes import NOON
from tests.meta.tree import ROOT
from tests.unit.blocks.samples import HELP_CONTACT, PORTAL_URL, contact, notice_view

CAROL = contact("Carol Cole", key="carol", user="U0CAROL")


def messages() -> str:
    """Return the page: each kind, to whom it goes, its words and its buttons."""
    return "\n".join(_message(kind) for kind in NoticeKind)


def drawn(kind: NoticeKind) -> Drawn:
    """Draw an ordinary message of that kind; Carol is whoever else had a hand in it."""
    view = notice_view(kind)
    if kind in {NoticeKind.HANDED_OVER, NoticeKind.SUBSCRIBER_HANDED_OVER}:
        view = replace(view, subject=CAROL)
    return draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)


def words_of(message: Drawn) -> str:
    """Return what is read of it, in Slack's order, without its buttons."""
    return as_mail(message, written_at=NOON).text.rpartition("\n\nRekey wrote this")[0]


def receivers() -> Mapping[str, str]:
    """Return to whom each kind goes, as the comment beside it says."""
    source = (ROOT / "bot/domain/model/notices.py").read_text("utf-8")
    found: dict[str, str] = {}
    name = ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME and token.string in NoticeKind.__members__:
            name = token.string
        if token.type == tokenize.COMMENT and name:
            found[NoticeKind[name].value] = token.string.removeprefix("# ").partition("; facts")[0]
            name = ""
    return found


def _message(kind: NoticeKind) -> str:
    message = drawn(kind)
    buttons = [f"“{label}”" for label in buttons_of(message)]
    said = "\n".join(f"> {line}".rstrip() for line in words_of(message).splitlines())
    last = f"\n\nButtons: {', '.join(buttons)}" if buttons else ""
    return f"## `{kind}`\n\nTo {receivers()[kind]}.\n\n{said}{last}\n"


def buttons_of(message: Drawn) -> Iterator[str]:
    """Yield what is written on each button."""
    for block in message.blocks:
        for element in _elements(block):
            if element.get("type") == "button":
                yield element["text"]["text"]


def _elements(block: Block) -> Iterator[Block]:
    if block["type"] == "actions":
        yield from block["elements"]
    if "accessory" in block:
        yield block["accessory"]
