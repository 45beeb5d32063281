"""The audit chain: verified, told by its head, exported, and one case's story of it."""

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import Failed, WrongUse, progress, say, warn

if TYPE_CHECKING:
    from bot.domain.model.audit import AuditRecord

app = typer.Typer(help="The audit chain.", no_args_is_help=True)

_HASH = re.compile(r"[0-9a-f]{64}")
_TICK = 1_000
_FORMULA = ("=", "+", "-", "@")


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


@app.command()
def verify(
    expect_head: Annotated[
        str | None,
        typer.Option(
            "--expect-head",
            metavar="HASH",
            help="A head kept elsewhere, which the chain must hold.",
        ),
    ] = None,
) -> None:
    """Check the whole chain, offline.

    Only with --expect-head does a chain show that was cut short or made anew.
    """
    from bot.cli.tools import reading
    from bot.domain.model.audit import verify_chain

    if expect_head is not None and not _HASH.fullmatch(expect_head := expect_head.lower()):
        raise WrongUse("A head is 64 hexadecimal digits, as rekey audit head prints them.")
    with reading().database.snapshot() as uow, progress("Verifying") as advance:
        head, number = uow.audit.head()
        records = _counted(uow.audit.records(), lambda done: advance(done, number))
        found = verify_chain(records, expected_head=expect_head)
    fault = found.fault
    if fault is None and (found.head, found.records) != (head, number):
        fault = f"{found.records} records are there, and {number} were written"
    if fault is not None:
        raise Failed(f"The audit chain does not hold: {fault}.")
    say(f"{found.records} records hold; head {found.head} {found.records}; {found.erased} erased")
    if found.erased:
        say(
            "Erased are details beside the chain: names, reasons and addresses, as rekey people "
            "forget takes them away. What the chain itself says is whole."
        )


@app.command()
def head() -> None:
    """Print the hash and the number of the last record, to be kept elsewhere."""
    from bot.cli.tools import reading

    with reading().database.snapshot() as uow:
        last, number = uow.audit.head()
    say(f"{last} {number}")


@app.command()
def show(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell one case's story in order: when, what, by whom."""
    from bot.cli.story import show_case

    show_case(case, as_json=as_json)


@app.command()
def export(
    form: Annotated[Format, typer.Option("--format", help="One JSON object a line, or CSV.")] = (
        Format.JSONL
    ),
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="From this ISO 8601 date or instant on.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Before this ISO 8601 date or instant.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(metavar="ID", help="Records of this account only.")
    ] = None,
) -> None:
    """Write the records, with their details, to standard output.

    Times without an offset are UTC.
    """
    from bot.cli.tools import reading
    from bot.domain.model.ids import AccountId

    earliest, latest = _instant("--since", since), _instant("--until", until)
    write = _write_csv if form is Format.CSV else _write_jsonl
    with reading().database.snapshot() as uow:
        if account and account not in uow.contacts.account_ids():
            warn(f"no account has the id {account}")
        write(
            uow.audit.records(
                since=earliest,
                until=latest,
                account=AccountId(account) if account else None,
            )
        )


def _counted(
    records: "Iterable[AuditRecord]", advance: Callable[[int], None]
) -> "Iterator[AuditRecord]":
    for done, record in enumerate(records):
        if done % _TICK == 0:
            advance(done)
        yield record


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise WrongUse(
            f"{option} takes an ISO 8601 date or instant, such as 2026-01-31T09:00:00Z."
        ) from None


def csv_columns() -> list[str]:
    """Return the columns of the CSV: those of a record, and the ticket out of its details."""
    from bot.domain.model.audit import AuditRecord

    return [*(field.name for field in fields(AuditRecord)), "ticket"]


def _write_jsonl(records: "Iterable[AuditRecord]") -> None:
    from bot.cli.story import record_json

    for record in records:
        sys.stdout.write(f"{json.dumps(record_json(record), ensure_ascii=False)}\n")


def _write_csv(records: "Iterable[AuditRecord]") -> None:
    from bot.cli.story import record_json

    line = io.StringIO()
    writer = csv.DictWriter(line, csv_columns())
    writer.writeheader()
    for record in records:
        _flush(line)
        details = None if record.details is None else json.dumps(record.details)
        ticket = _no_formula((record.details or {}).get("ticket", ""))
        writer.writerow({**record_json(record), "details": details, "ticket": ticket})
    _flush(line)


def _no_formula(typed: str) -> str:
    """Mark as text what a spreadsheet would otherwise compute; `details` have it as it is."""
    return f"'{typed}" if typed.startswith(_FORMULA) else typed


def _flush(line: io.StringIO) -> None:
    sys.stdout.write(line.getvalue())
    line.seek(0)
    line.truncate()
