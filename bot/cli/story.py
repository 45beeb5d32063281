"""`rekey audit show`: one case's story, in order, in words or as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from bot.blocks.story import particulars, sentence
from bot.blocks.wording import tidy
from bot.cli.console import Failed, say, say_json
from bot.cli.status import case_json
from bot.cli.tools import reading
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.record.case_views import case_view

if TYPE_CHECKING:
    from bot.domain.model.audit import AuditRecord
    from bot.domain.model.people import Contact
    from bot.domain.model.views import CaseView
    from bot.domain.ports.unit_of_work import UnitOfWork


def show_case(case_id: str, *, as_json: bool) -> None:
    """Tell the story of the case; raises `Failed` where there is none of that id."""
    with reading().database.snapshot() as uow:
        case = uow.cases.get(CaseId(case_id))
        if case is None:
            raise Failed(f"There is no case {tidy(case_id, limit=100)}.")
        view = case_view(uow, case)
        records = list(uow.audit.records(case=case.id))
        names = _names(uow, records)
    if as_json:
        told = [{**record_json(record), "text": sentence(record, names)} for record in records]
        about = {**case_json(view), "subscriber": view.subscriber.email, "ticket": case.ticket}
        say_json({"case": about, "records": told})
        return
    for line in (*_heading(view), "", *_story(records, names)):
        say(line)


def record_json(record: "AuditRecord") -> dict[str, object]:
    """Return the record as it is exported: its time is spelt as it is in the chain."""
    return {**asdict(record), "at": record.at.isoformat(timespec="microseconds")}


def _names(uow: "UnitOfWork", records: "Iterable[AuditRecord]") -> dict[str, str]:
    """Return the names of everybody, and of every account, in the records."""
    names: dict[str, str] = {}
    for record in records:
        for key in {record.actor, record.subscriber} - names.keys():
            contact = uow.contacts.get(ContactId(key)) if key else None
            if key and contact is not None:
                names[key] = contact.name
        account = uow.contacts.account(AccountId(record.account)) if record.account else None
        if account is not None:
            names[account.id] = account.name
    return names


def _heading(view: "CaseView") -> list[str]:
    case = view.case
    pairs = {
        "kind": case.kind.replace("_", " "),
        "state": case.state.replace("_", " "),
        "account": f"{tidy(view.account.name)} ({case.account_id})",
        "subscriber": _person(view.subscriber),
        "admin": _person(view.admin) if view.admin else "none",
        "ticket": tidy(case.ticket) if case.ticket else "none",
    }
    return [f"Case {case.id}", *(f"  {label:<12}{value}" for label, value in pairs.items())]


def _person(contact: "Contact") -> str:
    return f"{tidy(contact.name)} <{tidy(contact.email)}>"


def _story(records: "Iterable[AuditRecord]", names: Mapping[str, str]) -> Iterable[str]:
    for record in records:
        at = _time(record.at)
        yield f"{at}  {sentence(record, names)}"
        for label, value in particulars(record):
            yield f"{'':{len(at)}}  {label}: {value}"
        if record.details is None:
            yield f"{'':{len(at)}}  (its details were erased)"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
