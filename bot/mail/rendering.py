"""An e-mail: the words of the message that Slack would show, without its buttons."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape, unescape

from bot.blocks.elements import Block, Drawn
from bot.blocks.wording import tidy, utc

_LONGEST_SUBJECT = 150
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_BOLD = re.compile(r"\*([^*]*)\*")
_STYLE = "font-family: sans-serif; line-height: 1.4; max-width: 40em"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A subject of one line, and the same words as plain text and as HTML."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Title:
    text: str


@dataclass(frozen=True, slots=True)
class _Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class _Facts:
    pairs: tuple[tuple[str, str], ...]


_Part = _Title | _Paragraph | _Facts


def as_mail(drawn: Drawn, *, written_at: datetime) -> Mail:
    """Make the e-mail out of a drawn message: its header is the subject, its buttons are left out.

    Times are in UTC, since an e-mail cannot know its reader's zone. Raises `LookupError` for a kind
    of block that has no words here, so that none is left out unnoticed.
    """
    parts = [part for block in drawn.blocks for part in _parts(block)]
    parts.append(
        _Paragraph(
            f"Rekey wrote this on {utc(written_at)} to the e-mail address on file for you. Nobody "
            "reads answers to it."
        )
    )
    first = next((part.text for part in parts if isinstance(part, _Title | _Paragraph)), "")
    subject = tidy(first, limit=_LONGEST_SUBJECT)
    body = "\n".join(_as_html(part) for part in parts)
    return Mail(
        subject=subject,
        text="\n\n".join(_as_text(part) for part in parts) + "\n",
        html=(
            f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
            f"<title>{escape(subject)}</title></head>\n"
            f'<body style="{_STYLE}">\n{body}\n</body>\n</html>\n'
        ),
    )


def _parts(block: Block) -> Iterator[_Part]:
    kind = block["type"]
    if kind == "header":
        yield _Title(_words(block["text"]))
    elif kind == "section":
        if "text" in block:
            yield _Paragraph(_words(block["text"]))
        fields = [_words(field) for field in block.get("fields", ())]
        if fields:
            yield _Facts(tuple(zip(fields[::2], fields[1::2], strict=True)))
    elif kind == "context":
        yield from (_Paragraph(_words(element)) for element in block["elements"])
    elif kind not in ("actions", "divider"):
        raise LookupError(f"a block of type {kind} has no words in an e-mail")


def _words(text: Block) -> str:
    """Return what a reader sees: what people typed is plain as it is, our own markup is undone."""
    shown: str = text["text"]
    if text["type"] != "mrkdwn":
        return shown
    return unescape(_BOLD.sub(r"\1", _DATE.sub(r"\1", shown)))


def _as_text(part: _Part) -> str:
    if isinstance(part, _Facts):
        return "\n".join(f"{label}: {value}" for label, value in part.pairs)
    return part.text


def _as_html(part: _Part) -> str:
    if isinstance(part, _Title):
        return f"<h1>{escape(part.text)}</h1>"
    if isinstance(part, _Facts):
        rows = "".join(
            f'<tr><th align="left">{escape(label)}</th><td>{escape(value)}</td></tr>'
            for label, value in part.pairs
        )
        return f"<table>{rows}</table>"
    lines = (escape(line) for line in part.text.split("\n"))
    return f"<p>{'<br>'.join(lines)}</p>"
