"""Finding the contacts of the accounts that somebody administers, by name or e-mail."""

from bot.domain.model.errors import Fault, Refusal
from bot.domain.model.people import Contact, SlackIdentity
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.refusals import Trail
from bot.domain.standing.standing import StandingService

MOST_FOUND = 20


class SearchService:
    """Answers a search while it is typed; whoever may reset nobody finds nobody."""

    def __init__(self, *, unit_of_work: UnitOfWorkFactory, standing: StandingService) -> None:
        self._unit_of_work = unit_of_work
        self._standing = standing

    def search(self, actor: SlackIdentity, words: str) -> tuple[Contact, ...]:
        """Return at most 20 contacts, by name, but never the actor.

        Nobody is found, and nothing recorded, where the actor may not act or that cannot be said:
        a search changes nothing, and each key that is pressed makes one.
        """
        try:
            self._standing.verify_actor(actor)
            with self._unit_of_work() as uow:
                admin, accounts = self._standing.oversee(uow, actor, Trail())
                administered = [account.id for account in accounts]
                found = uow.contacts.search(administered, words, limit=MOST_FOUND + 1)
        except (Refusal, Fault):
            return ()
        return tuple(contact for contact in found if contact.id != admin.id)[:MOST_FOUND]
