"""Who is told of what: notices are written in the transaction of their cause (design rule 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Channel, Notice, NoticeKind
from bot.domain.model.people import Contact
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.journal import Journal


def tell(
    uow: UnitOfWork,
    kind: NoticeKind,
    people: Iterable[ContactId | None],
    *,
    case: Case,
    now: datetime,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write one notice about `case` to each of `people`, however often they are named."""
    for contact_id in dict.fromkeys(people):
        if contact_id is not None:
            notice = Notice(kind=kind, contact_id=contact_id, case_id=case.id, facts=facts or {})
            uow.outbox.add(notice, now=now)


def tell_subscriber(
    uow: UnitOfWork,
    kind: NoticeKind,
    *,
    case: Case,
    now: datetime,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write one notice about `case` to its subscriber, by every way that reaches them."""
    subscriber = uow.contacts.get(case.subscriber_id)
    if subscriber is not None:
        write_to(uow, subscriber, Notice(kind=kind, case_id=case.id, facts=facts or {}), now=now)


def write_to(uow: UnitOfWork, contact: Contact, notice: Notice, *, now: datetime) -> None:
    """Write the notice to a contact whose own 2FA it concerns, by every way that reaches them.

    Where none does it goes to Slack all the same, so that it is reported as undeliverable.
    """
    for channel in ways_to(uow, contact) or (Channel.SLACK,):
        once = notice.once and f"{notice.once}:{channel}"
        addressed = replace(notice, contact_id=contact.id, channel=channel, once=once)
        uow.outbox.add(addressed, now=now)


def ways_to(uow: UnitOfWork, contact: Contact) -> tuple[Channel, ...]:
    """Return by which ways messages reach the contact."""
    reached = {Channel.SLACK: contact.slack is not None, Channel.EMAIL: bool(contact.email)}
    return tuple(way for way in Channel if reached[way] and way in uow.outbox.channels)


def tell_outcome(journal: Journal, case: Case) -> None:
    """Replace the confirm block by the outcome, and write it to the DM of whose case it is as well.

    The replacement has no other address: where it cannot be made, the DM has told it all. Where the
    question stood in the DM both are seen there: Slack notifies nobody of what is replaced, and
    takes the replacement for half an hour only, while a case may come to its end much later.
    """
    if journal.response_url is not None:
        replacement = Notice(
            kind=NoticeKind.OUTCOME,
            case_id=case.id,
            response_url=journal.response_url,
            replace_original=True,
        )
        journal.uow.outbox.add(replacement, now=journal.now)
    tell(journal.uow, NoticeKind.OUTCOME, [case.in_charge_id], case=case, now=journal.now)
