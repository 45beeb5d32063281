"""Who hears of an act besides the one it was done to: people concerned, and the audit channel."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.model.cases import Case
from bot.domain.model.ids import ContactId, MessageId
from bot.domain.model.notices import Notice
from bot.domain.model.people import Contact, Role
from bot.domain.ports.unit_of_work import UnitOfWork


def owners_of(uow: UnitOfWork, contact: Contact | None) -> list[ContactId]:
    """Return the owners of all the contact's accounts, but never the contact."""
    return [owner.id for owner in concerned(uow, contact, at_least=Role.OWNER)]


def administrators_of(uow: UnitOfWork, contact: Contact | None) -> list[ContactId]:
    """Return the administrators and owners of all the contact's accounts, but never the contact."""
    return [admin.id for admin in concerned(uow, contact, at_least=Role.ADMINISTRATOR)]


def concerned(uow: UnitOfWork, contact: Contact | None, *, at_least: Role) -> tuple[Contact, ...]:
    """Return everybody with that role in any account of the contact's, but never the contact."""
    if contact is None:
        return ()
    accounts = [m.account.id for m in contact.memberships]
    people = uow.contacts.with_role(accounts, at_least=at_least)
    return tuple(person for person in people if person.id != contact.id)


def involved_in(uow: UnitOfWork, case: Case) -> list[ContactId]:
    """Return who asked for the case, took it over, or handed a set-up code of it over."""
    handed_over = [each.handed_over_by for each in uow.cases.hand_overs_of(case.id)]
    people = dict.fromkeys([case.admin_id, case.taken_over_by, *handed_over])
    return [contact_id for contact_id in people if contact_id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Writes to people, each once, and to the audit channel where there is one."""

    audit_channel: str | None

    def tell(
        self,
        uow: UnitOfWork,
        notice: Notice,
        people: Iterable[ContactId | None],
        *,
        but: Collection[str | None] = (),
        now: datetime,
    ) -> list[MessageId | None]:
        """Write the notice to `people`, except those in `but`, and to the audit channel.

        Returns what became of each; of a notice with a `once` key each recipient gets one.
        """
        written = [
            uow.outbox.add(replace(notice, contact_id=who, once=_once(notice, who)), now=now)
            for who in dict.fromkeys(people)
            if who is not None and who not in but
        ]
        if self.audit_channel is not None:
            once = _once(notice, "channel")
            written.append(self.tell_channel(uow, replace(notice, once=once), now=now))
        return written

    def tell_channel(self, uow: UnitOfWork, notice: Notice, *, now: datetime) -> MessageId | None:
        """Write the notice to the audit channel alone; `None` where nothing was written."""
        if self.audit_channel is None:
            return None
        return uow.outbox.add(replace(notice, slack_address=self.audit_channel), now=now)


def _once(notice: Notice, who: str) -> str | None:
    return notice.once and f"{notice.once}:{who}"
