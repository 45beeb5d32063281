"""What a person typed, in the form in which Slack's client sends it on."""

import re
from collections.abc import Iterable

from playground.slack import Member

_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKUP_CHARACTERS = re.compile(r"[&<>]")


def as_sent(typed: str, mentioned: Iterable[Member]) -> str:
    """Return `typed` with its markup escaped and the people chosen from the list as mentions.

    https://docs.slack.dev/messaging/formatting-message-text/#escaping
    """
    escaped = _MARKUP_CHARACTERS.sub(lambda found: _MARKUP[found.group()], typed)
    ids = {member.handle: member.id for member in mentioned}
    if not ids:
        return escaped
    names = "|".join(sorted(map(re.escape, ids), key=len, reverse=True))
    chosen = re.compile(rf"(?<![\w<])@({names})(?![\w-]|\.\w)")
    return chosen.sub(lambda found: f"<@{ids[found[1]]}|{found[1]}>", escaped)
