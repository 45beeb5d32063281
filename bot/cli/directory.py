"""The commands on directories: the places where 2FA lives."""

from collections.abc import Sequence
from typing import Annotated

import typer

from bot.cli.console import Failed, WrongUse, say, say_json

app = typer.Typer(help="The places where 2FA lives.", no_args_is_help=True)

_MOVED = ("import", "bind", "set-password", "suspend", "reinstate", "forget")
_ANYTHING = {"ignore_unknown_options": True, "allow_extra_args": True}


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show every directory: its type, what it can and cannot do, and whether it answers.

    Exits 1 if one does not answer.
    """
    from rich.table import Table

    from bot.directories.embedded import EmbeddedDirectory
    from bot.domain.ports.directory import Ability
    from bot.settings.loading import load_settings

    ((name, type_),) = load_settings().directories.items()
    can = [ability for ability in Ability if ability in EmbeddedDirectory.ABILITIES]
    cannot = [ability for ability in Ability if ability not in can]
    silence = _silence()
    if as_json:
        found = {"name": name, "type": type_, "can": can, "cannot": cannot, "answers": not silence}
        say_json({"directories": [found]})
    else:
        table = Table("name", "type", "can", "cannot", "answers")
        table.add_row(name, type_, _words(can), _words(cannot), "no" if silence else "yes")
        say(table)
    if silence:
        raise Failed(f"{name}: {silence}")


def _silence() -> str | None:
    """Return why the embedded directory does not answer, if it does not."""
    from bot.cli.tools import reading
    from bot.domain.model.ids import ContactId
    from storage.errors import StorageError

    try:
        tools = reading()
        with tools.database.snapshot() as uow:
            tools.services.ports.directory(uow).authenticators_of(ContactId("nobody"))
    except (Failed, StorageError) as error:
        return str(error)
    return None


def _words(abilities: Sequence[str]) -> str:
    return "\n".join(abilities).replace("_", " ") or "nothing"


def _moved(context: typer.Context) -> None:
    name = context.info_name
    raise WrongUse(f"“rekey directory {name}” is “rekey people {name}” now.")


for _name in _MOVED:
    app.command(_name, hidden=True, add_help_option=False, context_settings=_ANYTHING)(_moved)
