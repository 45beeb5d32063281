"""`rekey enrol`: a first authenticator, bound at the console."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Failed, ask, complain, remark, say, say_json, standard_output

if TYPE_CHECKING:
    from bot.cli.tools import Tools
    from bot.domain.operator.enrolling import Enrolment

_GROUP = 4
_ASK_AT_MOST = 5


def enrol(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The contact's e-mail address.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the secret as JSON, and ask for no code.")
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="CODE", help="Bind what was begun, by its first code."),
    ] = None,
) -> None:
    """Bind a first authenticator at the console: show its key and QR code, ask for its first code.

    With --json, or when stopped at the question, --confirm binds it within 10 minutes.
    """
    from bot.cli.tools import writing
    from bot.settings.settings import Need

    tools = writing(Need.KEYS)
    if confirm is not None:
        _confirm(tools, email, confirm, as_json=as_json)
        return
    enrolment = tools.services.operators.begin_enrolment(email, operator=tools.operator)
    if as_json:
        say_json(
            {
                "secret": enrolment.secret,
                "otpauth_uri": enrolment.otpauth_uri,
                "authenticator_id": enrolment.authenticator_id,
            }
        )
        return
    _show(enrolment)
    _ask(tools, email)


def _confirm(tools: "Tools", email: str, code: str, *, as_json: bool) -> None:
    contact = tools.services.operators.confirm_enrolment(email, code, operator=tools.operator)
    done = f"The authenticator of {contact.email} is bound."
    if as_json:
        remark(done)
    else:
        say(done)


def _show(enrolment: "Enrolment") -> None:
    import segno

    if standard_output().is_terminal:
        segno.make(enrolment.otpauth_uri).terminal(compact=True)
    secret = enrolment.secret
    groups = " ".join(secret[i : i + _GROUP] for i in range(0, len(secret), _GROUP))
    say(f"Key: {groups}")
    say(f"URI: {enrolment.otpauth_uri}")


def _ask(tools: "Tools", email: str) -> None:
    """Ask for the first code; at a terminal, again after a wrong one."""
    from bot.cli.sentences import refusal_sentence
    from bot.domain.model.errors import CodeMalformed, CodeWrong

    tries = _ASK_AT_MOST if sys.stdin.isatty() else 1
    for remaining in reversed(range(tries)):
        try:
            code = ask("First code:")
        except (typer.Abort, KeyboardInterrupt):
            raise Failed(
                f"Nothing is bound yet: rekey enrol {email} --confirm CODE does it within "
                f"10 minutes."
            ) from None
        try:
            _confirm(tools, email, code, as_json=False)
        except (CodeMalformed, CodeWrong) as refusal:
            if not remaining:
                raise
            complain(refusal_sentence(refusal))
        else:
            return
