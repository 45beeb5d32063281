"""Messages about what the operator did: who did what, to whom, when, and whom to call."""

from bot.blocks.elements import Drawn
from bot.blocks.layout import plain_notice
from bot.blocks.subscribers import Place
from bot.blocks.wording import call, person, tidy
from bot.domain.model.views import NoticeView


def acted(view: NoticeView, place: Place) -> Drawn:
    """Tell what the operator did, in the words of its notice."""
    given, subject = view.notice.facts, view.subject
    act = tidy(given.get("act", "acted"))
    own = subject is not None and subject == view.recipient
    whom = " for you" if own else f" for {person(subject)}" if subject else ""
    about = f" {tidy(given['about'])}" if given.get("about") else ""
    return _told(view, place, "The operator acted", f"The operator {act}{whom}.{about}")


def identity_replaced(view: NoticeView, place: Place) -> Drawn:
    """Tell both Slack accounts, and the owners, that one took the other's place.

    The account before is nobody's any more, so it is told in the third person.
    """
    subject = view.subject
    own = subject is not None and subject == view.recipient
    whose = "your contact" if own else f"the contact {person(subject)}" if subject else "a contact"
    whom = "you" if own else "that person"
    return _told(
        view,
        place,
        "A Slack account was replaced",
        f"The operator bound another Slack account to {whose}. From now on Rekey writes to that "
        f"one alone, and takes it for {whom}; the one before no longer counts. Every sign-in that "
        "was open at the Portal has ended.",
    )


def _told(view: NoticeView, place: Place, title: str, text: str) -> Drawn:
    text = f"{text} If you know of no reason for it, {call(place.help_contact)}."
    return plain_notice(title, text, at=view.written_at)
