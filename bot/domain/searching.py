"""Finding the contacts of the accounts that somebody administers, by name or e-mail."""

from bot.domain.errors import Fault, Refusal
from bot.domain.model import Contact, Role, SlackIdentity
from bot.domain.policy import verify_member
from bot.domain.ports import UnitOfWork, UnitOfWorkFactory, Workspace

MOST_FOUND = 20


class SearchService:
    """Answers a search while it is typed; whoever administers nothing finds nobody."""

    def __init__(self, *, unit_of_work: UnitOfWorkFactory, workspace: Workspace) -> None:
        self._unit_of_work = unit_of_work
        self._workspace = workspace

    def search(self, actor: SlackIdentity, words: str) -> tuple[Contact, ...]:
        """Return at most 20 contacts, by name, but never the actor.

        Nobody is found, and nothing recorded, where the actor may not act or Slack cannot say who
        that is: a search changes nothing, and each key that is pressed makes one.
        """
        try:
            verify_member(self._workspace.member(actor.user))
        except (Refusal, Fault):
            return ()
        with self._unit_of_work() as uow:
            return _found(uow, actor, words)


def _found(uow: UnitOfWork, actor: SlackIdentity, words: str) -> tuple[Contact, ...]:
    admin = uow.contacts.by_slack(actor)
    if admin is None or admin.suspended:
        return ()
    administered = [
        membership.account.id
        for membership in admin.memberships
        if membership.role.rank >= Role.ADMINISTRATOR.rank
    ]
    if not administered:
        return ()
    found = uow.contacts.search(administered, words, limit=MOST_FOUND + 1)
    return tuple(contact for contact in found if contact.id != admin.id)[:MOST_FOUND]
