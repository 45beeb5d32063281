"""The fields of an import file: what each must look like, whichever format holds it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

from bot.domain.model.errors import FileFault
from bot.domain.model.ids import AccountId
from bot.domain.model.people import Account, Role, SlackIdentity, TwoFactor
from bot.domain.model.roster import RosterContact
from bot.domain.operator.import_plan import FileAccount, FileContact

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

LONGEST_TEXT = 200
_SHOWN = 60
"""Characters of a faulty value that a message repeats."""

_IDENTITY = ("slack_enterprise", "slack_team", "slack_user")
_JOINERS = str.maketrans("", "", "\u200c\u200d")  # unprintable, and needed to write some names


class Cell(NamedTuple):
    """A value as it was typed, `None` for none, and the line it stands in.

    `blamed` where something was said of it already, and its absence is no news.
    """

    text: str | None
    line: int
    blamed: bool = False


Cells = Mapping[str, Cell]


@dataclass(slots=True)
class Entries:
    """Turns fields into accounts and contacts, and collects what is wrong with them."""

    faults: list[FileFault] = field(default_factory=list)

    def blame(self, line: int | None, text: str) -> None:
        """Note a fault."""
        self.faults.append(FileFault(line, text))

    def account(self, cells: Cells, *, line: int) -> FileAccount | None:
        """Return the account; `None`, and faults, where a field does not do."""
        before = len(self.faults)
        account_id = self._needed(cells, "id", line, _account_id)
        name = self._needed(cells, "name", line, _text)
        two_factor = self._needed(cells, "two_factor", line, _two_factor)
        if account_id is None or name is None or two_factor is None or len(self.faults) > before:
            return None
        account = Account(id=AccountId(account_id), name=name, two_factor=two_factor)
        return FileAccount(line=line, account=account)

    def contact(
        self, cells: Cells, roles: Sequence[tuple[Cell, Cell]], *, line: int
    ) -> FileContact | None:
        """Return the contact; `None`, and faults, where a field does not do."""
        before = len(self.faults)
        email = self._needed(cells, "email", line, _email)
        username = self._needed(cells, "username", line, _username)
        name = self._needed(cells, "name", line, _text)
        phone = self._parsed(cells, "phone", _text)
        manager = self._parsed(cells, "manager", _email)
        slack = self._identity(cells)
        held = self._roles(roles)
        if email is None or username is None or name is None or len(self.faults) > before:
            return None
        contact = RosterContact(
            id=None,
            email=email.lower(),
            username=username,
            name=name,
            phone=phone,
            manager=manager.lower() if manager else None,
            slack=slack,
            roles={account: role for account, (role, _) in held.items()},
        )
        lines = {account: line for account, (_, line) in held.items()}
        return FileContact(line=line, contact=contact, role_lines=lines)

    def _identity(self, cells: Cells) -> SlackIdentity | None:
        enterprise = self._parsed(cells, "slack_enterprise", _enterprise)
        team = self._parsed(cells, "slack_team", _team)
        user = self._parsed(cells, "slack_user", _person)
        given = [cells[n] for n in _IDENTITY if _typed(cells, n)]
        missing = [n for n in ("team", "user") if given and not _typed(cells, f"slack_{n}")]
        if missing:
            self.blame(given[0].line, f"a Slack identity needs the {' and the '.join(missing)}")
        if team is None or user is None:
            return None
        return SlackIdentity(enterprise=enterprise, team=team, user=user)

    def _roles(self, roles: Sequence[tuple[Cell, Cell]]) -> dict[AccountId, tuple[Role, int]]:
        held: dict[AccountId, tuple[Role, int]] = {}
        for account_cell, role_cell in roles:
            cells = {"account": account_cell, "role": role_cell}
            typed = self._needed(cells, "account", account_cell.line, _account_id)
            role = self._needed(cells, "role", role_cell.line, _role)
            if typed is None or role is None:
                continue
            account_id = AccountId(typed)
            if account_id in held:
                self.blame(account_cell.line, f"a second role in the account {account_id}")
            held[account_id] = (role, account_cell.line)
        return held

    def _needed(self, cells: Cells, name: str, line: int, parse: Callable[[str], T]) -> T | None:
        cell = cells.get(name)
        if cell is None or not cell.text or cell.text.isspace():
            if cell is None or not cell.blamed:
                self.blame(cell.line if cell else line, f"the {name} is missing")
            return None
        return self._parsed(cells, name, parse)

    def _parsed(self, cells: Cells, name: str, parse: Callable[[str], T]) -> T | None:
        cell = cells.get(name)
        if cell is None or not cell.text or cell.text.isspace():
            return None
        text = cell.text.strip()
        try:
            return parse(text)
        except ValueError as unfit:
            self.blame(cell.line, f"the {name} {shown(text)} {unfit}")
            return None


def _text(text: str) -> str:
    """Return `text` in single spaces; raises `ValueError` for what cannot be shown."""
    tidy = " ".join(text.split())
    if not tidy.isprintable() and not tidy.translate(_JOINERS).isprintable():
        raise ValueError("holds characters that cannot be shown")
    if len(tidy) > LONGEST_TEXT:
        raise ValueError(f"is longer than {LONGEST_TEXT} characters")
    return tidy


def shown(text: str) -> str:
    """Return `text` quoted, cut and printable, for a message."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return repr(cut)


def _like(pattern: str, complaint: str) -> Callable[[str], str]:
    """Return what takes a text of that pattern, and raises `ValueError` for every other."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text) or not text.isprintable():
            raise ValueError(complaint)
        return text

    return parse


def _one_of(choices: type[E], complaint: str) -> Callable[[str], E]:
    """Return what takes one of the choices' values, and raises `ValueError` for every other."""
    known = {choice.value: choice for choice in choices}

    def parse(text: str) -> E:
        if text not in known:
            raise ValueError(complaint)
        return known[text]

    return parse


_NAME_IN_ADDRESS = r"[^@\s\"(),:;<>\[\\\]]"
_email = _like(rf"{_NAME_IN_ADDRESS}{{1,64}}@{_NAME_IN_ADDRESS}{{1,189}}", "is no e-mail address")
_username = _like(r"\S{1,64}", "is no user name: at most 64 characters, no spaces")
_account_id = _like(  # fits a Block Kit option's value
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "is no id: at most 64 letters, digits, dots, _ and -"
)
_enterprise = _like(r"E[A-Z0-9]{2,30}", "is no id of an enterprise, such as E012AB3CD")
_team = _like(r"T[A-Z0-9]{2,30}", "is no id of a workspace, such as T012AB3CD")
_person = _like(r"[UW][A-Z0-9]{2,30}", "is no id of a person, such as U012AB3CD")
_role = _one_of(Role, f"is none of {', '.join(Role)}")
_two_factor = _one_of(TwoFactor, f"is neither {' nor '.join(TwoFactor)}")


def _typed(cells: Cells, name: str) -> str:
    """Return what was typed, empty for nothing."""
    cell = cells.get(name)
    return (cell.text or "").strip() if cell else ""
