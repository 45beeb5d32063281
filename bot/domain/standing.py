"""Settling who two people are and what one may do to the other, anew at every step (rules 5, 6)."""

from dataclasses import dataclass

from bot.domain.errors import NoAuthenticator, NotAContact, NothingToReset
from bot.domain.ids import ContactId
from bot.domain.model import Account, Authenticator, Contact, Member, SlackIdentity, Suspension
from bot.domain.policy import authorize_lifting, authorize_reset, verify_member
from bot.domain.ports import DirectoryFactory, UnitOfWork, Workspace
from bot.domain.refusals import Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Both people as the directory knows them now, and where the one may reset the other."""

    admin: Contact
    subscriber: Contact
    accounts: tuple[Account, ...]
    authenticators: tuple[Authenticator, ...]
    suspension: Suspension | None


class StandingService:
    """Asks Slack outside, and the directory inside, the unit of work that acts upon the answer."""

    def __init__(self, *, workspace: Workspace, directory: DirectoryFactory) -> None:
        self._workspace = workspace
        self._directory = directory

    def ask_slack(self, actor: SlackIdentity, subscriber_user: str) -> Member:
        """Return the subscriber as Slack describes them now; both must be in good standing.

        Raises a `PersonRefused`, or `WorkspaceUnavailableError`. Never inside a unit of work.
        """
        verify_member(self._workspace.member(actor.user))
        subscriber = self._workspace.member(subscriber_user)
        verify_member(subscriber)
        return subscriber

    def settle(
        self, uow: UnitOfWork, actor: SlackIdentity, subscriber: Member, trail: Trail
    ) -> Standing:
        """Return what holds now; raises a `PersonRefused` or a `ResetRefused`.

        Writes into `trail` whom it has found, so that a refusal is recorded with their names.
        """
        admin = uow.contacts.by_slack(actor)
        if admin is None:
            raise NotAContact
        trail.actor = admin.id
        contact = uow.contacts.by_slack(subscriber.identity)
        if contact is None:
            raise NotAContact
        trail.subscriber = contact.id
        return self._settle(uow, admin, contact)

    def _settle(self, uow: UnitOfWork, admin: Contact, subscriber: Contact) -> Standing:
        accounts = authorize_reset(admin, subscriber)
        directory = self._directory(uow)
        if not directory.authenticators_of(admin.id):
            raise NoAuthenticator
        suspension = uow.suspensions.current(subscriber.id)
        if suspension is not None:
            authorize_lifting(admin.id, suspension, _reported_admin(uow, suspension))
        authenticators = directory.authenticators_of(subscriber.id)
        if not (authenticators or directory.set_up_required(subscriber.id) or suspension):
            raise NothingToReset
        return Standing(
            admin=admin,
            subscriber=subscriber,
            accounts=accounts,
            authenticators=authenticators,
            suspension=suspension,
        )


def _reported_admin(uow: UnitOfWork, suspension: Suspension) -> ContactId | None:
    case = uow.cases.get(suspension.case_id) if suspension.case_id else None
    return case.admin_id if case else None
