"""Contacts, the roster and suspensions in memory."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.model.ids import AccountId, ContactId, new_id
from bot.domain.model.people import (
    Account,
    AuthenticatorState,
    Contact,
    Membership,
    Role,
    SlackIdentity,
    Suspension,
    SuspensionCause,
)
from bot.domain.model.roster import ChangeKind, Roster, RosterChange, RosterContact
from tests.fakes.state import ContactRow, State


class FakeContacts:
    def __init__(self, state: State) -> None:
        self._state = state

    def get(self, contact_id: ContactId) -> Contact | None:
        return self._first(lambda row: row.id == contact_id)

    def with_ids(self, contact_ids: Collection[ContactId]) -> tuple[Contact, ...]:
        return self._all(lambda row: row.id in contact_ids)

    def by_slack(self, identity: SlackIdentity) -> Contact | None:
        return self._first(lambda row: row.slack == identity)

    def by_email(self, email: str) -> Contact | None:
        return self._first(lambda row: row.email == email.lower())

    def by_username(self, username: str) -> Contact | None:
        return self._first(lambda row: row.username == username)

    def with_role(
        self, account_ids: Collection[AccountId], *, at_least: Role
    ) -> tuple[Contact, ...]:
        def holds(row: ContactRow) -> bool:
            held = [row.roles[account] for account in account_ids if account in row.roles]
            return any(role.rank >= at_least.rank for role in held)

        return self._all(holds)

    def account(self, account_id: AccountId) -> Account | None:
        return self._state.accounts.get(account_id)

    def account_ids(self) -> tuple[AccountId, ...]:
        return tuple(sorted(self._state.accounts))

    def password_hash(self, contact_id: ContactId) -> str | None:
        row = self._state.contacts.get(contact_id)
        return row.password_hash if row else None

    def set_password(self, contact_id: ContactId, password_hash: str, *, must_change: bool) -> None:
        if row := self._state.contacts.get(contact_id):
            self._state.contacts[contact_id] = replace(
                row, password_hash=password_hash, password_must_change=must_change
            )

    def set_set_up_required(self, contact_id: ContactId, *, required: bool) -> None:
        if row := self._state.contacts.get(contact_id):
            self._state.contacts[contact_id] = replace(row, set_up_required=required)

    def hold(self, contact_id: ContactId) -> None:
        """Do nothing: one unit at a time has the whole of what is in memory."""

    def raise_sign_in_epoch(self, contact_id: ContactId) -> int:
        row = self._state.contacts[contact_id]
        self._state.contacts[contact_id] = replace(row, sign_in_epoch=row.sign_in_epoch + 1)
        return row.sign_in_epoch + 1

    def bind_slack(self, contact_id: ContactId, identity: SlackIdentity) -> bool:
        row = self._state.contacts.get(contact_id)
        others = (each for each in self._state.contacts.values() if each.id != contact_id)
        if row is None or any(each.slack == identity for each in others):
            return False
        self._state.contacts[contact_id] = replace(row, slack=identity)
        return True

    def without_slack(self) -> tuple[Contact, ...]:
        return self._all(lambda row: row.slack is None and bool(row.roles))

    def search(
        self, account_ids: Collection[AccountId], words: str, *, limit: int
    ) -> tuple[Contact, ...]:
        typed = words.strip().lower()

        def found(row: ContactRow) -> bool:
            texts = (row.name, row.username, row.email)
            return bool({*account_ids} & {*row.roles}) and any(typed in t.lower() for t in texts)

        return tuple(sorted(self._all(found), key=lambda c: (c.name.lower(), c.email)))[:limit]

    def forget(self, contact_id: ContactId) -> None:
        gone = self._state.contacts.get(contact_id)
        if gone is None:
            return
        for row in list(self._state.contacts.values()):
            if (row.manager or "").lower() == gone.email:
                self._state.contacts[row.id] = replace(row, manager=None)
        self._state.contacts[contact_id] = replace(
            self._state.contacts[contact_id],
            name="(forgotten)",
            email=f"{contact_id}@forgotten.invalid",
            username=contact_id,
            phone=None,
            manager=None,
            slack=None,
            password_hash=None,
        )

    def _first(self, wanted: Callable[[ContactRow], bool]) -> Contact | None:
        return next(iter(self._all(wanted)), None)

    def _all(self, wanted: Callable[[ContactRow], bool]) -> tuple[Contact, ...]:
        rows = sorted(self._state.contacts.values(), key=lambda row: row.email)
        return tuple(self._contact(row) for row in rows if wanted(row))

    def _contact(self, row: ContactRow) -> Contact:
        held = [
            Membership(account=self._state.accounts[account_id], role=role)
            for account_id, role in row.roles.items()
        ]
        suspensions = self._state.suspensions.values()
        return Contact(
            id=row.id,
            email=row.email,
            username=row.username,
            name=row.name,
            phone=row.phone,
            manager=row.manager,
            slack=row.slack,
            memberships=tuple(sorted(held, key=lambda m: (m.account.name, m.account.id))),
            suspended=any(s.contact_id == row.id and s.lifted_at is None for s in suspensions),
            set_up_required=row.set_up_required,
            sign_in_epoch=row.sign_in_epoch,
            password_must_change=row.password_must_change,
        )


class FakeRoster:
    def __init__(self, state: State) -> None:
        self._state = state

    def read(self) -> Roster:
        rows = sorted(self._state.contacts.values(), key=lambda row: row.email)
        return Roster(
            accounts=dict(sorted(self._state.accounts.items())),
            contacts={
                row.email: RosterContact(
                    id=row.id,
                    email=row.email,
                    username=row.username,
                    name=row.name,
                    phone=row.phone,
                    manager=row.manager,
                    slack=row.slack,
                    roles=row.roles,
                )
                for row in rows
            },
        )

    def hold(self, _contact_ids: Collection[ContactId]) -> bool:
        """Do nothing: one unit at a time has the whole of what is in memory."""
        return False

    def apply(self, changes: Sequence[RosterChange], *, now: datetime) -> Iterator[int]:
        done = 0
        for change in changes:
            if change.kind is ChangeKind.CONTACT_CHANGED and change.contact and change.contact.id:
                row = self._state.contacts[change.contact.id]
                self._state.contacts[row.id] = replace(row, username=row.id)
        for kind in (
            ChangeKind.ACCOUNT_ADDED,
            ChangeKind.ACCOUNT_CHANGED,
            ChangeKind.CONTACT_REMOVED,
            ChangeKind.CONTACT_CHANGED,
            ChangeKind.CONTACT_ADDED,
        ):
            for change in changes:
                if change.kind is kind:
                    self._apply(change, now=now)
                    done += 1
        if done:
            yield done

    def _apply(self, change: RosterChange, *, now: datetime) -> None:
        if change.account is not None:
            self._state.accounts[change.account.id] = change.account
        if change.contact is None:
            return
        if change.kind is ChangeKind.CONTACT_REMOVED:
            self._remove(change.contact.id)
        else:
            self._store(change.contact)

    def _store(self, contact: RosterContact) -> None:
        known = self._state.contacts.get(contact.id) if contact.id else None
        email = contact.email.lower()
        shared = any(
            row.username == contact.username
            or row.email == email
            or (contact.slack is not None and row.slack == contact.slack)
            for row in self._state.contacts.values()
            if row.id != contact.id
        )
        if shared or not contact.roles.keys() <= self._state.accounts.keys():
            raise ValueError("the roster is in conflict with what is stored")
        row = known or ContactRow(
            id=ContactId(new_id("con")),
            email=contact.email.lower(),
            username="",
            name="",
            phone=None,
            manager=None,
            slack=None,
            roles={},
        )
        self._state.contacts[row.id] = replace(
            row,
            username=contact.username,
            name=contact.name,
            phone=contact.phone,
            manager=contact.manager,
            slack=contact.slack,
            roles=dict(contact.roles),
        )

    def _remove(self, contact_id: ContactId | None) -> None:
        assert contact_id is not None
        row = self._state.contacts[contact_id]
        self._state.contacts[contact_id] = replace(
            row, slack=None, roles={}, sign_in_epoch=row.sign_in_epoch + 1
        )
        for key, each in self._state.authenticators.items():
            if each.authenticator.contact_id == contact_id:
                invalidated = replace(each.authenticator, state=AuthenticatorState.INVALIDATED)
                self._state.authenticators[key] = replace(each, authenticator=invalidated)


class FakeSuspensions:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, suspension: Suspension) -> None:
        self._state.suspensions[suspension.id] = suspension

    def current(self, contact_id: ContactId) -> Suspension | None:
        def weight(each: Suspension) -> tuple[bool, datetime, str]:
            return each.cause is SuspensionCause.VETOED, each.suspended_at, each.id

        return max(self._holding(contact_id), key=weight, default=None)

    def lift(self, contact_id: ContactId, *, lifted_by: str, now: datetime) -> int:
        lifted = list(self._holding(contact_id))
        for each in lifted:
            self._state.suspensions[each.id] = replace(each, lifted_by=lifted_by, lifted_at=now)
        return len(lifted)

    def of(self, contact_id: ContactId) -> tuple[Suspension, ...]:
        theirs = [s for s in self._state.suspensions.values() if s.contact_id == contact_id]
        return tuple(sorted(theirs, key=lambda s: (s.suspended_at, s.id), reverse=True))

    def holding(self) -> tuple[Suspension, ...]:
        held = [s for s in self._state.suspensions.values() if s.lifted_at is None]
        return tuple(sorted(held, key=lambda s: (s.suspended_at, s.id), reverse=True))

    def _holding(self, contact_id: ContactId) -> Iterable[Suspension]:
        return [
            each
            for each in self._state.suspensions.values()
            if each.contact_id == contact_id and each.lifted_at is None
        ]
