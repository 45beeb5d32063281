"""The stage: what people do is told, what they see is shown, and what is not seen ends the play."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill, shorten
from typing import Any, Protocol

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from playground.browser import Page
from playground.office import HELP_DESK, Office
from playground.render import message_panel, page_panel
from playground.slack import Delivery, Message

PATIENCE = 10.0
"""Seconds that a screen is watched for what shall appear on it; most of it appears at once."""

_INDENT = (0, 0, 0, 2)
_NOTHING = "nothing"
_EXCERPT = 240
"""Characters of a screen that are told where something else was expected."""


class NotSeen(Exception):
    """Something did not appear: what was expected, and what was there instead."""

    def __init__(self, expected: str, *, instead: str) -> None:
        super().__init__(expected)
        self.expected = expected
        self.instead = shorten(instead, _EXCERPT, placeholder=" …") or _NOTHING


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story; `act` raises where it does not go as the title says."""

    title: str
    act: Callable[[], None]


class Story(Protocol):
    @property
    def title(self) -> str: ...

    @property
    def steps(self) -> Sequence[Step]: ...


class Stage:
    """An office with its lights on; `patience` bounds every wait, in seconds."""

    def __init__(self, office: Office, console: Console, *, patience: float = PATIENCE) -> None:
        self.office = office
        self._console = console
        self._patience = patience
        self._seen_versions: set[tuple[int, int]] = set()

    # -- telling

    def scene(self, number: int, title: str) -> None:
        """Begin a step."""
        self._console.print()
        self._console.print(
            Rule(Text(f"{number}  {title}", style="bold"), align="left", style="dim")
        )

    def tell(self, what: str) -> None:
        """Say what somebody does."""
        self._line(f"→ {what}")

    def show(self, screen: RenderableType) -> None:
        """Show what somebody sees."""
        self._console.print(Padding(screen, _INDENT))

    def fail(self, number: int, title: str, why: NotSeen) -> None:
        """Say which step was not seen, what was expected, and what was there instead."""
        self._console.print()
        self._console.print(Text(f"✗ Step {number} was not seen: {title}", style="bold red"))
        self._line(f"Expected: {why.expected}")
        self._line(f"Instead:  {why.instead}")

    # -- seeing

    def see(self, holds: object, what: str, *, instead: object = "") -> None:
        """Tick `what` if it holds; raise `NotSeen` otherwise."""
        if not holds:
            raise NotSeen(what, instead=str(instead))
        self._line(f"✓ {what}", style="green")

    def see_sent(self, delivery: Delivery, what: str) -> None:
        """Tick `what` if Slack's client took the act and the bot answered it well."""
        instead = delivery.error or "; ".join(delivery.errors.values()) or f"{delivery.kind}: lost"
        self.see(delivery.ok, what, instead=instead)

    def see_message(
        self,
        handle: str,
        what: str,
        *words: str,
        channel: str | None = None,
        shown: bool = True,
    ) -> Message:
        """Wait for a new message that holds all the words, show it, and tick `what`.

        It is looked for in the person's direct messages with the bot, or in a channel. One that
        only repeats what was shown need not be `shown`.
        """
        person = self.office.person(handle)
        where = channel or person.im

        def arrived() -> list[Message]:
            return [
                message
                for message in person.messages(where)
                if (id(message), message.edited) not in self._seen_versions
                and all(word in message.shown for word in words)
            ]

        if not self._appears(lambda: bool(arrived())):
            before = person.messages(where)
            last = before[-1].shown if before else _NOTHING
            raise NotSeen(what, instead=f"{_NOTHING} new; last there: {last}")
        message = arrived()[-1]
        self._seen_versions.add((id(message), message.edited))
        if shown:
            self.show(message_panel(message, place=self._place(handle, where)))
        self.see(message, what)
        return message

    def see_page(self, page: Page, what: str, *, heading: str) -> None:
        """Show the page, and tick `what` if it is the one with that heading."""
        self.show(page_panel(page))
        self.see(page.heading == heading, what, instead=f"“{page.heading}”, status {page.status}")

    def see_no_violation(self) -> None:
        """Tick that the bot broke none of Slack's rules."""
        slack = self.office.slack
        self.see(
            not slack.violations,
            f"{len(slack.calls)} calls, and none broke a rule of Slack's",
            instead="; ".join(slack.violations),
        )

    def operator(self, *arguments: str) -> str:
        """Have the operator run a `rekey` command; return what it prints."""
        self.tell(f"The operator runs: rekey {' '.join(arguments)}")
        done = self.office.operator(*arguments)
        if done.returncode != 0:
            said = done.stderr.strip() or done.stdout.strip()
            raise NotSeen(f"rekey {arguments[0]} ends with 0", instead=f"{done.returncode}: {said}")
        return done.stdout.strip()

    def status(self, email: str) -> Mapping[str, Any]:
        """Have the operator look a contact up; show and return what `rekey status --json` says."""
        said: Mapping[str, Any] = json.loads(self.operator("status", email, "--json"))
        authenticators, contact = said["authenticators"], said["contact"]
        lines = [
            f"authenticators  {', '.join(a['state'] for a in authenticators) or 'none'}",
            f"set-up          {'required' if contact['set_up_required'] else 'not required'}",
            *(
                f"case            {case['kind']} by {case['admin']}: {case['state']}, "
                f"reminders: {case['reminders_sent']}"
                for case in said["cases"]
            ),
        ]
        self.show(Panel("\n".join(lines), title="What it says", title_align="left"))
        return said

    def _appears(self, predicate: Callable[[], bool]) -> bool:
        try:
            self.office.slack.wait_for(predicate, timeout=self._patience)
        except TimeoutError:
            return False
        return True

    def _line(self, text: str, *, style: str = "") -> None:
        width = self._console.width
        lines = fill(text, width=width, initial_indent="  ", subsequent_indent="    ")
        self._console.print(Text(lines, style=style))

    @staticmethod
    def _place(handle: str, channel: str) -> str:
        return "#help-desk" if channel == HELP_DESK else f"{handle.title()}'s messages from Rekey"


def play(story: Story, stage: Stage) -> bool:
    """Play every step; stop at the first that is not seen, tell of it, and return false."""
    for number, step in enumerate(story.steps, start=1):
        stage.scene(number, step.title)
        try:
            step.act()
        except NotSeen as why:
            stage.fail(number, step.title, why)
            return False
        except Exception as error:  # noqa: BLE001  # whatever broke, the step was not seen
            said = f"{type(error).__name__}: {error}"
            stage.fail(number, step.title, NotSeen(step.title, instead=said))
            return False
    return True
