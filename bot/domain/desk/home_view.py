"""What App Home shows to one person, and what it remembers of where they are in it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.model.audit import AuditRecord
from bot.domain.model.errors import Refusal
from bot.domain.model.ids import AccountId
from bot.domain.model.people import Account, Contact
from bot.domain.model.views import CaseList, ContactEntry, OwnStatus

CONTACTS_A_PAGE = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeState:
    """Which account is shown, what was searched for, and which page of it; the first is 0."""

    account_id: AccountId | None = None
    words: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of the contacts that are listed; whether the one who looks may reset their 2FA."""

    entry: ContactEntry
    can_reset: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One account, as somebody sees it who administers it.

    `accounts` are all that they administer. `total` counts the contacts that were found, of whom
    `rows` are one page. `acts` are the newest first, with `names` for the ids in them. `exposed`
    are the account's administrators and owners whom fewer than two people can reset, and how many.
    """

    account: Account
    accounts: tuple[Account, ...]
    rows: tuple[Row, ...]
    total: int
    cases: CaseList
    acts: tuple[AuditRecord, ...]
    names: dict[str, str]
    exposed: tuple[tuple[Contact, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """One person's Home: how their own 2FA stands, and the account that they look after.

    Without a `desk`, `no_desk` is why somebody who administers an account sees none; members have
    neither. `state` is what is shown, which may not be what was asked for.
    """

    as_of: datetime
    own: OwnStatus
    state: HomeState
    desk: Desk | None = None
    no_desk: Refusal | None = None

    @property
    def first(self) -> int:
        """The number of the first contact on the page, counted from 1."""
        return self.state.page * CONTACTS_A_PAGE + 1
