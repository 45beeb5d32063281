"""Contacts in the database."""

from collections.abc import Collection, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, RowMapping, Select, Update
from sqlalchemy.exc import IntegrityError

from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Account, Contact, Membership, Role, SlackIdentity, TwoFactor
from storage import contact_statements as sql
from storage.statements import like_pattern


class SqlContacts:
    """`bot.domain.ports.contacts.ContactRepository` over one connection; never commits.

    Remembers whom it has read, until something about people is written in the same unit of work.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._read: dict[ContactId, Contact] = {}

    def get(self, contact_id: ContactId) -> Contact | None:
        return self._read.get(contact_id) or self._one(sql.BY_ID, {"contact_id": contact_id})

    def read_anew(self) -> None:
        """Remember nobody: what is known of people may be out of date."""
        self._read.clear()

    def by_slack(self, identity: SlackIdentity) -> Contact | None:
        known = (contact for contact in self._read.values() if contact.slack == identity)
        return next(known, None) or self._one(sql.BY_SLACK, slack_columns(identity))

    def by_email(self, email: str) -> Contact | None:
        """Find by address, whatever its case."""
        return self._one(sql.BY_EMAIL, {"email": email.lower()})

    def by_username(self, username: str) -> Contact | None:
        return self._one(sql.BY_USERNAME, {"username": username})

    def with_role(
        self, account_ids: Collection[AccountId], *, at_least: Role
    ) -> tuple[Contact, ...]:
        """Everybody with that role or a higher one in any of the accounts, each once, by e-mail."""
        roles = [role for role in Role if role.rank >= at_least.rank]
        return self._all(sql.WITH_ROLE, {"account_ids": list(account_ids), "roles": roles})

    def account(self, account_id: AccountId) -> Account | None:
        row = self._connection.execute(sql.ACCOUNT, {"account_id": account_id}).one_or_none()
        if row is None:
            return None
        return Account(id=AccountId(row.id), name=row.name, two_factor=row.two_factor)

    def account_ids(self) -> tuple[AccountId, ...]:
        """Every account's id, in order."""
        return tuple(AccountId(found) for found in self._connection.scalars(sql.ACCOUNT_IDS))

    def password_hash(self, contact_id: ContactId) -> str | None:
        found: str | None = self._connection.scalar(sql.PASSWORD_HASH, {"contact_id": contact_id})
        return found

    def set_password(self, contact_id: ContactId, password_hash: str, *, must_change: bool) -> None:
        self._write(
            sql.SET_PASSWORD,
            {
                "contact_id": contact_id,
                "password_hash": password_hash,
                "must_change": must_change,
            },
        )

    def set_set_up_required(self, contact_id: ContactId, *, required: bool) -> None:
        self._read.pop(contact_id, None)
        values = {"contact_id": contact_id, "required": required}
        self._connection.execute(sql.SET_SET_UP_REQUIRED, values)

    def hold(self, contact_id: ContactId) -> None:
        """Let no other unit that holds the same contact go on until this one has ended.

        SQLite lets no other unit go on at all.
        """
        if self._connection.dialect.name != "sqlite":
            self.read_anew()
            self._connection.execute(sql.HOLD, {"contact_id": contact_id})

    def raise_sign_in_epoch(self, contact_id: ContactId) -> int:
        """Void every session of the contact; return the new epoch."""
        self._read.pop(contact_id, None)
        epoch: int = self._connection.execute(
            sql.RAISE_EPOCH, {"contact_id": contact_id}
        ).scalar_one()
        return epoch

    def bind_slack(self, contact_id: ContactId, identity: SlackIdentity) -> bool:
        """Bind, or bind anew; false, and nothing done, where another contact has it."""
        columns = {
            "contact_id": contact_id,
            "enterprise": identity.enterprise or "",
            "team": identity.team,
            "user": identity.user,
        }
        try:
            with self._connection.begin_nested():
                return self._write(sql.BIND_SLACK, columns).rowcount == 1
        except IntegrityError:
            return False

    def without_slack(self) -> tuple[Contact, ...]:
        """Contacts of any account to whom no Slack identity is bound, by e-mail."""
        return self._all(sql.WITHOUT_SLACK, {})

    def search(
        self, account_ids: Collection[AccountId], words: str, *, limit: int
    ) -> tuple[Contact, ...]:
        """Contacts of the accounts whose name, user name or e-mail holds `words`, by name."""
        pattern = like_pattern(words)
        values = {"account_ids": list(account_ids), "pattern": pattern, "most": limit}
        return self._all(sql.SEARCH, values)

    def with_ids(self, contact_ids: Collection[ContactId]) -> tuple[Contact, ...]:
        """Return those that there are, in no order of the ids, in one look-up."""
        match list(contact_ids):
            case [one, other]:  # a list of any length takes longer than two look-ups
                return self._all(sql.BOTH, {"one": one, "other": other})
            case any_length:
                return self._all(sql.WITH_IDS, {"contact_ids": any_length})

    def forget(self, contact_id: ContactId) -> None:
        """Erase who the contact was; the row stays, since cases name it."""
        found = self.get(contact_id)
        if found is None:
            return
        self._write(sql.FORGET_MANAGER, {"old_email": found.email})
        values = {
            "contact_id": contact_id,
            "new_email": f"{contact_id}@forgotten.invalid",
            "new_username": contact_id,
        }
        self._write(sql.FORGET, values)

    def _one(self, statement: Select[Any], values: Mapping[str, object]) -> Contact | None:
        found = self._all(statement, values)
        return found[0] if found else None

    def _all(self, statement: Select[Any], values: Mapping[str, object]) -> tuple[Contact, ...]:
        rows = self._connection.execute(statement, dict(values)).all()
        found = tuple(_contact(list(of_one)) for _, of_one in groupby(rows, key=itemgetter(0)))
        self._read.update((contact.id, contact) for contact in found)
        return found

    def _write(self, statement: Update, values: Mapping[str, object]) -> CursorResult[Any]:
        self.read_anew()
        return self._connection.execute(statement, dict(values))


def slack_columns(identity: SlackIdentity | None) -> dict[str, str | None]:
    """Return an identity as the contacts' table holds it."""
    if identity is None:
        return {"slack_enterprise": "", "slack_team": None, "slack_user": None}
    return {
        "slack_enterprise": identity.enterprise or "",
        "slack_team": identity.team,
        "slack_user": identity.user,
    }


def slack_identity(row: RowMapping) -> SlackIdentity | None:
    """Return the identity in a row of the contacts' table."""
    return _identity(row["slack_enterprise"], row["slack_team"], row["slack_user"])


def _identity(enterprise: str, team: str | None, user: str | None) -> SlackIdentity | None:
    if team is None or user is None:
        return None
    return SlackIdentity(enterprise=enterprise or None, team=team, user=user)


def _contact(rows: list[Row[*tuple[Any, ...]]]) -> Contact:
    """Read the columns of `sql.CONTACTS`, in their order; by name it would take twice as long."""
    first = rows[0]
    return Contact(
        id=first[0],
        email=first[1],
        username=first[2],
        name=first[3],
        phone=first[4],
        manager=first[5],
        slack=_identity(first[6], first[7], first[8]),
        memberships=tuple(_membership(*row[13:]) for row in rows if row[13] is not None),
        password_must_change=first[9],
        set_up_required=first[10],
        sign_in_epoch=first[11],
        suspended=first[12],
    )


def _membership(role: Role, account_id: str, name: str, two_factor: TwoFactor) -> Membership:
    account = Account(id=AccountId(account_id), name=name, two_factor=two_factor)
    return Membership(account=account, role=role)
