"""`rekey status`: the cases and what they wait for; a contact's authenticators."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import most_shown, remark, say, say_json, standard_error, warn
from bot.domain.model.cases import CaseState
from bot.domain.model.people import SuspensionCause

if TYPE_CHECKING:
    from rich.table import Table

    from bot.domain.model.cases import Case
    from bot.domain.model.notices import Message
    from bot.domain.model.people import Authenticator, Contact, Suspension
    from bot.domain.model.views import CaseView
    from bot.domain.ports.unit_of_work import UnitOfWork

_CAUSES = {
    SuspensionCause.VETOED: "“This wasn't me” was pressed",
    SuspensionCause.LAPSED: "2FA was not set up in time",
    SuspensionCause.OPERATOR: "by the operator",
}


def status(
    email: Annotated[
        str | None, typer.Argument(metavar="[EMAIL]", help="A contact's e-mail address.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the cases that wait for something, or one contact's authenticators and cases."""
    from bot.cli.tools import reading

    tools = reading()
    with tools.database.snapshot() as uow:
        if email is None:
            _all(uow, as_json=as_json)
        else:
            _one(uow, email, as_json=as_json)


def _all(uow: "UnitOfWork", *, as_json: bool) -> None:
    from bot.domain.record.case_views import case_view

    views = [case_view(uow, case) for case in uow.cases.waiting()]
    if as_json:
        say_json(
            {"cases": [{**case_json(view), "subscriber": view.subscriber.email} for view in views]}
        )
        return
    if views:
        say(_case_table(views))
    else:
        say("No case waits for anything.")
    if suspended := _suspended(uow):
        say(_suspension_table(suspended))
    undelivered = uow.outbox.undelivered()
    if undelivered:
        say(_message_table(uow, undelivered))
    backlog = uow.outbox.backlog()
    if backlog.oldest_at:
        wait = "message waits" if backlog.pending == 1 else "messages wait"
        say(f"{backlog.pending} {wait} to leave, the oldest since {_shown(backlog.oldest_at)}.")
    _warn_of_cover(uow)


def _warn_of_cover(uow: "UnitOfWork") -> None:
    """Warn of every administrator and owner whom fewer than two people can reset."""
    from bot.cli.importing import cover_sentence
    from bot.domain.standing.lockout_risk import weakly_covered

    weak = weakly_covered(uow, uow.contacts.account_ids())
    shown = weak[: most_shown(standard_error())]
    for contact, number in shown:
        warn(cover_sentence(contact, number))
    if more := len(weak) - len(shown):
        remark(f"… and {more} more whom fewer than two can reset")


def _one(uow: "UnitOfWork", email: str, *, as_json: bool) -> None:
    from bot.domain.model.errors import ContactNotFound
    from bot.domain.record.case_views import case_view
    from bot.domain.standing.suspensions import suspensions_that_hold

    contact = uow.contacts.by_email(email)
    if contact is None:
        raise ContactNotFound
    authenticators = uow.authenticators.active_of(contact.id)
    views = [case_view(uow, case) for case in uow.cases.of(contact.id)]
    if as_json:
        say_json(
            {
                "contact": {
                    "email": contact.email,
                    "name": contact.name,
                    "suspended": contact.suspended,
                    "set_up_required": contact.set_up_required,
                },
                "authenticators": [_authenticator(a) for a in authenticators],
                "cases": [case_json(view) for view in views],
            }
        )
        return
    say("\n".join(_lines(contact, suspensions_that_hold(uow, contact.id))))
    say(_authenticator_table(authenticators) if authenticators else "No active authenticator.")
    say(_case_table(views) if views else "No case.")


def case_json(view: "CaseView") -> dict[str, object]:
    """Return a case as the contract has it."""
    case = view.case
    return {
        "id": case.id,
        "kind": case.kind,
        "state": case.state,
        "account": case.account_id,
        "admin": view.admin.email if view.admin else None,
        "opened_at": case.opened_at.isoformat(),
        "completed_at": _iso(case.completed_at),
        "reminders_sent": case.reminders_sent,
    }


def _authenticator(authenticator: "Authenticator") -> dict[str, object]:
    return {
        "id": authenticator.id,
        "type": authenticator.type,
        "state": authenticator.state,
        "bound_at": _iso(authenticator.bound_at),
        "last_used_at": _iso(authenticator.last_used_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _shown(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _lines(contact: "Contact", suspensions: "Sequence[Suspension]") -> list[str]:
    """Say who that is, by what to call them back, and since when and why they are suspended."""
    from bot.domain.operator.import_plan import describe_identity

    return [
        _sentence(contact),
        *(f"Suspended since {_shown(s.suspended_at)}: {_CAUSES[s.cause]}" for s in suspensions),
        f"User name: {contact.username}",
        f"Number on file: {contact.phone or 'none'}",
        f"Manager: {contact.manager or 'none'}",
        f"Slack identity: {describe_identity(contact.slack)}",
    ]


def _sentence(contact: "Contact") -> str:
    marks = [
        text
        for holds, text in (
            (contact.suspended, "suspended"),
            (contact.set_up_required, "has to set 2FA up"),
            (not contact.memberships, "without a role"),
        )
        if holds
    ]
    roles = ", ".join(f"{m.role} of {m.account.name}" for m in contact.memberships)
    about = "; ".join(part for part in (roles, *marks) if part)
    return f"{contact.name} <{contact.email}>: {about}"


def _table(title: str, *columns: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "id")  # an id is copied
    return table


def _authenticator_table(authenticators: Sequence["Authenticator"]) -> "Table":
    table = _table("Authenticators", "id", "type", "bound", "last used")
    for a in authenticators:
        table.add_row(a.id, a.type, _shown(a.bound_at), _shown(a.last_used_at))
    return table


def _case_table(views: Sequence["CaseView"]) -> "Table":
    table = _table("Cases", "opened", "id", "whose", "admin", "state", "waits for")
    for view in views:
        table.add_row(
            _shown(view.case.opened_at),
            view.case.id,
            view.subscriber.email,
            view.admin.email if view.admin else view.case.kind.replace("_", " "),
            view.case.state.replace("_", " "),
            _waits_for(view.case),
        )
    return table


def _suspended(uow: "UnitOfWork") -> "list[tuple[Contact, Suspension]]":
    """Return who is suspended, and by what; not those who have left, who sign in nowhere."""
    found = [(uow.contacts.get(each.contact_id), each) for each in uow.suspensions.holding()]
    return [(contact, each) for contact, each in found if contact and contact.memberships]


def _suspension_table(suspended: "Sequence[tuple[Contact, Suspension]]") -> "Table":
    table = _table("Suspended", "whose", "since", "why")
    for contact, suspension in suspended:
        since = _shown(suspension.suspended_at)
        table.add_row(contact.email, since, _CAUSES[suspension.cause])
    return table


def _waits_for(case: "Case") -> str:
    sent = case.reminders_sent
    waiting = {
        CaseState.AWAITING_CONFIRMATION: f"the admin's Yes, until {_shown(case.confirm_by)}",
        CaseState.EXECUTING: "the directory",
        CaseState.COMPLETED: f"the set-up; {sent} reminder{'' if sent == 1 else 's'} sent",
        CaseState.LAPSED: "a new reset: set-up took too long, and the sign-in is suspended",
        CaseState.VETOED: "another admin's reset, or rekey people reinstate: it was reported",
        CaseState.FAILED: "a new reset: this one is half done",
    }
    return waiting.get(case.state, "nothing")


def _message_table(uow: "UnitOfWork", messages: Sequence["Message"]) -> "Table":
    columns = ("written", "about", "to", "by", "tries", "error", "next try")
    table = _table("Undelivered messages", *columns)
    for message in messages:
        notice = message.notice
        contact = uow.contacts.get(notice.contact_id) if notice.contact_id else None
        table.add_row(
            _shown(message.created_at),
            notice.kind.replace("_", " "),
            contact.email if contact else notice.slack_address or "whoever typed",
            notice.channel,
            str(message.attempts),
            message.error or "",
            "given up" if message.failed_at else _shown(message.next_attempt_at),
        )
    return table
