"""Whom fewer than two people can reset."""

from dataclasses import replace

from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.standing.lockout_risk import weakly_covered
from tests.fakes import ACME, GLOBEX, NOON, FakeDatabase, seed


def covered(database: FakeDatabase) -> dict[str, int]:
    with database.unit_of_work() as uow:
        return {
            contact.username: number
            for contact, number in weakly_covered(uow, (ACME.id, GLOBEX.id))
        }


def test_an_owner_needs_other_owners_and_an_administrator_anybody_who_administers() -> None:
    database = FakeDatabase()
    seed(database.unit_of_work)
    # Carol, the only owner of Acme, and Dana, of Globex, have nobody; Alice has Carol and Alan.
    assert covered(database) == {"carol": 0, "dana": 0}


def test_one_is_too_few_and_members_are_not_looked_at() -> None:
    database = FakeDatabase()
    world = seed(database.unit_of_work)
    with database.unit_of_work() as uow:
        alan = uow.roster.read().contacts[world.alan.email]
        gone = RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=replace(alan, roles={}))
        bob = uow.roster.read().contacts[world.bob.email]
        owner = replace(bob, roles={world.globex.id: Role.OWNER})
        promoted = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=owner)
        list(uow.roster.apply([gone, promoted], now=NOON))
        uow.commit()
    assert covered(database) == {"alice": 1, "bob": 1, "carol": 0, "dana": 1}
