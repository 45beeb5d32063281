"""What is done at the page: each act is a sample person's, at Slack's client or beside it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TypeAlias

from playground.clock import parse_span
from playground.office import Office
from playground.page.given import Given, Misshapen
from playground.page.screen import Screens
from playground.page.typed import as_sent
from playground.slack import CannotDo, Channel, Delivery, Message, Person, View
from playground.slack.model import Json

Act: TypeAlias = Callable[[Person, Given], Delivery | None]
FARTHEST_MOVE = timedelta(days=30)

_SHOWN = {
    "dispatch_failed": "Slack could not reach Rekey, or Rekey did not answer as it should.",
    "interactivity_disabled": "The app's manifest has interactivity switched off.",
    "operation_timeout": "Rekey did not answer within Slack's three seconds.",
    "trouble_connecting": "We had some trouble connecting. Try again?",
}
"""What the person is shown instead of an outcome, by Slack's word for it."""


class PageActs:
    """Does one act at a time for whoever asks; the office outlives it."""

    def __init__(self, office: Office, screens: Screens) -> None:
        self._office = office
        self._screens = screens
        self._acts: Mapping[str, Act] = {
            "send": self._send,
            "click": self._click,
            "choose": self._choose,
            "submit": self._submit,
            "close": self._close,
            "close_all": self._close_all,
            "shortcut": self._shortcut,
            "open_home": self._open_home,
            "reload": self._reload,
            "read": self._read,
            "advance": self._advance,
        }

    @property
    def names(self) -> frozenset[str]:
        """Every act there is."""
        return frozenset(self._acts)

    def do(self, name: str, person: Person, given: Given) -> Json:
        """Do it, and return what came of it: `problem` is a sentence, or `None`.

        Raises `Misshapen`, or `CannotDo` for what Slack's client does not offer there; then
        nothing was done.
        """
        delivery = self._acts[name](person, given)
        return {
            "problem": _problem(delivery),
            "errors": delivery.errors if delivery is not None else {},
        }

    def suggest(self, person: Person, given: Given) -> list[Json]:
        """Return the options that the bot offers for what was typed into a menu of external data.

        What is then taken has to be told at once, by `choose`: Slack forgets the options as soon as
        others are offered.
        """
        if given.text_or_none("view") is None:
            raise CannotDo("the bot is asked for options in windows and in the Home tab alone")
        view = _view(person, given.text("view"))
        return person.suggest(view, given.text("block_id"), given.text("query"))

    # -- at Slack's client

    def _send(self, person: Person, given: Given) -> Delivery | None:
        """Send what was typed, which with a slash at its beginning is a command."""
        place = self._place(person, given)
        if place.is_im:
            raise CannotDo("Rekey reads nothing here")
        typed = given.text("text").strip()
        if not typed:
            raise Misshapen("Write something first.")
        members = self._office.slack.workspace.members
        mentioned = [members[user] for user in given.texts("mentions") if user in members]
        text = as_sent(typed, mentioned)
        if not typed.startswith("/"):
            person.say(text, channel=place.id)
            return None
        name, _, words = text.partition(" ")
        return person.command(name, words.strip(), channel=place.id)

    def _click(self, person: Person, given: Given) -> Delivery:
        value = given.text_or_none("value")
        return person.click(self._surface(person, given), given.text("action_id"), value)

    def _choose(self, person: Person, given: Given) -> Delivery:
        return person.choose(
            self._surface(person, given),
            given.text("block_id"),
            given.text("action_id"),
            given.value("value"),
        )

    def _submit(self, person: Person, given: Given) -> Delivery:
        return person.submit(_modal(person, given.text("view")), given.values("values"))

    def _close(self, person: Person, given: Given) -> Delivery:
        return person.close(_modal(person, given.text("view")))

    def _close_all(self, person: Person, given: Given) -> Delivery:
        _modal(person, given.text("view"))
        closed = person.close_all()
        return next((delivery for delivery in closed if not delivery.ok), closed[0])

    def _shortcut(self, person: Person, given: Given) -> Delivery:
        message = _message(person, given) if given.text_or_none("message") is not None else None
        return person.shortcut(given.text("callback_id"), message)

    def _open_home(self, person: Person, _given: Given) -> Delivery:
        return person.open_home()

    def _reload(self, person: Person, _given: Given) -> None:
        person.reload()

    def _read(self, person: Person, given: Given) -> None:
        self._screens.unread.mark(person, self._place(person, given).id)
        self._office.slack.workspace.changed()

    # -- beside it

    def _advance(self, _person: Person, given: Given) -> None:
        span = parse_span(given.text("by"))
        if span is None or span > FARTHEST_MOVE:
            raise Misshapen("Say by how much, 30 days at most: 45s, 30m, 2h or 1d.")
        self._office.advance(span)

    def _place(self, person: Person, given: Given) -> Channel:
        place = self._screens.place(person, given.text("place"))
        if place is None:
            raise CannotDo("that channel is not on this person's screen")
        return place

    @staticmethod
    def _surface(person: Person, given: Given) -> Message | View:
        if given.text_or_none("view") is not None:
            return _view(person, given.text("view"))
        return _message(person, given)


def _view(person: Person, view_id: str) -> View:
    home = person.home
    return home if home is not None and home.id == view_id else _modal(person, view_id)


def _modal(person: Person, view_id: str) -> View:
    for view in person.modals:
        if view.id == view_id:
            return view
    raise CannotDo("that window is no longer open")


def _message(person: Person, given: Given) -> Message:
    ts = given.text("message")
    for message in person.messages(given.text("place")):
        if message.ts == ts:
            return message
    raise CannotDo("that message is no longer on the screen")


def _problem(delivery: Delivery | None) -> str | None:
    if delivery is None or delivery.error is None:
        return None
    if delivery.error == "invalid_command":
        name = delivery.kind.removeprefix("command ")
        return f"{name} is not a valid command. What begins with a slash is taken for one."
    return _SHOWN.get(delivery.error, f"Slack shows an error: {delivery.error}.")
