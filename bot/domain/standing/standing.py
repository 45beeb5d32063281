"""Settling who two people are and what one may do to the other, anew at every step (rules 5, 6)."""

from dataclasses import dataclass

from bot.domain.model.errors import (
    NoAuthenticator,
    NotAContact,
    SubscriberNotAContact,
    UnknownPerson,
)
from bot.domain.model.ids import ContactId
from bot.domain.model.people import Account, Authenticator, Contact, Member, SlackIdentity
from bot.domain.model.reset_form import Named
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.ports.workspace import Workspace
from bot.domain.record.refusals import Trail
from bot.domain.standing.involvement import involved_in_report
from bot.domain.standing.policy import (
    authorize_lifting,
    authorize_overview,
    authorize_reset,
    refuse_unknown,
    verify_anything_to_reset,
    verify_member,
)
from bot.domain.standing.suspensions import suspensions_that_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Whom Slack knows by what was named; a contact without a Slack identity is no member."""

    member: Member | None
    contact_id: ContactId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """An administrator with 2FA of their own, and where they may act on the subscriber.

    `authenticators` are the subscriber's.
    """

    admin: Contact
    subscriber: Contact
    accounts: tuple[Account, ...]
    authenticators: tuple[Authenticator, ...]


class StandingService:
    """Asks Slack outside, and the directory inside, the unit of work that acts upon the answer."""

    def __init__(
        self, *, unit_of_work: UnitOfWorkFactory, workspace: Workspace, directory: DirectoryFactory
    ) -> None:
        self._unit_of_work = unit_of_work
        self._workspace = workspace
        self._directory = directory

    def ask_slack(self, actor: SlackIdentity, named: Named) -> Found:
        """Return the subscriber as Slack describes them now; both must be in good standing.

        Raises a `PersonRefused`, or `WorkspaceUnavailableError`. Never inside a unit of work.
        """
        self.verify_actor(actor)
        if named.contact_id is not None:
            return self._found(self._contact(named.contact_id))
        if named.slack_user is None:
            raise UnknownPerson
        subscriber = self._workspace.member(named.slack_user)
        verify_member(subscriber)
        return Found(member=subscriber, contact_id=None)

    def ask_slack_about(self, actor: SlackIdentity, subscriber: Contact) -> Found:
        """Do what `ask_slack` does, of a contact whom the caller has just read."""
        self.verify_actor(actor)
        return self._found(subscriber)

    def verify_actor(self, actor: SlackIdentity) -> None:
        """Raise a `PersonRefused` for whoever may not act at all, or `WorkspaceUnavailableError`.

        Never inside a unit of work.
        """
        verify_member(self._workspace.member(actor.user))

    def identity(self, slack_user: str) -> SlackIdentity:
        """Return who that is, in good standing or not, for an act that asks nothing of them.

        Raises `UnknownPerson` or `WorkspaceUnavailableError`. Never inside a unit of work.
        """
        return self._workspace.member(slack_user).identity

    def settle(
        self, uow: UnitOfWork, actor: SlackIdentity, found: Found, trail: Trail
    ) -> Entitlement:
        """Return what holds now; raises a `PersonRefused` or a `ResetRefused`.

        Writes into `trail` whom it has found, so that a refusal is recorded with their names.
        """
        entitled = self.entitle(uow, actor, found, trail)
        subscriber = entitled.subscriber
        for holding in suspensions_that_hold(uow, subscriber.id):
            authorize_lifting(entitled.admin.id, holding, involved_in_report(uow, holding))
        verify_anything_to_reset(
            subscriber,
            enrolled=bool(entitled.authenticators),
            set_up_required=self._directory(uow).set_up_required(subscriber.id),
        )
        return entitled

    def settle_held(
        self, uow: UnitOfWork, actor: SlackIdentity, found: Found, trail: Trail
    ) -> Entitlement:
        """Do what `settle` does, of two people about whom nobody else decides until this unit ends.

        A report, above all, is known to whoever asks for a reset, or else comes after it.
        """
        seen = self.entitle(uow, actor, found, trail)
        people = (seen.admin.id, seen.subscriber.id)
        for contact_id in sorted(people):  # at the same time they may ask about each other
            uow.contacts.hold(contact_id)
        return self.settle(uow, actor, found, trail)

    def entitle(
        self, uow: UnitOfWork, actor: SlackIdentity, found: Found, trail: Trail
    ) -> Entitlement:
        """Return where the actor may act on the subscriber (rule 5), whatever there is to do.

        Raises and writes into `trail` as `settle` does.
        """
        admin = _admin(uow, actor, trail)
        subscriber = _subscriber(uow, found)
        if subscriber is None:
            refuse_unknown(admin)
        return self._entitle(uow, admin, subscriber, trail)

    def entitle_on(
        self, uow: UnitOfWork, actor: SlackIdentity, subscriber: Contact, trail: Trail
    ) -> Entitlement:
        """Do what `entitle` does, of a subscriber of whom Slack need not be asked.

        For what is done about a case: whoever has left Slack may still have one.
        """
        return self._entitle(uow, _admin(uow, actor, trail), subscriber, trail)

    def oversee(
        self, uow: UnitOfWork, actor: SlackIdentity, trail: Trail
    ) -> tuple[Contact, tuple[Account, ...]]:
        """Return the actor and the accounts that they administer.

        Raises and writes into `trail` as `settle` does.
        """
        admin = _admin(uow, actor, trail)
        accounts = authorize_overview(admin)
        if not self._directory(uow).authenticators_of(admin.id):
            raise NoAuthenticator
        return admin, accounts

    def _entitle(
        self, uow: UnitOfWork, admin: Contact, subscriber: Contact, trail: Trail
    ) -> Entitlement:
        trail.subscriber = subscriber.id
        accounts = authorize_reset(admin, subscriber)
        own, theirs = self._directory(uow).authenticators_of_both(admin.id, subscriber.id)
        if not own:
            raise NoAuthenticator
        return Entitlement(
            admin=admin, subscriber=subscriber, accounts=accounts, authenticators=theirs
        )

    def _found(self, contact: Contact) -> Found:
        if contact.slack is None:
            return Found(member=None, contact_id=contact.id)
        member = self._workspace.member(contact.slack.user)
        verify_member(member)
        return Found(member=member, contact_id=contact.id)

    def _contact(self, contact_id: ContactId) -> Contact:
        with self._unit_of_work() as uow:
            contact = uow.contacts.get(contact_id)
        if contact is None:
            raise SubscriberNotAContact
        return contact


def _admin(uow: UnitOfWork, actor: SlackIdentity, trail: Trail) -> Contact:
    admin = uow.contacts.by_slack(actor)
    if admin is None:
        raise NotAContact
    trail.actor = admin.id
    return admin


def _subscriber(uow: UnitOfWork, found: Found) -> Contact | None:
    """Return the contact, or `None` if their Slack account changed meanwhile."""
    if found.member is not None:
        contact = uow.contacts.by_slack(found.member.identity)
    else:
        contact = uow.contacts.get(found.contact_id) if found.contact_id else None
        contact = contact if contact and contact.slack is None else None
    return contact if contact and found.contact_id in (None, contact.id) else None
