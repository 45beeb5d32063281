"""`rekey people import`: the file read, the diff printed."""

import gc
import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.text import Text

from bot.cli.console import (
    Failed,
    WrongUse,
    most_shown,
    progress,
    remark,
    say,
    standard_error,
    standard_output,
    warn,
)
from bot.cli.tools import Tools, database_file, reading, writing
from bot.domain.model.errors import FileFault, ImportFileUnfit
from bot.domain.model.people import Contact
from bot.domain.model.roster import ChangeKind, Roster, RosterChange
from bot.domain.operator.import_plan import ImportPlan, RosterFile, plan_import
from bot.domain.standing.lockout_risk import weakly_covered
from bot.people.files import READERS, read_roster
from bot.settings.loading import load_settings

MOST_LINES = 50
"""Of a diff, on a terminal; everything else gets all of it."""

_SIGNS = {
    ChangeKind.ACCOUNT_ADDED: ("+ account", "green"),
    ChangeKind.ACCOUNT_CHANGED: ("~ account", "yellow"),
    ChangeKind.CONTACT_ADDED: ("+ contact", "green"),
    ChangeKind.CONTACT_CHANGED: ("~ contact", "yellow"),
    ChangeKind.CONTACT_REMOVED: ("- contact", "red"),
}


def import_file(file: Path, *, dry_run: bool, prune: bool) -> None:
    """Import the file, or tell what that would change."""
    if file.suffix.lower() not in READERS:
        raise WrongUse(f"{file} must end in {', '.join(READERS)}.")
    try:
        content = file.read_bytes()
    except OSError as unreadable:
        raise WrongUse(f"{file} cannot be read: {unreadable.strerror}.") from None
    act = _preview if dry_run else _run
    with _without_collecting():
        try:
            plan = act(file, content, prune=prune)
        except ImportFileUnfit as unfit:
            raise Failed(_faults(file, unfit.faults)) from None
        _print(plan, dry_run=dry_run)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Save a quarter of a big import's time: its millions of objects hold no cycles to collect."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read(file: Path, content: bytes) -> RosterFile:
    with progress("Reading") as advance:
        return read_roster(file, content, advance=lambda done: advance(done, len(content)))


def _preview(file: Path, content: bytes, *, prune: bool) -> ImportPlan:
    roster = _read(file, content)
    database = database_file(load_settings())
    if database is not None and not database.exists():  # which a dry run must not make
        return plan_import(roster, Roster(), prune=prune)
    return reading().services.imports.preview(roster, prune=prune)


def _run(file: Path, content: bytes, *, prune: bool) -> ImportPlan:
    tools = writing(new=True)
    origin = {"file": file.name, "sha256": hashlib.sha256(content).hexdigest()}
    with progress("Importing") as advance:
        plan = tools.services.imports.run(
            lambda: read_roster(file, content, advance=lambda done: advance(done, len(content))),
            prune=prune,
            operator=tools.operator,
            origin=origin,
            advance=advance,
        )
        warnings = _cover_warnings(tools, plan)
    _warn(warnings)
    return plan


def _cover_warnings(tools: Tools, plan: ImportPlan) -> list[str]:
    with tools.database.snapshot() as uow:
        weak = weakly_covered(uow, plan.after.accounts)
    return [cover_sentence(contact, number) for contact, number in weak]


def cover_sentence(contact: Contact, number: int) -> str:
    """Say that few people can reset that administrator or owner."""
    return f"{'nobody' if number == 0 else 'only one person'} can reset {contact.email}"


def _print(plan: ImportPlan, *, dry_run: bool) -> None:
    if plan.changes:
        _print_diff(plan.changes)
    _warn(plan.warnings)
    counts = [_counted(plan.count(kind), kind) for kind in ChangeKind if plan.count(kind)]
    summary = f"{', '.join(counts)}." if counts else "Nothing to change."
    say(summary)
    if dry_run and counts:
        say("This was a dry run: nothing was changed.")


def _print_diff(changes: tuple[RosterChange, ...]) -> None:
    console = standard_output()
    if not console.is_terminal:  # by far quicker without rich, and as good
        for change in changes:
            sign, _ = _SIGNS[change.kind]
            sys.stdout.write(f"{sign} {_name(change)}  {_fields(change)}\n")
        return
    for change in changes[:MOST_LINES]:
        sign, style = _SIGNS[change.kind]
        console.print(Text.assemble((f"{sign} {_name(change)}", style), f"  {_fields(change)}"))
    if len(changes) > MOST_LINES:
        console.print(f"… and {len(changes) - MOST_LINES} more")


def _name(change: RosterChange) -> str:
    return change.account.id if change.account else change.contact.email if change.contact else ""


def _fields(change: RosterChange) -> str:
    was = {name: f"{value} → " for name, value in change.was.items()}
    return "; ".join(f"{name}: {was.get(name, '')}{now}" for name, now in change.now.items())


def _counted(number: int, kind: ChangeKind) -> str:
    thing, _, done = kind.partition("_")
    return f"{number} {thing}{'' if number == 1 else 's'} {done}"


def _warn(warnings: Sequence[str]) -> None:
    shown = warnings[: most_shown(standard_error())]
    for text in shown:
        warn(text)
    if more := len(warnings) - len(shown):
        remark(f"… and {more} more warnings")


def _faults(file: Path, faults: Sequence[FileFault]) -> str:
    shown = faults[: most_shown(standard_error())]
    lines = [
        f"{file}, line {fault.line}: {fault.text}." if fault.line else f"{file}: {fault.text}."
        for fault in shown
    ]
    if more := len(faults) - len(shown):
        lines.append(f"… and {more} more.")
    return "\n".join([*lines, "Nothing was changed."])
