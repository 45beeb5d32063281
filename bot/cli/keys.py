"""The keys under which shared secrets are encrypted."""

import typer

from bot.cli.console import say

app = typer.Typer(help="The keys that encrypt shared secrets.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    pass


@app.command()
def rotate() -> None:
    """Encrypt every shared secret under the first key of REKEY_SECRET_KEYS.

    Put a new key in front, keep the old ones, run this, and remove the old ones afterwards.
    """
    from bot.cli.tools import writing
    from bot.domain.audit import AuditEvent
    from bot.domain.journal import OPERATOR
    from bot.domain.notices import Notice, NoticeKind
    from bot.settings import Need

    tools = writing(Need.KEYS)
    with tools.database.unit_of_work() as uow:
        moved = uow.authenticators.re_encrypt()
        event = AuditEvent(
            tag="operator:keys:rotated",
            at=tools.clock.now(),
            actor=OPERATOR,
            details={"secrets": str(moved), **tools.operator.details()},
        )
        uow.audit.record(event)
        if tools.settings.audit_channel is not None:
            notice = Notice(
                kind=NoticeKind.OPERATOR_ACTED,
                slack_address=tools.settings.audit_channel,
                facts={"act": "encrypted every shared secret under another key"},
            )
            uow.outbox.add(notice, now=event.at)
        uow.commit()
    say(f"{moved} shared secrets were encrypted anew; all are under the first key now.")
