"""What happens in the directory before somebody comes to a page."""

from collections.abc import Mapping
from dataclasses import replace

from argon2 import PasswordHasher

from bot.domain.model.ids import AccountId
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.people import Contact, Role
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.ports.unit_of_work import UnitOfWork
from playground.office import Office
from playground.people import BY_HANDLE
from tests.secrecy import CODE, SECRETS


def give_roles(office: Office, handle: str, roles: Mapping[AccountId, Role]) -> None:
    """Leave that person these roles and no others."""
    with office.rekey.database.unit_of_work() as uow:
        listed = uow.roster.read().contacts[BY_HANDLE[handle].email]
        change = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=replace(listed, roles=roles))
        assert list(uow.roster.apply([change], now=office.clock.now())) == [1]
        uow.commit()


def lock_authenticator(office: Office, handle: str) -> None:
    """Type so many wrong codes in a row, over the weeks, that no code counts any more."""
    with office.rekey.database.unit_of_work() as uow:
        (authenticator,) = uow.authenticators.active_of(_contact(uow, handle).id)
        for _ in range(LOCK_AFTER):
            uow.authenticators.count_failure(authenticator.id)
        uow.commit()


def password_was_set_for(office: Office, handle: str) -> None:
    """Leave them their password, as one that the operator has set and they have to change."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    hashed = hasher.hash(BY_HANDLE[handle].password)
    with office.rekey.database.unit_of_work() as uow:
        uow.contacts.set_password(_contact(uow, handle).id, hashed, must_change=True)
        uow.commit()


def code_of(office: Office, handle: str) -> str:
    """Read the code off that person's phone, whoever acts at the page."""
    code = office.code_of(BY_HANDLE[handle])
    assert code is not None
    SECRETS.add(CODE, code)
    return code


def _contact(uow: UnitOfWork, handle: str) -> Contact:
    contact = uow.contacts.by_email(BY_HANDLE[handle].email)
    assert contact is not None
    return contact
