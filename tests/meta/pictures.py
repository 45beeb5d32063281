"""The README's pictures: what Slack shows, drawn from the very blocks that Rekey sends.

`python -m tests.meta.reference` writes them; a test holds the files to what is drawn here.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from bot.blocks.notices import draw
from bot.domain.case import CaseState
from bot.domain.notices import CaseView, Notice, NoticeKind, NoticeView
from tests.unit.blocks.samples import HELP_CONTACT, PORTAL_URL, case_view

Block = Mapping[str, Any]

WIDTH = 560
_LEFT, _SECOND, _LINE = 62, 242, 21
_CHARACTER = 7.0
"""Pixels of an average letter at 15 pixels; wide enough for the fonts that browsers have."""
_FULL = int((WIDTH - _LEFT - 24) / _CHARACTER)
_HALF = int((WIDTH - _SECOND - 24) / _CHARACTER)

_DATE = re.compile(r"<!date\^[^|]*\|([^>]*)>")
_STYLE = """
text { font: 15px Lato, "Helvetica Neue", Arial, sans-serif; fill: #1d1c1d }
.name, .label { font-weight: 700 }
.title { font-size: 18px; font-weight: 700 }
.note { font-size: 12.5px; fill: #616061 }
.button { font-weight: 700; text-anchor: middle }
.on { fill: #fff }
.off { fill: #e01e5a }
"""
_BUTTONS = {
    "primary": ('fill="#007a5a" stroke="#007a5a"', "button on"),
    "danger": ('fill="#fff" stroke="#e01e5a"', "button off"),
    None: ('fill="#fff" stroke="#bbb"', "button"),
}


def pictures() -> dict[str, str]:
    """Return every picture by the name of its file."""
    asked = _message(NoticeKind.CONFIRM_ASKED, case_view(CaseState.AWAITING_CONFIRMATION))
    told = _message(NoticeKind.SUBSCRIBER_RESET, case_view(CaseState.COMPLETED))
    return {
        "confirm.svg": _picture(asked, alone=True, title="The question Yes or No to the admin"),
        "reset.svg": _picture(told, alone=False, title="The direct message to the subscriber"),
    }


def _message(kind: NoticeKind, case: CaseView) -> tuple[Block, ...]:
    recipient = case.admin if kind is NoticeKind.CONFIRM_ASKED else case.subscriber
    view = NoticeView(
        notice=Notice(kind=kind),
        recipient=recipient,
        case=case,
        session=None,
        subject=None,
        stale=(),
    )
    return draw(view, portal_url=PORTAL_URL, help_contact=HELP_CONTACT).blocks


@dataclass
class _Sheet:
    """Parts of a picture, from the top down."""

    y: int
    parts: list[str] = field(default_factory=list)

    def text(self, words: str, *, kind: str, x: int = _LEFT, down: int = _LINE) -> None:
        self.y += down
        self.parts.append(f'<text x="{x}" y="{self.y}" class="{kind}">{escape(words)}</text>')

    def columns(self, pairs: Iterator[tuple[str, str]]) -> None:
        for label, value in pairs:
            top = self.y
            self.text(label, kind="label")
            self.y = top
            for line in _wrapped(value, _HALF):
                self.text(line, kind="value", x=_SECOND)

    def buttons(self, elements: list[Block]) -> None:
        x, self.y = _LEFT, self.y + 14
        for element in elements:
            words = element["text"]["text"]
            wide = round(len(words) * 8.2) + 26
            box, kind = _BUTTONS[element.get("style")]
            middle = f'x="{x + wide // 2}" y="{self.y + 22}"'
            self.parts += [
                f'<rect x="{x}" y="{self.y}" width="{wide}" height="34" rx="5" {box}/>',
                f'<text {middle} class="{kind}">{escape(words)}</text>',
            ]
            x += wide + 10
        self.y += 34


def _picture(blocks: tuple[Block, ...], *, alone: bool, title: str) -> str:
    sheet = _Sheet(y=14)
    if alone:
        sheet.text("Only visible to you", kind="note", down=14)
    top = sheet.y + 8
    sheet.parts.append(
        f'<rect x="16" y="{top}" width="34" height="34" rx="7" fill="#1d3557"/>'
        f'<text x="33" y="{top + 23}" class="button on">R</text>'
    )
    sheet.text("Rekey", kind="name", down=22)
    for block in blocks:
        _draw_block(sheet, block)
    high = sheet.y + 22
    size = f'width="{WIDTH}" height="{high}" viewBox="0 0 {WIDTH} {high}"'
    edge = f'x=".5" y=".5" width="{WIDTH - 1}" height="{high - 1}" rx="8"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            f'<rect {edge} fill="#fff" stroke="#ddd"/>',
            *sheet.parts,
            "</svg>\n",
        ]
    )


def _draw_block(sheet: _Sheet, block: Block) -> None:
    match block["type"]:
        case "header":
            for number, line in enumerate(_wrapped(_words(block["text"]), _FULL - 10)):
                sheet.text(line, kind="title", down=24 if number else 28)
        case "section" if "fields" in block:
            sheet.y += 8
            words = [_words(one) for one in block["fields"]]
            sheet.columns(zip(words[::2], words[1::2], strict=True))
        case "section":
            sheet.y += 8
            for line in _wrapped(_words(block["text"]), _FULL):
                sheet.text(line, kind="value")
        case "actions":
            sheet.buttons(block["elements"])
        case "context":
            sheet.y += 6
            for line in _wrapped(_words(block["elements"][0]), _FULL + 12):
                sheet.text(line, kind="note", down=18)
        case other:
            raise LookupError(f"no way to draw a block of type {other}")


def _words(text: Block) -> str:
    words = str(text["text"])
    return words if text["type"] == "plain_text" else _DATE.sub(r"\1", words).strip("*")


def _wrapped(words: str, wide: int) -> list[str]:
    return [line for part in words.split("\n") for line in textwrap.wrap(part, wide)]
