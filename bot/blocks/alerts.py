"""Messages that warn of a possible attack, and the daily head of the audit chain."""

from bot.blocks.elements import Block, Drawn, facts, header, note, paragraph
from bot.blocks.layout import moment
from bot.blocks.subscribers import Place
from bot.blocks.wording import call, inert, instant, name_of, person, tidy, utc
from bot.domain.model.views import NoticeView
from bot.domain.record.alerts import Alert

_PERIODS = {"5": "5 minutes", "60": "an hour", "1440": "a day"}
_DOORS = {"slack": "in Slack", "portal": "at the Portal"}
_ASK = "What to do next: ask {name}, in person or on the number on file,"
_TOLD: dict[str | None, tuple[str, str]] = {
    Alert.WRONG_CODES: (
        "{count} wrong codes in the name of {name}",
        (
            "{count} wrong codes in the name of {name}, an administrator or owner, were typed "
            f"{{door}} within {{period}}. For a while no more are taken. {_ASK} whether that was "
            "them. If not, have another administrator or owner reset the 2FA of {name}, and {call}."
        ),
    ),
    Alert.MANY_RESETS: (
        "{count} resets by {name} within an hour",
        (
            "{name} has reset the 2FA of people {count} times within an hour, which is more than "
            f"is usual. {_ASK} whether each of these resets was theirs. If not, have another "
            "administrator or owner reset the 2FA of {name}, and {call}."
        ),
    ),
    Alert.SECOND_RESET: (
        "The 2FA of {name} was reset again",
        (
            "The 2FA of {name} was reset {count} times within 30 days, the last time by {admin}. "
            f"{_ASK} whether they wanted each of these resets. If not, have them press “This "
            "wasn't me” in their messages from Rekey, and {call}."
        ),
    ),
    None: ("Something unusual about {name}", f"{_ASK} what it was; or {{call}}."),
}
"""A title and a text for each kind of alert, and for one that was forgotten with its person."""


def alert(view: NoticeView, place: Place) -> Drawn:
    """Warn the owners concerned, or the audit channel: who, what, when, what to do; no reasons."""
    given, subject = view.notice.facts, view.subject
    title, text = _told(view, place)
    pairs: list[tuple[str, str | Block]] = []
    ids = [f"Case {view.case.case.id}"] if view.case else []
    if subject is not None:
        pairs.append(("Who", person(subject)))
        ids.append(f"Contact {subject.id}")
    at = instant(given.get("at"))
    noticed = f" It was noticed on {utc(at)}." if at else ""
    pairs += moment(at)
    return Drawn(
        text=inert(f"{title}. {text}{noticed}"),
        blocks=(
            header(title),
            *facts(pairs),
            paragraph(text),
            *([note(", ".join(ids))] if ids else []),
        ),
    )


def _told(view: NoticeView, place: Place) -> tuple[str, str]:
    given = view.notice.facts
    title, text = _TOLD.get(given.get("what")) or _TOLD[None]
    words = {
        "name": name_of(view.subject, otherwise="somebody"),
        "count": tidy(given.get("count", "Several"), limit=10),
        "period": _PERIODS.get(given.get("minutes", ""), "a short time"),
        "door": _DOORS.get(given.get("door", ""), "somewhere"),
        "admin": name_of(view.case.admin if view.case else None),
        "call": call(place.help_contact),
    }
    return title.format_map(words), text.format_map(words)


def audit_head(view: NoticeView, _place: Place) -> Drawn:
    """Show the head of the audit chain, and say what to do with it."""
    given = view.notice.facts
    head, number = tidy(given.get("head", ""), limit=64), tidy(given.get("number", ""), limit=20)
    at = instant(given.get("at"))
    day = f" on {at.day} {at:%B %Y}" if at else ""
    title = f"The head of the audit chain{day}"
    text = (
        "What to do next: leave this message where it is, or keep it outside the server. Later it "
        "shows whether records were removed or made anew: on the server type “rekey audit verify "
        "--expect-head” and the head."
    )
    return Drawn(
        text=inert(f"{title}: {head} {number}. {text}"),
        blocks=(
            header(title),
            *facts([("Head", head), ("Number of the last record", number)]),
            paragraph(text),
        ),
    )
