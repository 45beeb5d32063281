"""A thousand people whose reset waits for a Yes, and the admins who asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import SystemClock
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.people import Role, SlackIdentity
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.journal import Journal
from storage.database import Database
from tests.fakes import a_case, a_slack_identity
from tests.faults.site import ACME, Employee, hire

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
    admins = {f"admin{number}": Role.ADMINISTRATOR for number in range(ADMINS)}
    people = {f"person{number}": Role.MEMBER for number in range(size)}
    with database.unit_of_work() as uow:
        staff = hire(uow, {"owner": Role.OWNER, **admins, **people})
        waiting = [
            _open_case(uow, staff[person], staff[f"admin{number % ADMINS}"])
            for number, person in enumerate(people)
        ]
        uow.commit()
    return waiting


def identities(waiting: Sequence[Waiting]) -> set[SlackIdentity]:
    return {who for each in waiting for who in (each.admin, each.subscriber)}


def _open_case(uow: UnitOfWork, subscriber: Employee, admin: Employee) -> Waiting:
    now = SystemClock().now()
    case: Case = a_case(
        subscriber_id=subscriber.id,
        admin_id=admin.id,
        account_id=ACME.id,
        opened_at=now,
        confirm_by=now + timedelta(hours=1),
    )
    assert uow.cases.add(case)
    Journal(uow=uow, source=Source.SLACK, actor=admin.id, now=now).entered(case)
    return Waiting(
        case_id=case.id,
        subscriber_id=subscriber.id,
        subscriber=a_slack_identity(subscriber.slack_id),
        admin=a_slack_identity(admin.slack_id),
    )
