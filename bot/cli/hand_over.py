"""`rekey set-up-code`: the operator's hand-over, where no administrator can do it."""

from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Failed, remark, say, say_json

if TYPE_CHECKING:
    from bot.domain.model.people import Session
    from bot.domain.set_up.handing_over import HandedOver


def set_up_code(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The contact's e-mail address.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="ID", help="Which sign-in, where several wait."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the set-up code of a sign-in that waits, to give it to that person.

    Give it in person or by calling the number on file, never a number that the caller gave you.
    The person, the owners and the audit channel are told.
    """
    from bot.cli.tools import writing
    from bot.domain.model.errors import SignInMissing
    from bot.domain.model.ids import SessionId
    from bot.settings.settings import Need

    tools = writing(Need.KEYS)
    service = tools.services.operator_hand_over
    chosen = SessionId(session) if session else None
    try:
        handed_over = service.hand_over(
            email, session_id=chosen, reason=reason, operator=tools.operator
        )
    except SignInMissing:
        _list(service.waiting(email))
        raise Failed("Say which of these sign-ins is theirs: add --session ID.") from None
    if as_json:
        _say_json(handed_over)
    else:
        _say(handed_over)


def _say_json(handed_over: "HandedOver") -> None:
    shown = handed_over.shown
    say_json(
        {
            "set_up_code": shown.code,
            "session": shown.session.id,
            "expires_at": shown.expires_at.isoformat(),
        }
    )


def _say(handed_over: "HandedOver") -> None:
    """Write the code alone to standard output, and to whom and how to give it beside it."""
    from bot.blocks.wording import tidy, utc

    contact, shown = handed_over.subscriber, handed_over.shown
    number = tidy(contact.phone or "none on file")
    remark(f"For {tidy(contact.name)}, number on file: {number}. {_sign_in(shown.session)}")
    say(shown.code)
    remark(f"Valid until {utc(shown.expires_at)}, once.")


def _list(sessions: "tuple[Session, ...]") -> None:
    for session in sessions:
        remark(f"{session.id}  {_sign_in(session)}")


def _sign_in(session: "Session") -> str:
    from bot.blocks.wording import tidy, utc

    where = f"{tidy(session.browser, limit=80)}, {tidy(session.address, limit=40)}"
    return f"The sign-in of {utc(session.created_at)}: {where}."
