"""Whom fewer than two people can reset."""

from bot.domain.model.people import Role
from bot.domain.standing.lockout_risk import weakly_covered
from tests.fakes import ACME, GLOBEX
from tests.office.desk import Desk


def test_whom_fewer_than_two_of_at_least_their_role_can_reset_but_no_members() -> None:
    desk = Desk()

    def covered() -> dict[str, int]:
        with desk.unit_of_work() as uow:
            found = weakly_covered(uow, (ACME.id, GLOBEX.id))
            return {contact.username: number for contact, number in found}

    # Carol, the only owner of Acme, and Dana, of Globex, have nobody; Alice has Carol and Alan.
    assert covered() == {"carol": 0, "dana": 0}
    desk.give_only(desk.alan)
    desk.give_only(desk.bob, globex=Role.OWNER)
    assert covered() == {"alice": 1, "bob": 1, "carol": 0, "dana": 1}
