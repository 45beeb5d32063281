"""Which Slack identity is which contact: bound, and replaced, by the operator alone (rule 6)."""

from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from bot.domain import telling
from bot.domain.audit import Source
from bot.domain.directory_import import describe_identity
from bot.domain.errors import IdentityReplaced
from bot.domain.expiry import break_off
from bot.domain.ids import ContactId
from bot.domain.journal import OPERATOR, Journal
from bot.domain.model import Contact, Role, SlackIdentity
from bot.domain.notices import Notice, NoticeKind
from bot.domain.operator import Operator
from bot.domain.operator_acts import (
    held_contact,
    named_contact,
    operator_refusals,
    record_act,
    tell_of_act,
    tell_owners,
)
from bot.domain.operator_errors import IdentityTaken, NoIdentity
from bot.domain.policy import verify_member
from bot.domain.ports import Clock, UnitOfWork, UnitOfWorkFactory, Workspace
from bot.domain.refusals import Trail


class IdentityService:
    """What the operator says of who is who; every change is told to both sides of it."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        workspace: Workspace,
        clock: Clock,
        audit_channel: str | None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._workspace = workspace
        self._clock = clock
        self._audit_channel = audit_channel

    def bind(
        self, found: Sequence[tuple[ContactId, SlackIdentity]], *, operator: Operator
    ) -> tuple[ContactId, ...]:
        """Bind Slack identities to contacts who have none, and tell them; return whose were bound.

        One transaction, so that nobody is bound of whom the owners of their accounts and the audit
        channel do not hear: by one message each, which of several says how many. Left out is who
        has an identity meanwhile, and whoever's identity somebody else has.
        """
        with self._unit_of_work() as uow:
            now = self._clock.now()
            bound = [
                contact
                for contact_id, identity in found
                if (contact := _bind(uow, contact_id, identity, operator, now=now)) is not None
            ]
            self._announce(uow, bound, now=now)
            uow.commit()
        return tuple(contact.id for contact in bound)

    def _announce(self, uow: UnitOfWork, bound: Sequence[Contact], *, now: datetime) -> None:
        if len(bound) == 1:
            act, channel = "bound a Slack account", self._audit_channel
            tell_of_act(uow, bound[0], act, audit_channel=channel, the_contact_too=False, now=now)
        elif bound:
            self._announce_several(uow, bound, now=now)

    def authorize(self, email: str, *, operator: Operator) -> Contact:
        """Return the contact whose identity may be replaced, for the question by which.

        Raises `ContactNotFound` or `NoIdentity`, recorded.
        """
        with self._recorded(operator) as trail, self._unit_of_work() as uow:
            contact = named_contact(uow, email, trail)
            if contact.slack is None:
                raise NoIdentity
            return contact

    def replace(self, email: str, user_id: str, *, operator: Operator) -> Contact:
        """Bind the contact to that member in place of whom they have; return them as they are then.

        Every session of theirs ends, with its set-up code, and every case in which they have a part
        and that waits for a Yes, or after it to be carried out. Both identities, the owners and the
        audit channel are told. Raises, recorded, what `authorize` does, a `PersonRefused` for
        anybody but a full active member, `IdentityTaken`, or `WorkspaceUnavailableError`.
        """
        with self._recorded(operator) as trail:
            member = self._workspace.member(user_id)
            verify_member(member)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                # whoever carries a case out, or ends it, has the case before its people
                _end_cases(uow, named_contact(uow, email, trail), operator, now=now)
                contact = held_contact(uow, email, trail)
                old, new = contact.slack, member.identity
                if old is None:
                    raise NoIdentity
                if new == old or not uow.contacts.bind_slack(contact.id, new):
                    raise IdentityTaken
                details = {
                    "email": contact.email,
                    "identity_before": describe_identity(old),
                    "identity": describe_identity(new),
                }
                record_act(
                    uow, "identity:replaced", contact, operator, now=now, slack=new, details=details
                )
                uow.contacts.raise_sign_in_epoch(contact.id)
                uow.sessions.end_all(contact.id, now=now)
                replaced = replace(contact, slack=new)
                self._tell_of_replacement(uow, replaced, old, now=now)
                uow.commit()
            return replaced

    def _recorded(self, operator: Operator) -> AbstractContextManager[Trail]:
        return operator_refusals(
            "identity", operator, unit_of_work=self._unit_of_work, clock=self._clock
        )

    def _tell_of_replacement(
        self, uow: UnitOfWork, contact: Contact, old: SlackIdentity, *, now: datetime
    ) -> None:
        notice = Notice(kind=NoticeKind.IDENTITY_REPLACED, subject_id=contact.id)
        uow.outbox.add(replace(notice, slack_address=old.user), now=now)
        telling.write_to(uow, contact, notice, now=now)
        tell_owners(uow, contact, notice, audit_channel=self._audit_channel, now=now)

    def _announce_several(
        self, uow: UnitOfWork, contacts: Sequence[Contact], *, now: datetime
    ) -> None:
        owners = Counter(
            owner.id
            for contact in contacts
            for owner in telling.concerned(uow, contact, at_least=Role.OWNER)
        )
        for owner_id, number in owners.items():
            notice = _several(number, "They belong to people of your accounts.")
            uow.outbox.add(replace(notice, contact_id=owner_id), now=now)
        if self._audit_channel is not None:
            notice = _several(len(contacts), "")
            uow.outbox.add(replace(notice, slack_address=self._audit_channel), now=now)


def _bind(
    uow: UnitOfWork,
    contact_id: ContactId,
    identity: SlackIdentity,
    operator: Operator,
    *,
    now: datetime,
) -> Contact | None:
    """Bind one; `None`, and nothing done, where they or that identity are bound already."""
    contact = uow.contacts.get(contact_id)
    if contact is None or contact.slack is not None:
        return None
    if not uow.contacts.bind_slack(contact.id, identity):
        return None
    details = {"email": contact.email}
    record_act(uow, "identity:bound", contact, operator, now=now, slack=identity, details=details)
    bound = replace(contact, slack=identity)
    notice = Notice(kind=NoticeKind.IDENTITY_BOUND, subject_id=contact.id)
    telling.write_to(uow, bound, notice, now=now)
    return bound


def _several(number: int, about: str) -> Notice:
    act = f"bound {number} Slack account{'' if number == 1 else 's'} to contacts"
    return Notice(kind=NoticeKind.OPERATOR_ACTED, facts={"act": act, "about": about})


def _end_cases(uow: UnitOfWork, contact: Contact, operator: Operator, *, now: datetime) -> None:
    """End what an admin asked for: it rested on who both are in Slack, a Yes too (rule 5)."""
    journal = Journal(
        uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=now, details=operator.details()
    )
    for case in uow.cases.waiting():
        if case.admin_id and contact.id in (case.admin_id, case.subscriber_id):
            break_off(journal, case, IdentityReplaced())
