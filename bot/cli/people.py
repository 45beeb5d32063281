"""The commands on people: who there is, and what they may sign in with."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import Failed, WrongUse, ask_secretly, complain, say

app = typer.Typer(help="Accounts, contacts, and their passwords.", no_args_is_help=True)

_ASK_AT_MOST = 3

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The contact's e-mail address.")]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .yaml, .yml or .csv file.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would change, and change nothing.")
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Take every role from contacts whom the file leaves out."),
    ] = False,
) -> None:
    """Import accounts, contacts and roles: all or nothing, and a second time changes nothing.

    A Slack identity is bound to a contact who has none, and never changed.
    """
    from bot.cli.importing import import_file

    import_file(file, dry_run=dry_run, prune=prune)


@app.command()
def bind(
    yes: Annotated[bool, typer.Option("--yes", help="Bind every match without asking.")] = False,
    replaced: Annotated[
        str | None,
        typer.Option("--replace", metavar="EMAIL", help="Replace that contact's Slack account."),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="USER_ID", help="By this one; else by who has the address."),
    ] = None,
) -> None:
    """Match Slack's members with contacts by e-mail, and bind those that you accept.

    Whoever has a Slack account keeps it, unless --replace names them. Both accounts are then told,
    and every sign-in of theirs ends.
    """
    from bot.cli.binding import bind_members
    from bot.cli.rebinding import replace_identity

    if replaced is not None:
        replace_identity(replaced, to=to, yes=yes)
    elif to is not None:
        raise WrongUse("--to belongs to --replace.")
    else:
        bind_members(yes=yes)


@app.command("set-password")
def set_password(
    email: Email,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the password from standard input, one line.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Do not have it changed at the next sign-in.")
    ] = False,
) -> None:
    """Set a contact's password for the embedded Portal; every session of theirs ends."""
    from bot.cli.tools import writing

    tools = writing()
    password = _read_line() if stdin else _ask_twice()
    contact = tools.services.operators.set_password(
        email, password, must_change=not keep, operator=tools.operator
    )
    then = "" if keep else ", to be changed at the next sign-in"
    say(f"The password of {contact.email} was set{then}.")


@app.command()
def suspend(
    email: Email,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
) -> None:
    """Suspend a contact's sign-in until it is reinstated; every session of theirs ends."""
    from bot.cli.tools import writing

    tools = writing()
    contact = tools.services.suspensions.suspend(email, reason=reason, operator=tools.operator)
    say(f"The sign-in of {contact.email} is suspended, and every session has ended.")


@app.command()
def reinstate(
    email: Email,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
) -> None:
    """Lift a suspension, whatever its cause; 2FA that is missing is set up at the next sign-in."""
    from bot.cli.tools import writing

    tools = writing()
    done = tools.services.suspensions.reinstate(email, reason=reason, operator=tools.operator)
    then = "sets 2FA up at the next sign-in" if done.case else "signs in as before"
    say(f"{done.contact.email} is no longer suspended, and {then}.")


@app.command()
def forget(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
) -> None:
    """Erase a leaver's personal data, for good; the audit chain keeps what was done.

    For who belongs to no account any more. Backups are yours to see to.
    """
    from bot.cli.forgetting import forget_contact

    forget_contact(email, yes=yes)


def _read_line() -> str:
    try:
        line = sys.stdin.readline()
    except UnicodeDecodeError:
        raise WrongUse("The password on standard input is not UTF-8 text.") from None
    return line.removesuffix("\n").removesuffix("\r")


def _ask_twice() -> str:
    if not sys.stdin.isatty():
        raise WrongUse("There is no terminal to ask at: use --stdin.")
    for _ in range(_ASK_AT_MOST):
        password = ask_secretly("New password:")
        if ask_secretly("The same again:") == password:
            return password
        complain("These two differ; once more, please.")
    raise Failed("No password was given twice; nothing was changed.")
