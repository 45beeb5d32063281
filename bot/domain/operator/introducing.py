"""Who hears of it where Slack identities are bound to contacts who had none, or are taken away."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, SlackIdentity
from bot.domain.operator.acts import tell_of_act
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.audience import Audience, owners_of


def tell_of_bindings(
    uow: UnitOfWork, bound: Sequence[Contact], *, audience: Audience, now: datetime
) -> None:
    """Tell each of the people, and the owners of their accounts and the audit channel.

    These by one message each, which names the one, or of several says how many.
    """
    for contact in bound:
        notice = Notice(kind=NoticeKind.IDENTITY_BOUND, subject_id=contact.id)
        telling.write_to(uow, contact, notice, now=now)
    if len(bound) == 1:
        act = "bound a Slack account"
        tell_of_act(uow, bound[0], act, audience=audience, the_contact_too=False, now=now)
    elif bound:
        _tell_of_several(uow, bound, audience=audience, now=now)


def tell_of_unbinding(
    uow: UnitOfWork, contact_id: ContactId, identity: SlackIdentity, *, now: datetime
) -> None:
    """Tell the Slack account itself that it is no longer that leaver's."""
    facts = {
        "act": "took away every role, and unbound this Slack account,",
        "about": "Rekey takes it for nobody from now on.",
    }
    notice = Notice(
        kind=NoticeKind.OPERATOR_ACTED,
        slack_address=identity.user,
        subject_id=contact_id,
        facts=facts,
    )
    uow.outbox.add(notice, now=now)


def _tell_of_several(
    uow: UnitOfWork, contacts: Sequence[Contact], *, audience: Audience, now: datetime
) -> None:
    owners = Counter(owner for contact in contacts for owner in owners_of(uow, contact))
    for owner_id, number in owners.items():
        notice = _several(number, "They belong to people of your accounts.")
        uow.outbox.add(replace(notice, contact_id=owner_id), now=now)
    audience.tell_channel(uow, _several(len(contacts), ""), now=now)


def _several(number: int, about: str) -> Notice:
    act = f"bound {number} Slack account{'' if number == 1 else 's'} to contacts"
    return Notice(kind=NoticeKind.OPERATOR_ACTED, facts={"act": act, "about": about})
