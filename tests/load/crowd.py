"""A thousand people whose reset waits for a Yes, and the admins who asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import SystemClock
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.people import Role, SlackIdentity
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from bot.domain.record.journal import Journal
from storage.database import Database
from tests.fakes import ACME, a_case, a_slack_identity
from tests.fakes.world import bind

ADMINS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A case that waits, and whose Yes it waits for."""

    case_id: CaseId
    subscriber_id: ContactId
    subscriber: SlackIdentity
    admin: SlackIdentity


def seed_crowd(database: Database, size: int) -> list[Waiting]:
    """Store an owner, some administrators, and for each of `size` people a case that waits."""
    with database.unit_of_work() as uow:
        changes = [RosterChange(kind=ChangeKind.ACCOUNT_ADDED, account=ACME), *_contacts(size)]
        list(uow.roster.apply(changes, now=SystemClock().now()))
        uow.commit()
    with database.unit_of_work() as uow:
        admins = [_settle(uow, f"admin{number}") for number in range(ADMINS)]
        waiting = [
            _open_case(uow, _settle(uow, f"person{number}"), admins[number % ADMINS], number)
            for number in range(size)
        ]
        uow.commit()
    return waiting


def identities(waiting: Sequence[Waiting]) -> set[SlackIdentity]:
    return {who for each in waiting for who in (each.admin, each.subscriber)}


def _contacts(size: int) -> list[RosterChange]:
    roles = {"owner": Role.OWNER}
    roles |= {f"admin{number}": Role.ADMINISTRATOR for number in range(ADMINS)}
    roles |= {f"person{number}": Role.MEMBER for number in range(size)}
    return [
        RosterChange(
            kind=ChangeKind.CONTACT_ADDED,
            contact=RosterContact(
                id=None,
                email=f"{username}@acme.example",
                username=username,
                name=username.title(),
                phone=None,
                manager=None,
                slack=_slack(username),
                roles={ACME.id: role},
            ),
        )
        for username, role in roles.items()
    ]


def _settle(uow: UnitOfWork, username: str) -> ContactId:
    """Give them an authenticator."""
    contact = uow.contacts.by_username(username)
    assert contact is not None
    bind(uow, contact.id, totp.new_shared_secret())
    return contact.id


def _open_case(
    uow: UnitOfWork, subscriber_id: ContactId, admin_id: ContactId, number: int
) -> Waiting:
    now = SystemClock().now()
    case: Case = a_case(
        subscriber_id=subscriber_id,
        admin_id=admin_id,
        account_id=ACME.id,
        opened_at=now,
        confirm_by=now + timedelta(hours=1),
    )
    assert uow.cases.add(case)
    Journal(uow=uow, source=Source.SLACK, actor=admin_id, now=now).entered(case)
    return Waiting(
        case_id=case.id,
        subscriber_id=subscriber_id,
        subscriber=_slack(f"person{number}"),
        admin=_slack(f"admin{number % ADMINS}"),
    )


def _slack(username: str) -> SlackIdentity:
    return a_slack_identity(f"U01{username.upper()}")
