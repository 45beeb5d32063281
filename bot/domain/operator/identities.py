"""Which Slack identity is which contact: bound, and replaced, by the operator alone (rule 6)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.errors import IdentityReplaced, IdentityTaken, NoIdentity
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, Operator, SlackIdentity
from bot.domain.operator.acts import (
    held_contact,
    named_contact,
    record_operators_act,
)
from bot.domain.operator.import_plan import describe_identity
from bot.domain.operator.introducing import tell_of_bindings
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.ports.workspace import Workspace
from bot.domain.record import telling
from bot.domain.record.audience import Audience, owners_of
from bot.domain.record.journal import OPERATOR, Journal
from bot.domain.record.refusals import Recorder
from bot.domain.resets.expiry import break_off
from bot.domain.standing.policy import verify_member


class IdentityService:
    """What the operator says of who is who; every change is told to both sides of it."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        workspace: Workspace,
        clock: Clock,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.operators_refusals, "identity")
        self._workspace = workspace
        self._clock = clock
        self._audience = audience

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
            tell_of_bindings(uow, bound, audience=self._audience, now=now)
            uow.commit()
        return tuple(contact.id for contact in bound)

    def authorize(self, email: str, *, operator: Operator) -> Contact:
        """Return the contact whose identity may be replaced, for the question by which.

        Raises `ContactNotFound` or `NoIdentity`, recorded.
        """
        with self._refusals(operator) as trail, self._unit_of_work() as uow:
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
        with self._refusals(operator) as trail:
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
                record_operators_act(
                    uow, "identity:replaced", contact, operator, now=now, slack=new, details=details
                )
                uow.contacts.raise_sign_in_epoch(contact.id)
                uow.sessions.end_all(contact.id, now=now)
                replaced = replace(contact, slack=new)
                self._tell_of_replacement(uow, replaced, old, now=now)
                uow.commit()
            return replaced

    def _tell_of_replacement(
        self, uow: UnitOfWork, contact: Contact, old: SlackIdentity, *, now: datetime
    ) -> None:
        notice = Notice(kind=NoticeKind.IDENTITY_REPLACED, subject_id=contact.id)
        uow.outbox.add(replace(notice, slack_address=old.user), now=now)
        telling.write_to(uow, contact, notice, now=now)
        self._audience.tell(uow, notice, owners_of(uow, contact), now=now)


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
    record_operators_act(
        uow, "identity:bound", contact, operator, now=now, slack=identity, details=details
    )
    return replace(contact, slack=identity)


def _end_cases(uow: UnitOfWork, contact: Contact, operator: Operator, *, now: datetime) -> None:
    """End what an admin asked for: it rested on who both are in Slack, a Yes too (rule 5)."""
    journal = Journal(
        uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=now, details=operator.details()
    )
    for case in uow.cases.waiting():
        if case.admin_id and contact.id in (case.admin_id, case.subscriber_id):
            break_off(journal, case, IdentityReplaced())
