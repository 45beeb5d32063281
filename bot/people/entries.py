"""The fields of an import file: what each must look like, whichever format holds it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from bot.domain.model.errors import FileFault
from bot.domain.model.ids import AccountId
from bot.domain.model.people import Account, Role, SlackIdentity, TwoFactor
from bot.domain.model.roster import RosterContact
from bot.domain.operator.import_plan import FileAccount, FileContact

T = TypeVar("T")

LONGEST_TEXT = 200
_SHOWN = 60
"""Characters of a faulty value that a message repeats."""

_IDENTITY = ("slack_enterprise", "slack_team", "slack_user")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@[^@\s\"(),:;<>\[\\\]]{1,189}")
_USERNAME = re.compile(r"\S{1,64}")
_ACCOUNT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # fits a Block Kit option's value
_ENTERPRISE = re.compile(r"E[A-Z0-9]{2,30}")
_TEAM = re.compile(r"T[A-Z0-9]{2,30}")
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_ROLES = {role.value: role for role in Role}
_TWO_FACTOR = {choice.value: choice for choice in TwoFactor}
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
        account_id = self._needed(cells, "id", line, parse_account_id)
        name = self._needed(cells, "name", line, parse_text)
        two_factor = self._needed(cells, "two_factor", line, parse_two_factor)
        if account_id is None or name is None or two_factor is None or len(self.faults) > before:
            return None
        account = Account(id=account_id, name=name, two_factor=two_factor)
        return FileAccount(line=line, account=account)

    def contact(
        self, cells: Cells, roles: Sequence[tuple[Cell, Cell]], *, line: int
    ) -> FileContact | None:
        """Return the contact; `None`, and faults, where a field does not do."""
        before = len(self.faults)
        email = self._needed(cells, "email", line, parse_email)
        username = self._needed(cells, "username", line, parse_username)
        name = self._needed(cells, "name", line, parse_text)
        phone = self._parsed(cells, "phone", parse_text)
        manager = self._parsed(cells, "manager", parse_email)
        slack = self._identity(cells)
        held = self._roles(roles)
        if email is None or username is None or name is None or len(self.faults) > before:
            return None
        contact = RosterContact(
            id=None,
            email=email,
            username=username,
            name=name,
            phone=phone,
            manager=manager,
            slack=slack,
            roles={account: role for account, (role, _) in held.items()},
        )
        lines = {account: line for account, (_, line) in held.items()}
        return FileContact(line=line, contact=contact, role_lines=lines)

    def _identity(self, cells: Cells) -> SlackIdentity | None:
        enterprise = self._parsed(cells, "slack_enterprise", parse_enterprise)
        team = self._parsed(cells, "slack_team", parse_team)
        user = self._parsed(cells, "slack_user", parse_slack_user)
        given = [cells[n] for n in _IDENTITY if _text(cells, n)]
        missing = [n for n in ("team", "user") if given and not _text(cells, f"slack_{n}")]
        if missing:
            self.blame(given[0].line, f"a Slack identity needs the {' and the '.join(missing)}")
        if team is None or user is None:
            return None
        return SlackIdentity(enterprise=enterprise, team=team, user=user)

    def _roles(self, roles: Sequence[tuple[Cell, Cell]]) -> dict[AccountId, tuple[Role, int]]:
        held: dict[AccountId, tuple[Role, int]] = {}
        for account_cell, role_cell in roles:
            cells = {"account": account_cell, "role": role_cell}
            account_id = self._needed(cells, "account", account_cell.line, parse_account_id)
            role = self._needed(cells, "role", role_cell.line, parse_role)
            if account_id is None or role is None:
                continue
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


def parse_text(text: str) -> str:
    """Return `text` in single spaces; raises `ValueError` for what cannot be shown."""
    tidy = " ".join(text.split())
    if not tidy.isprintable() and not tidy.translate(_JOINERS).isprintable():
        raise ValueError("holds characters that cannot be shown")
    if len(tidy) > LONGEST_TEXT:
        raise ValueError(f"is longer than {LONGEST_TEXT} characters")
    return tidy


def parse_email(text: str) -> str:
    """Return the address in lower case; raises `ValueError`."""
    return _matching(_EMAIL, text, "is no e-mail address").lower()


def parse_username(text: str) -> str:
    """Return the user name; raises `ValueError`."""
    return _matching(_USERNAME, text, "is no user name: at most 64 characters, no spaces")


def parse_account_id(text: str) -> AccountId:
    """Return the account's id; raises `ValueError`."""
    return AccountId(
        _matching(_ACCOUNT_ID, text, "is no id: at most 64 letters, digits, dots, _ and -")
    )


def parse_enterprise(text: str) -> str:
    """Return the enterprise's id; raises `ValueError`."""
    return _matching(_ENTERPRISE, text, "is no id of an enterprise, such as E012AB3CD")


def parse_team(text: str) -> str:
    """Return the workspace's id; raises `ValueError`."""
    return _matching(_TEAM, text, "is no id of a workspace, such as T012AB3CD")


def parse_slack_user(text: str) -> str:
    """Return the person's id; raises `ValueError`."""
    return _matching(_USER, text, "is no id of a person, such as U012AB3CD")


def parse_role(text: str) -> Role:
    """Return the role; raises `ValueError`."""
    if text not in _ROLES:
        raise ValueError(f"is none of {', '.join(_ROLES)}")
    return _ROLES[text]


def parse_two_factor(text: str) -> TwoFactor:
    """Return whether 2FA is required; raises `ValueError`."""
    if text not in _TWO_FACTOR:
        raise ValueError(f"is neither {' nor '.join(_TWO_FACTOR)}")
    return _TWO_FACTOR[text]


def shown(text: str) -> str:
    """Return `text` quoted, cut and printable, for a message."""
    cut = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return repr(cut)


def _matching(pattern: re.Pattern[str], text: str, complaint: str) -> str:
    if not pattern.fullmatch(text) or not text.isprintable():
        raise ValueError(complaint)
    return text


def _text(cells: Cells, name: str) -> str:
    """Return what was typed, empty for nothing."""
    cell = cells.get(name)
    return (cell.text or "").strip() if cell else ""
