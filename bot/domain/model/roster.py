"""Accounts, contacts and roles as an import sees them, and what it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Account, Role, SlackIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterContact:
    """One contact of a roster; `id` is empty for somebody whom the directory does not know yet."""

    id: ContactId | None
    email: str
    username: str
    name: str
    phone: str | None
    manager: str | None
    slack: SlackIdentity | None
    roles: Mapping[AccountId, Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everybody, by lower-case e-mail, and every account by its id."""

    accounts: Mapping[AccountId, Account] = field(default_factory=dict)
    contacts: Mapping[str, RosterContact] = field(default_factory=dict)


class ChangeKind(StrEnum):
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    CONTACT_ADDED = "contact_added"
    CONTACT_CHANGED = "contact_changed"
    CONTACT_REMOVED = "contact_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterChange:
    """One line of an import's diff: an account or a contact as it shall be.

    `was` and `now` describe every field that differs, for the diff. A removed contact loses every
    role and the Slack identity, so that nobody may act by it or on it; cases and audit keep the id.
    """

    kind: ChangeKind
    account: Account | None = None
    contact: RosterContact | None = None
    was: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)
