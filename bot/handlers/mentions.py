"""Reading the words after the command, in every form in which Slack sends a mention."""

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.model.errors import MentionMissing, SeveralMentions

_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,63})(?:\|[^<>]*)?>", re.ASCII)
_NAME = re.compile(r"@([^\s<>@]{1,320})(?=\s|$)")
_OTHER_REFERENCE = re.compile(r"<[^<>|]*\|([^<>]+)>|<([^<>]+)>")
_ESCAPES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}
_ESCAPED = re.compile("|".join(_ESCAPES))


class Act(StrEnum):
    """What the command can be told to do."""

    RESET = "reset"
    HAND_OVER = "hand-over"
    STATUS = "status"
    PENDING = "pending"
    MINE = "mine"
    ASK = "ask"
    HELP = "help"


_ALONE = {"help": Act.HELP, "pending": Act.PENDING, "mine": Act.MINE, "ask": Act.ASK}
"""Words that stand for the whole of what is asked."""

_ABOUT_A_PERSON = {"hand-over": Act.HAND_OVER, "handover": Act.HAND_OVER, "status": Act.STATUS}
"""Words before a person; with nobody named, the act itself decides whom it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command asks for; with neither name, nobody was named."""

    act: Act = Act.RESET
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
    alone = _ALONE.get(words.lower())
    if alone is not None:
        return Asked(act=alone)
    first, *rest = words.split(maxsplit=1) or [""]
    act = _ABOUT_A_PERSON.get(first.lower())
    if act is not None:
        return _about(act, "".join(rest))
    return _about(Act.RESET, words)


def _about(act: Act, words: str) -> Asked:
    """Read the person, with whom `words` have to begin, and what follows."""
    if not words:
        return Asked(act=act)
    mention, name = _MENTION.match(words), _NAME.match(words)
    found = mention or name
    if found is None:
        raise MentionMissing
    mentioned = mention[1] if mention else None
    others = _MENTION.findall(words) + ([] if mention else _NAME.findall(words, found.end()))
    if any(other != mentioned for other in others):
        raise SeveralMentions
    return Asked(
        act=act,
        user=mentioned,
        username=name[1] if name else None,
        reason=_as_typed(words[found.end() :]),
    )


def _as_typed(escaped: str) -> str:
    """Return the text as it was typed, before Slack turned names and links into references."""
    shown = _OTHER_REFERENCE.sub(lambda found: found[1] or found[2], escaped)
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], shown).strip()
