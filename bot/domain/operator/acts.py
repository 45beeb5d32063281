"""What all of the operator's acts have in common: how they are recorded, and who hears of them."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.errors import ContactNotFound
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, Operator, SlackIdentity
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.audience import Audience, owners_of
from bot.domain.record.journal import OPERATOR
from bot.domain.record.refusals import Trail


def named_contact(uow: UnitOfWork, email: str, trail: Trail) -> Contact:
    """Return the contact, and write into `trail` who it is; raises `ContactNotFound`.

    An address that is nobody's is not recorded: it could be that of somebody who was forgotten, a
    moment ago perhaps, and no record of theirs would lead to it.
    """
    contact = uow.contacts.by_email(email)
    if contact is None:
        trail.subscriber = None
        trail.details = {key: said for key, said in trail.details.items() if key != "email"}
        raise ContactNotFound
    trail.subscriber = contact.id
    trail.details = {**trail.details, "email": contact.email}
    return contact


def held_contact(uow: UnitOfWork, email: str, trail: Trail) -> Contact:
    """Do what `named_contact` does, once no other unit that holds the contact goes on.

    First thing in whatever the operator changes about somebody: who they are, and what they have,
    is what the last unit has left, and stays so until this one has ended.
    """
    found = uow.contacts.by_email(email)
    if found is not None:
        uow.contacts.hold(found.id)
    return named_contact(uow, email, trail)


def record_operators_act(
    uow: UnitOfWork,
    what: str,
    contact: Contact,
    operator: Operator,
    *,
    now: datetime,
    slack: SlackIdentity | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Record `what`, a tag's `subject:action`, that the operator did about the contact."""
    event = AuditEvent(
        tag=f"{Source.OPERATOR}:{what}",
        at=now,
        actor=OPERATOR,
        subscriber=contact.id,
        slack=slack,
        details={**(details or {}), **operator.details()},
    )
    uow.audit.record(event)


def tell_of_act(
    uow: UnitOfWork,
    contact: Contact,
    act: str,
    *,
    audience: Audience,
    the_contact_too: bool = True,
    now: datetime,
) -> None:
    """Tell the contact, the owners of their accounts and the audit channel what the operator did.

    `act` is said after "The operator" and before "for" whom.
    """
    notice = Notice(kind=NoticeKind.OPERATOR_ACTED, subject_id=contact.id, facts={"act": act})
    if the_contact_too:
        telling.write_to(uow, contact, notice, now=now)
    audience.tell(uow, notice, owners_of(uow, contact), now=now)
