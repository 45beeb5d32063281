"""How people, accounts and roles are stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import (
    Account,
    Contact,
    Role,
    SlackIdentity,
)
from bot.domain.model.roster import Roster, RosterChange


class ContactRepository(Protocol):
    def get(self, contact_id: ContactId) -> Contact | None: ...
    def with_ids(self, contact_ids: Collection[ContactId]) -> tuple[Contact, ...]:
        """Return those that there are, in no order of the ids, in one look-up."""
        ...

    def by_slack(self, identity: SlackIdentity) -> Contact | None: ...
    def by_email(self, email: str) -> Contact | None:
        """Find by address, whatever its case."""
        ...

    def by_username(self, username: str) -> Contact | None: ...
    def with_role(
        self, account_ids: Collection[AccountId], *, at_least: Role
    ) -> tuple[Contact, ...]:
        """Everybody with that role or a higher one in any of the accounts, each once, by e-mail."""
        ...

    def account(self, account_id: AccountId) -> Account | None: ...
    def account_ids(self) -> tuple[AccountId, ...]:
        """Every account's id, in order."""
        ...

    def password_hash(self, contact_id: ContactId) -> str | None: ...
    def set_password(
        self, contact_id: ContactId, password_hash: str, *, must_change: bool
    ) -> None: ...
    def set_set_up_required(self, contact_id: ContactId, *, required: bool) -> None: ...
    def hold(self, contact_id: ContactId) -> None:
        """Let no other unit that holds the same contact go on until this one has ended.

        First thing in whatever decides over somebody's sign-in or authenticators: units that take
        the same things in different orders would wait for each other.
        """
        ...

    def raise_sign_in_epoch(self, contact_id: ContactId) -> int:
        """Void every session of the contact; return the new epoch."""
        ...

    def bind_slack(self, contact_id: ContactId, identity: SlackIdentity) -> bool:
        """Bind, or bind anew; false, and nothing done, where another contact has it."""
        ...

    def without_slack(self) -> tuple[Contact, ...]:
        """Contacts of any account to whom no Slack identity is bound, by e-mail."""
        ...

    def search(
        self, account_ids: Collection[AccountId], words: str, *, limit: int
    ) -> tuple[Contact, ...]:
        """Contacts of the accounts whose name, user name or e-mail holds `words`, by name.

        Upper and lower case do not matter; empty `words` find everybody.
        """
        ...

    def forget(self, contact_id: ContactId) -> None:
        """Erase who the contact was; the row stays, since cases name it.

        Name, e-mail and user name become placeholders made of the id; telephone, manager, Slack
        identity and password go, and so does their e-mail where others have it as their manager's.
        """
        ...


class RosterRepository(Protocol):
    """Accounts, contacts and roles in bulk, for the import."""

    def read(self) -> Roster:
        """Return everybody, removed contacts too: they have no role and no Slack identity."""
        ...

    def hold(self, contact_ids: Collection[ContactId]) -> bool:
        """Let no other unit that holds one of the contacts go on until this one has ended.

        True where one may have changed them since they were read, so that they are read again.
        """
        ...

    def apply(self, changes: Sequence[RosterChange], *, now: datetime) -> Iterator[int]:
        """Carry the changes out in bulk, yielding how many are done from time to time.

        Removals come first and additions last, so that what one gives up another can have, and of
        those who change any may take another's user name. A removed contact loses every role and
        the Slack identity, their authenticators are invalidated and their sessions void; nothing
        else of them goes. Raises an error of the store's own where two contacts would share what
        only one can have, or an account is missing.
        """
        ...
