"""`rekey reset`: the operator's own reset, for whoever nobody in Slack may reset."""

from typing import Annotated

import typer

from bot.cli.console import Failed, confirm, remark, say, say_json


def reset(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="The contact's e-mail address.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Even though somebody in Slack may do it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the case as JSON.")] = False,
) -> None:
    """Break-glass: reset the 2FA of a contact whom nobody in Slack may reset.

    They, the owners and the audit channel are told. Slack need not be reachable.
    """
    from bot.cli.tools import writing
    from bot.domain.model.cases import CaseState

    tools = writing()
    resets, operator = tools.services.operator_resets, tools.operator
    emergency = resets.authorize(email, reason=reason, force=force, operator=operator)
    contact = emergency.contact
    if not yes:
        number = f"number on file: {contact.phone or 'none'}"
        confirm(f"Reset the 2FA of {contact.name} <{contact.email}>, {number}?")
    done = resets.reset(email, reason=reason, force=force, operator=operator)
    if as_json:
        say_json({"case": done.case.id, "state": done.case.state})
    if done.case.state is CaseState.EXECUTING:
        raise Failed(
            f"The directory has not answered yet. Case {done.case.id} goes on by itself while "
            "“rekey serve” runs."
        )
    if done.case.state is not CaseState.COMPLETED:
        raise Failed(f"The directory refused; case {done.case.id} is half done.")
    told = f"The 2FA of {contact.email} was reset: case {done.case.id}."
    if as_json:
        remark(told)
    else:
        say(told)
    remark("They set 2FA up again at the next sign-in. Call them: it may not be they who asked.")
