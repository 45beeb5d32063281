"""What the playground says of itself at its start."""

import sys

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from playground.office import SIGN_IN, Office
from playground.people import PEOPLE


def welcome(office: Office, console: Console, *, page_url: str, at_a_terminal: bool) -> None:
    """Print where everything is, the page first, and who is there to play with."""
    console.print(_open_this(page_url))
    places = Table.grid(padding=(0, 2, 0, 0))
    places.add_row("Portal", f"{office.url}{SIGN_IN}")
    places.add_row("Slack", f"{office.slack.api_url}  (a local stand-in)")
    places.add_row("Database", f"{office.database}  (removed at the end)")
    console.print(
        Panel(
            Group(places),
            title=Text("Behind it"),
            title_align="left",
            border_style="blue",
        )
    )
    console.print(people_table())
    for line in _next(office, at_a_terminal=at_a_terminal):
        console.print(line, soft_wrap=True)  # so that what is copied from it stays whole


def _open_this(page_url: str) -> RenderableType:
    url = Text(page_url, style="bold underline")
    return Panel(
        Group(Text("Open this in your browser:"), Text(""), Padding(url, (0, 4)), Text("")),
        title=Text("Rekey playground", style="bold"),
        title_align="left",
        border_style="bold blue",
        box=box.HEAVY,
        padding=(1, 2, 0, 2),
    )


def people_table() -> RenderableType:
    """Draw the sample people; everything about them may be shown."""
    table = Table(title="Sample people", title_justify="left", title_style="bold")
    table.add_column("user name", style="bold", no_wrap=True)
    table.add_column("password", no_wrap=True)
    table.add_column("role")
    table.add_column("2FA")
    for person in PEOPLE:
        authenticator = "app" if person.enrolled else "none"
        about = [person.standing, f"({person.note})" if person.note else ""]
        table.add_row(
            person.handle,
            person.password if person.roles else "",
            "\n".join(part for part in about if part),
            authenticator if person.roles else "",
        )
    return table


def _next(office: Office, *, at_a_terminal: bool) -> list[Text]:
    rekey = sys.argv[0] if sys.argv[0].endswith("rekey") else "rekey"
    look = Text.assemble(
        "Look inside, from another terminal:\n",
        (f"  REKEY_DATABASE_URL={office.database_url} {rekey} status", "dim"),
    )
    story = Text.assemble("Watch the whole story:  ", (f"{rekey} playground --story", "bold"))
    if not at_a_terminal:
        end = Text("Ctrl-C ends it. Started in a terminal, it has a prompt to act as these people.")
        return [look, story, end]
    begin = Text.assemble(
        "Begin with  ",
        ("/reset-2fa @bob lost phone", "bold"),
        "  as alice; ",
        ("code", "bold"),
        " shows what her app shows, ",
        ("help", "bold"),
        " lists the rest.",
    )
    return [look, story, Text(""), begin]
