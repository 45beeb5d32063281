"""Every command, as `rekey --help` lists them."""

from typing import Annotated

import typer

from bot import __version__
from bot.cli import (
    audit,
    directory,
    doctor,
    enrolment,
    hand_over,
    keys,
    operator,
    people,
    serving,
    status,
)
from bot.cli.console import say

app = typer.Typer(
    name="rekey",
    help="Reset a person's two-factor authentication (2FA) from Slack, safely.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Settings come from the environment, a .env file or rekey.toml. Exit codes: 0 done, 1 a "
    "check or rule said no, 2 wrong use.",
)


def _version(asked: bool) -> None:
    if asked:
        say(f"rekey {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


app.command("playground")(serving.playground)
app.command("serve")(serving.serve)
app.command("doctor")(doctor.doctor)
app.add_typer(serving.database, name="db")
app.add_typer(people.app, name="people")
app.add_typer(directory.app, name="directory")
app.command("enrol")(enrolment.enrol)
app.command("reset")(operator.reset)
app.command("set-up-code")(hand_over.set_up_code)
app.command("status")(status.status)
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
