"""Small words that many texts share: people, times, proofs, and what people typed made harmless."""

import re
from datetime import datetime, timedelta

from bot.domain.model.cases import Proof
from bot.domain.model.people import Contact

LONGEST_VALUE = 600
"""Characters shown of anything that somebody typed; a reason has at most 500."""
LONGEST_MESSAGE = 4000
"""Characters of a message's text: https://docs.slack.dev/reference/methods/chat.postMessage/"""
LONGEST_TEXT = LONGEST_MESSAGE // len("&amp;")

_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKUP_CHARACTERS = re.compile(r"[&<>]")
_CONTROLS = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " "),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)]),  # of the direction
}
_ONE_MINUTE, _ONE_HOUR = timedelta(minutes=1), timedelta(hours=1)
_MOST_MINUTES = 90

PROOFS = {
    Proof.IN_PERSON: "in person",
    Proof.VIDEO: "on a video call",
    Proof.CALLED_BACK: "by calling back the number on file",
    Proof.MANAGER: "by their manager",
}
"""How the caller was proven, after "proven"."""


def tidy(typed: str, *, limit: int = LONGEST_VALUE) -> str:
    """Return one line of at most `limit` characters without control characters; never empty."""
    line = " ".join(typed.translate(_CONTROLS).split())
    if len(line) > limit:
        line = f"{line[: limit - 1]}…"
    return line or "(empty)"


def inert(text: str) -> str:
    """Escape what Slack's markup would act upon, so that no mention, link or date survives.

    Cut so that even what grows by it stays within the 4000 characters of a message's text.
    https://docs.slack.dev/messaging/formatting-message-text/#escaping
    """
    short = tidy(text, limit=LONGEST_TEXT)
    return _MARKUP_CHARACTERS.sub(lambda found: _MARKUP[found.group()], short)


def person(contact: Contact) -> str:
    """Return the name with the e-mail address, since names may be the same."""
    return f"{tidy(contact.name)} ({tidy(contact.email)})"


def name_of(contact: Contact | None, *, otherwise: str = "the operator") -> str:
    """Return the name; the operator stands in where no contact acted."""
    return tidy(contact.name) if contact else otherwise


def utc(at: datetime) -> str:
    """Return the time for places where Slack cannot show the reader's own."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def local(at: datetime) -> str:
    """Return Slack markup that shows the time in the reader's own zone, UTC where it cannot."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{utc(at)}>"


def instant(said: str | None) -> datetime | None:
    """Return the time that a notice carries; `None` where there is none that can be read."""
    try:
        at = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    return at if at.tzinfo else None


def wait(until: datetime, *, now: datetime) -> str:
    """Say when to try again: how long that is, rounded up, and the time; the day if not today."""
    minutes = max(1, -((now - until) // _ONE_MINUTE))
    if minutes > _MOST_MINUTES:
        length = f"{-((now - until) // _ONE_HOUR)} hours"
    else:
        length = f"{minutes} minute{'' if minutes == 1 else 's'}"
    day = "" if until.date() == now.date() else f" on {until.day} {until:%B}"
    return f"in about {length}, at {until:%H:%M} UTC{day}"


def call(help_contact: str | None) -> str:
    """Say whom to call."""
    return f"call {tidy(help_contact)}" if help_contact else "call your help desk"
