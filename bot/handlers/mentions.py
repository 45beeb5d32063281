"""Reading the words after the command, in every form in which Slack sends a mention."""

import re
from dataclasses import dataclass

from bot.domain.errors import MentionMissing, SeveralMentions

_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,63})(?:\|[^<>]*)?>", re.ASCII)
_NAME = re.compile(r"@([^\s<>@]{1,320})(?=\s|$)")
_OTHER_REFERENCE = re.compile(r"<[^<>|]*\|([^<>]+)>|<([^<>]+)>")
_ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ESCAPED = re.compile("|".join(_ESCAPES))
_HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command asks for: help, or a reset; with neither name, one is to be picked."""

    help: bool = False
    user: str | None = None
    username: str | None = None
    reason: str = ""


def parse_command(typed: str) -> Asked:
    """Return what was asked; raises `MentionMissing` or `SeveralMentions`.

    `<@U…>`, `<@U…|name>` and ids that begin with W name a person. A plain `@name`, which Slack
    sends of an app that does not have mentions escaped, is taken for a user name of the directory:
    Slack's own names are their owners' to change, and prove nothing.
    https://docs.slack.dev/interactivity/implementing-slash-commands/#escaping
    """
    words = typed.strip()
    if not words:
        return Asked()
    if words.lower() == _HELP:
        return Asked(help=True)
    mention, name = _MENTION.match(words), _NAME.match(words)
    found = mention or name
    if found is None:
        raise MentionMissing
    mentioned = mention[1] if mention else None
    others = _MENTION.findall(words) + ([] if mention else _NAME.findall(words, found.end()))
    if any(other != mentioned for other in others):
        raise SeveralMentions
    return Asked(
        user=mentioned,
        username=name[1] if name else None,
        reason=_as_typed(words[found.end() :]),
    )


def _as_typed(escaped: str) -> str:
    """Return the text as it was typed, before Slack turned names and links into references."""
    shown = _OTHER_REFERENCE.sub(lambda found: found[1] or found[2], escaped)
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], shown).strip()
