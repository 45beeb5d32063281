"""Reading the words after the command, in every form in which Slack sends a mention."""

import re
from dataclasses import dataclass

from bot.domain.errors import MentionMissing, SeveralMentions

_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,63})(?:\|[^<>]*)?>", re.ASCII)
_OTHER_REFERENCE = re.compile(r"<[^<>|]*\|([^<>]+)>|<([^<>]+)>")
_ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ESCAPED = re.compile("|".join(_ESCAPES))
_HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command asks for: help, or a reset; without a `user` one is to be picked."""

    help: bool = False
    user: str | None = None
    reason: str = ""


def parse_command(typed: str) -> Asked:
    """Return what was asked; raises `MentionMissing` or `SeveralMentions`.

    `<@U…>`, `<@U…|name>` and ids that begin with W name a person. A plain `@name` cannot be told
    from any other word, so it is nobody.
    https://docs.slack.dev/interactivity/implementing-slash-commands/#escaping
    """
    words = typed.strip()
    if not words:
        return Asked()
    if words.lower() == _HELP:
        return Asked(help=True)
    first = _MENTION.match(words)
    if first is None:
        raise MentionMissing
    if any(user != first[1] for user in _MENTION.findall(words)):
        raise SeveralMentions
    return Asked(user=first[1], reason=_as_typed(words[first.end() :]))


def _as_typed(escaped: str) -> str:
    """Return the text as it was typed, before Slack turned names and links into references."""
    shown = _OTHER_REFERENCE.sub(lambda found: found[1] or found[2], escaped)
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], shown).strip()
