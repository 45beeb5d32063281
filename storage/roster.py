"""Accounts, contacts and roles in bulk."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, bindparam, collate, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.domain.model.ids import AccountId, ContactId, new_id
from bot.domain.model.people import Account, AuthenticatorState, Role
from bot.domain.model.roster import ChangeKind, Roster, RosterChange, RosterContact
from storage.contacts import slack_columns, slack_identity
from storage.errors import RosterConflictError
from storage.tables import accounts, authenticators, contacts, memberships

_CHUNK = 2000

_ADD_ACCOUNT = insert(accounts)
_CHANGE_ACCOUNT = (
    update(accounts)
    .where(accounts.c.id == bindparam("account_id"))
    .values(name=bindparam("account_name"), two_factor=bindparam("account_two_factor"))
)
_ADD_CONTACT = insert(contacts)
_PERSONAL = ("username", "name", "phone", "manager", "slack_enterprise", "slack_team", "slack_user")
_HOLD = (  # in the order in which everybody holds people, and a reference hinders nobody
    select(contacts.c.id)
    .where(contacts.c.id.in_(bindparam("contact_ids", expanding=True)))
    .order_by(collate(contacts.c.id, "C"))
    .with_for_update(key_share=True)
)
_FREE_USERNAMES = (
    update(contacts)
    .where(contacts.c.id.in_(bindparam("contact_ids", expanding=True)))
    .values(username=contacts.c.id)
)
_CHANGE_CONTACT = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact_id"))
    .values({column: bindparam(f"new_{column}") for column in _PERSONAL})
)
_REMOVE_CONTACT = (
    update(contacts)
    .where(contacts.c.id == bindparam("contact_id"))
    .values(
        slack_enterprise="",
        slack_team=None,
        slack_user=None,
        sign_in_epoch=contacts.c.sign_in_epoch + 1,
    )
)
_INVALIDATE = (
    update(authenticators)
    .where(
        authenticators.c.contact_id == bindparam("of_contact"),
        authenticators.c.state != AuthenticatorState.INVALIDATED,
    )
    .values(state=AuthenticatorState.INVALIDATED, invalidated_at=bindparam("now"))
)
_DROP_ROLES = delete(memberships).where(memberships.c.contact_id == bindparam("of_contact"))
_ADD_ROLE = insert(memberships)


class SqlRoster:
    """`bot.domain.ports.contacts.RosterRepository` over one connection; never commits."""

    def __init__(self, connection: Connection, *, on_change: Callable[[], None]) -> None:
        """`on_change` is called wherever people or accounts are changed."""
        self._connection = connection
        self._on_change = on_change

    def read(self) -> Roster:
        """Return everybody, removed contacts too: they have no role and no Slack identity."""
        roles: defaultdict[str, dict[AccountId, Role]] = defaultdict(dict)
        for contact_id, account_id, role in self._connection.execute(select(memberships)):
            roles[contact_id][AccountId(account_id)] = role
        people = self._connection.execute(select(contacts).order_by(contacts.c.email)).mappings()
        return Roster(
            accounts={
                AccountId(row.id): Account(
                    id=AccountId(row.id), name=row.name, two_factor=row.two_factor
                )
                for row in self._connection.execute(select(accounts).order_by(accounts.c.id))
            },
            contacts={
                row["email"]: RosterContact(
                    id=ContactId(row["id"]),
                    email=row["email"],
                    username=row["username"],
                    name=row["name"],
                    phone=row["phone"],
                    manager=row["manager"],
                    slack=slack_identity(row),
                    roles=roles.get(row["id"], {}),
                )
                for row in people
            },
        )

    def hold(self, contact_ids: Collection[ContactId]) -> bool:
        """Let no other unit that holds one of the contacts go on until this one has ended.

        True where one may have changed them since they were read. SQLite lets no other unit go on
        at all.
        """
        if self._connection.dialect.name == "sqlite":
            return False
        self._on_change()
        in_order = iter(sorted(contact_ids))
        while some := tuple(islice(in_order, _CHUNK)):
            self._connection.execute(_HOLD, {"contact_ids": some})
        return True

    def apply(self, changes: Sequence[RosterChange], *, now: datetime) -> Iterator[int]:
        """Carry the changes out in bulk, yielding how many are done from time to time.

        Removals come first and additions last, so that what one gives up another can have, and of
        those who change any may take another's user name. A removed contact loses every role and
        the Slack identity, their authenticators are invalidated and their sessions void; nothing
        else of them goes. Raises `RosterConflictError` where two contacts would share what only one
        can have, or an account is missing.
        """
        done = 0
        self._free_usernames(changes)
        steps: tuple[tuple[ChangeKind, Callable[[Sequence[RosterChange]], None]], ...] = (
            (ChangeKind.ACCOUNT_ADDED, self._add_accounts),
            (ChangeKind.ACCOUNT_CHANGED, self._change_accounts),
            (ChangeKind.CONTACT_REMOVED, lambda some: self._remove_contacts(some, now=now)),
            (ChangeKind.CONTACT_CHANGED, self._change_contacts),
            (ChangeKind.CONTACT_ADDED, self._add_contacts),
        )
        for kind, step in steps:
            of_kind = iter([change for change in changes if change.kind is kind])
            while some := tuple(islice(of_kind, _CHUNK)):
                self._on_change()
                try:
                    step(some)
                except IntegrityError:
                    raise RosterConflictError(
                        "The import gives two contacts the same user name, e-mail address or"
                        " Slack identity, or a role in an account that does not exist."
                    ) from None
                done += len(some)
                yield done

    def _free_usernames(self, changes: Sequence[RosterChange]) -> None:
        """Give everybody who changes their id as user name, until they get their own."""
        changed = (change for change in changes if change.kind is ChangeKind.CONTACT_CHANGED)
        ids = map(_known_id, map(_contact, changed))
        while some := tuple(islice(ids, _CHUNK)):
            self._connection.execute(_FREE_USERNAMES, {"contact_ids": some})

    def _add_accounts(self, changes: Sequence[RosterChange]) -> None:
        rows = [
            {"id": account.id, "name": account.name, "two_factor": account.two_factor}
            for account in map(_account, changes)
        ]
        self._connection.execute(_ADD_ACCOUNT, rows)

    def _change_accounts(self, changes: Sequence[RosterChange]) -> None:
        rows = [
            {
                "account_id": account.id,
                "account_name": account.name,
                "account_two_factor": account.two_factor,
            }
            for account in map(_account, changes)
        ]
        self._connection.execute(_CHANGE_ACCOUNT, rows)

    def _remove_contacts(self, changes: Sequence[RosterChange], *, now: datetime) -> None:
        ids = [_known_id(_contact(change)) for change in changes]
        self._connection.execute(_DROP_ROLES, [{"of_contact": each} for each in ids])
        self._connection.execute(_INVALIDATE, [{"of_contact": each, "now": now} for each in ids])
        self._connection.execute(_REMOVE_CONTACT, [{"contact_id": each} for each in ids])

    def _change_contacts(self, changes: Sequence[RosterChange]) -> None:
        people = {_known_id(contact): contact for contact in map(_contact, changes)}
        rows = [
            {"contact_id": key} | {f"new_{name}": value for name, value in _columns(who).items()}
            for key, who in people.items()
        ]
        self._connection.execute(_CHANGE_CONTACT, rows)
        self._connection.execute(_DROP_ROLES, [{"of_contact": key} for key in people])
        self._add_roles(people)

    def _add_contacts(self, changes: Sequence[RosterChange]) -> None:
        people = {ContactId(new_id("con")): contact for contact in map(_contact, changes)}
        rows = [
            {
                "id": key,
                "email": contact.email.lower(),
                "password_must_change": False,
                "set_up_required": False,
                "sign_in_epoch": 0,
                **_columns(contact),
            }
            for key, contact in people.items()
        ]
        self._connection.execute(_ADD_CONTACT, rows)
        self._add_roles(people)

    def _add_roles(self, people: Mapping[ContactId, RosterContact]) -> None:
        rows = [
            {"contact_id": key, "account_id": account_id, "role": role}
            for key, contact in people.items()
            for account_id, role in contact.roles.items()
        ]
        if rows:
            self._connection.execute(_ADD_ROLE, rows)


def _columns(contact: RosterContact) -> dict[str, str | None]:
    return {
        "username": contact.username,
        "name": contact.name,
        "phone": contact.phone,
        "manager": contact.manager,
        **slack_columns(contact.slack),
    }


def _account(change: RosterChange) -> Account:
    if change.account is None:
        raise ValueError(f"a change of kind {change.kind} without its account")
    return change.account


def _contact(change: RosterChange) -> RosterContact:
    if change.contact is None:
        raise ValueError(f"a change of kind {change.kind} without its contact")
    return change.contact


def _known_id(contact: RosterContact) -> ContactId:
    if contact.id is None:
        raise ValueError("a change of a contact without an id")
    return contact.id
