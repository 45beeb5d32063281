"""A terminal in place of Slack's client: act as one of the sample people, see what they see."""

import shlex
from collections.abc import Callable
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.blocks.ids import COMMAND
from bot.domain.proving.totp import TIME_STEP
from playground.clock import parse_span
from playground.office import HELP_DESK, Office
from playground.people import BY_HANDLE, SamplePerson
from playground.render import message_panel, modal_panel
from playground.screens import Screens
from playground.slack import CannotDo, Delivery
from playground.welcome import people_table

_HELP = (
    ("as alice", "act as somebody; people lists them"),
    (f"{COMMAND} @bob lost phone", "type the command in #help-desk"),
    ("show", "what is on this person's screen"),
    ("fill proof=video code=123456", "type into the modal; quote what has spaces"),
    ("submit", "press the modal's first button; close closes it"),
    ("click reset_yes", "press a button"),
    ("code alice", "what an authenticator app shows now"),
    ("advance 1d", "move the clock: 45s, 30m, 2h, 1d"),
    ("people", "the sample people and their passwords"),
    ("quit", "end the playground"),
)


class NotUnderstood(Exception):
    """A line at the prompt asks for nothing that can be done; says what can."""


class Prompt:
    """Takes one line at a time; whatever cannot be done is told in one sentence."""

    def __init__(self, office: Office, console: Console, *, handle: str = "alice") -> None:
        self._office = office
        self._console = console
        self._screens = Screens(office)
        self._handle = handle
        self._filled: dict[str, str] = {}
        self._verbs: dict[str, Callable[[str], None]] = {
            "as": self._act_as,
            "show": self._show,
            "fill": self._fill,
            "submit": self._submit,
            "close": self._close,
            "click": self._click,
            "code": self._code,
            "advance": self._advance,
            "people": self._people,
            "help": self._help,
        }

    @property
    def sign(self) -> str:
        """What stands before the line that is typed."""
        return f"{self._handle}> "

    def take(self, line: str) -> bool:
        """Do what the line says; return false once there is no more to be done."""
        verb, _, rest = line.strip().partition(" ")
        if verb in ("quit", "exit"):
            return False
        if not verb:
            return True
        try:
            self._do(verb, rest.strip())
        except NotUnderstood as why:
            self._say(str(why), style="red")
        except CannotDo as why:
            self._say(f"That cannot be done: {why}.", style="red")
        self._tell_unread()
        return True

    def _do(self, verb: str, rest: str) -> None:
        if verb.startswith("/"):
            self._command(verb, rest)
        elif verb.lower() in self._verbs:
            self._verbs[verb.lower()](rest)
        else:
            raise NotUnderstood(f"{verb} is not known here: help lists what is.")

    # -- what can be typed

    def _act_as(self, rest: str) -> None:
        self._handle = self._person(rest).handle
        self._filled = {}
        person = self._person(self._handle)
        standing = person.standing.replace("\n", ", ") or "not a contact of any account"
        self._say(f"You are {person.name}: {standing}{f'; {person.note}' if person.note else ''}.")
        self._show_new()

    def _command(self, name: str, text: str) -> None:
        person = self._office.person(self._handle)
        self._tell_outcome(person.command(name, text, channel=HELP_DESK))

    def _show(self, _rest: str) -> None:
        self._screens.take_new(self._handle)
        shown = self._screens.messages(self._handle)
        for place, message in shown:
            self._console.print(message_panel(message, place=place, ids=True))
        self._show_modal()
        if not shown and self._screens.modal(self._handle) is None:
            self._say(f"Nothing is on {self._handle}'s screen yet.")

    def _fill(self, rest: str) -> None:
        modal = self._screens.modal(self._handle)
        if modal is None:
            raise NotUnderstood("No modal is open: type the command, or click a button, first.")
        inputs = [block["block_id"] for block in modal.blocks if block["type"] == "input"]
        given = _pairs(rest)
        for name in given:
            if name not in inputs:
                fields = ", ".join(inputs) or "none"
                raise NotUnderstood(f"The modal has no field {name}; it has: {fields}.")
        if not given:
            raise NotUnderstood("Say what to fill in: fill proof=video code=123456.")
        self._filled |= given
        filled = ", ".join(self._filled)
        self._say(f"Filled in: {filled}. submit sends it.")

    def _submit(self, rest: str) -> None:
        modal = self._screens.modal(self._handle)
        if modal is None:
            raise NotUnderstood("No modal is open: type the command, or click a button, first.")
        if rest:
            self._fill(rest)
        values = {name: _slack_value(name, value) for name, value in self._filled.items()}
        self._filled = {}
        delivery = self._office.person(self._handle).submit(modal, values)
        self._tell_outcome(delivery)

    def _close(self, _rest: str) -> None:
        if not self._office.person(self._handle).close_all():
            raise NotUnderstood("No modal is open.")
        self._filled = {}
        self._say("The modal is closed.")

    def _click(self, rest: str) -> None:
        if not rest:
            buttons = ", ".join(self._screens.buttons(self._handle)) or "none"
            raise NotUnderstood(f"Say which button. On this screen there are: {buttons}.")
        surface = self._screens.holding(self._handle, rest)
        delivery = self._office.person(self._handle).click(surface, rest)
        if delivery.url:
            self._say(f"Open this in your browser: {delivery.url}")
        self._tell_outcome(delivery)

    def _code(self, rest: str) -> None:
        person = self._person(rest or self._handle)
        active = self._office.code_of(person)
        pending = self._office.code_of(person, pending=True)
        left = TIME_STEP - timedelta(seconds=self._office.clock.now().timestamp() % 30)
        if active:
            self._say(f"{active}  for {left.seconds} s more; a code works once")
        if pending:
            self._say(f"{pending}  for the set-up page, under “Enter the code”")
        if not active and not pending:
            self._say(f"{person.name} has no authenticator.")

    def _advance(self, rest: str) -> None:
        span = parse_span(rest)
        if span is None:
            raise NotUnderstood("Say by how much: 45s, 30m, 2h or 1d.")
        self._office.clock.advance(span)
        self._office.rekey.sweep.run()
        self._office.rekey.sender.drain()
        self._say(f"It is now {self._office.clock.now():%A, %d %B %Y, %H:%M:%S} UTC.")
        self._show_new()

    def _people(self, _rest: str) -> None:
        self._console.print(people_table())

    def _help(self, _rest: str) -> None:
        table = Table.grid(padding=(0, 3, 0, 0))
        for line, what in _HELP:
            table.add_row(Text(line, style="bold"), Text(what))
        self._console.print(table)

    # -- what is seen

    def _tell_outcome(self, delivery: Delivery) -> None:
        """Say what came of an act; what the bot has to say leaves first."""
        self._office.rekey.sender.drain()
        if delivery.error is not None:
            self._say(f"Slack shows an error: {delivery.error}.", style="red")
        self._show_new()
        self._show_modal()

    def _show_new(self) -> None:
        for place, message in self._screens.take_new(self._handle):
            self._console.print(message_panel(message, place=place, ids=True))

    def _show_modal(self) -> None:
        modal = self._screens.modal(self._handle)
        if modal is not None:
            self._console.print(modal_panel(modal, ids=True))

    def _tell_unread(self) -> None:
        others = [h for h in self._screens.unread() if h != self._handle]
        if others:
            self._say(f"New messages for: {', '.join(others)}", style="dim")

    def _person(self, handle: str) -> SamplePerson:
        person = BY_HANDLE.get(handle.removeprefix("@").lower())
        if person is None:
            raise NotUnderstood(f"Who? The sample people are: {', '.join(BY_HANDLE)}.")
        return person

    def _say(self, text: str, *, style: str = "") -> None:
        self._console.print(Text(text, style=style))


def _pairs(text: str) -> dict[str, str]:
    try:
        words = shlex.split(text)
    except ValueError:
        raise NotUnderstood("A quotation mark is missing.") from None
    if not all("=" in word for word in words):
        raise NotUnderstood('Write field=value, and quote what has spaces: reason="lost phone".')
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _slack_value(name: str, value: str) -> str:
    """Return what the field takes: the picker of people takes an id, and people know handles."""
    person = BY_HANDLE.get(value.removeprefix("@").lower())
    return person.slack_user if name == "subscriber" and person else value
