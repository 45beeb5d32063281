"""Accounts and contacts from CSV: one row a role, the contact's other fields the same in each."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO

from bot.domain.model.errors import ImportFileUnfit
from bot.domain.operator.import_plan import FileAccount, RosterFile
from bot.people.entries import Cell, Cells, Entries, shown

_PERSON = (
    "email",
    "username",
    "name",
    "phone",
    "manager",
    "slack_enterprise",
    "slack_team",
    "slack_user",
)
COLUMNS = (*_PERSON, "account", "account_name", "two_factor", "role")

_TICK = 2_000
"""Rows between two reports of progress."""


@dataclass(frozen=True, slots=True)
class _Person:
    """One contact's rows: the fields of the first, and the roles of all."""

    line: int
    cells: Cells
    roles: list[tuple[Cell, Cell]] = field(default_factory=list)


def read_csv(text: str, *, advance: Callable[[int], None]) -> RosterFile:
    """Return the accounts and contacts in `text`; raises `ImportFileUnfit` with every fault.

    `advance` is told from time to time how many characters were read, about.
    """
    entries = Entries()
    people: dict[str, _Person] = {}
    accounts: dict[str, Cells] = {}
    for cells, line in _rows(text, entries, advance):
        _add_person(people, cells, line, entries)
        _add_account(accounts, cells, entries)
    contacts = [entries.contact(p.cells, p.roles, line=p.line) for p in people.values()]
    known = [_account(cells, entries) for cells in accounts.values()]
    if entries.faults:
        raise ImportFileUnfit(entries.faults)
    return RosterFile(
        accounts=tuple(account for account in known if account),
        contacts=tuple(contact for contact in contacts if contact),
    )


def _rows(
    text: str, entries: Entries, advance: Callable[[int], None]
) -> Iterator[tuple[Cells, int]]:
    """Yield each row by column, and the line in which it begins."""
    stream = StringIO(text, newline="")
    reader = csv.reader(stream, strict=True)
    line = 1
    try:
        columns = _header(next(reader, []), entries)
        line = reader.line_num + 1
        for number, row in enumerate(reader):
            if columns and row:
                if len(row) == len(columns):
                    cells = zip(columns, row, strict=True)
                    yield {name: Cell(text or None, line) for name, text in cells}, line
                else:
                    entries.blame(line, f"{len(row)} fields, and {len(columns)} are expected")
            line = reader.line_num + 1
            if number % _TICK == 0:
                advance(stream.tell())
    except csv.Error as broken:
        entries.blame(line, f"this is not CSV: {broken}")


def _header(row: list[str], entries: Entries) -> tuple[str, ...]:
    """Return the columns' names, none where they do not do."""
    names = tuple(name.strip() for name in row)
    if not any(names):
        entries.blame(None, "the file is empty")
        return ()
    before = len(entries.faults)
    for name in names:
        if name not in COLUMNS:
            entries.blame(1, f"the column {shown(name)} is not known")
        elif names.count(name) > 1:
            entries.blame(1, f"the column {name} stands there twice")
    for name in COLUMNS:
        if name not in names:
            entries.blame(1, f"the column {name} is missing")
    return names if len(entries.faults) == before else ()


def _add_person(people: dict[str, _Person], cells: Cells, line: int, entries: Entries) -> None:
    key = (cells["email"].text or f"line {line}").strip().lower()
    person = people.setdefault(key, _Person(line, {name: cells[name] for name in _PERSON}))
    for name in _PERSON[1:]:
        _same(person.cells[name], cells[name], f"{name} of {shown(key)}", entries)
    if cells["account"].text or cells["role"].text:
        person.roles.append((cells["account"], cells["role"]))


def _add_account(accounts: dict[str, Cells], cells: Cells, entries: Entries) -> None:
    account_id = (cells["account"].text or "").strip()
    said = {name: cells[name] for name in ("account_name", "two_factor") if cells[name].text}
    if not account_id:
        for name, cell in said.items():
            entries.blame(cell.line, f"the {name} {shown(cell.text or '')} is of no account")
        return
    if not said:
        return  # an account that another row, or the directory, describes
    known = accounts.setdefault(account_id, {})
    for name, cell in said.items():
        _same(known.get(name, cell), cell, f"{name} of {shown(account_id)}", entries)
    accounts[account_id] = {"id": cells["account"], **said, **known}


def _same(first: Cell, other: Cell, what: str, entries: Entries) -> None:
    if (first.text or "").strip() != (other.text or "").strip():
        entries.blame(other.line, f"the {what} differs from line {first.line}")


def _account(cells: Mapping[str, Cell], entries: Entries) -> FileAccount | None:
    named = {"account_name": "name"}
    fields = {named.get(name, name): cell for name, cell in cells.items()}
    return entries.account(fields, line=cells["id"].line)
