"""Which administrators and owners could be locked out: fewer than two people may reset them."""

from collections import defaultdict
from collections.abc import Collection
from itertools import islice

from bot.domain.model.ids import AccountId
from bot.domain.model.people import Contact, Role
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.standing.policy import entitled_accounts

ENOUGH = 2


def weakly_covered(
    uow: UnitOfWork, accounts: Collection[AccountId]
) -> tuple[tuple[Contact, int], ...]:
    """Return every administrator and owner whom fewer than two can reset, and how many can.

    `accounts` are all that there are: an authenticator belongs to the person.
    """
    admins = uow.contacts.with_role(tuple(accounts), at_least=Role.ADMINISTRATOR)
    by_account: defaultdict[AccountId, list[Contact]] = defaultdict(list)
    for admin in admins:
        for membership in admin.memberships:
            by_account[membership.account.id].append(admin)
    counted = ((admin, _resetters(admin, by_account)) for admin in admins)
    return tuple((admin, number) for admin, number in counted if number < ENOUGH)


def _resetters(subscriber: Contact, by_account: dict[AccountId, list[Contact]]) -> int:
    """Count who can reset the subscriber, up to what is enough."""
    nearby = {
        contact.id: contact
        for membership in subscriber.memberships
        for contact in by_account[membership.account.id]
    }
    entitled = (each for each in nearby.values() if entitled_accounts(each, subscriber))
    return sum(1 for _ in islice(entitled, ENOUGH))
