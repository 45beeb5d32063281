"""Erasing who a leaver was; what was done, and to which id, stays in the chain (design rule 12)."""

from dataclasses import dataclass
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.errors import StillHoldsRole
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Contact, Operator
from bot.domain.operator.acts import held_contact, named_contact, record_operators_act
from bot.domain.operator.leaving import end_cases
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record.audience import Audience
from bot.domain.record.journal import OPERATOR, Journal
from bot.domain.record.refusals import Recorder


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How much of somebody was erased; nothing but the id is left."""

    contact_id: ContactId
    records: int
    cases: int


class ForgettingService:
    """Forgets whoever belongs to no account any more."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        clock: Clock,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.operators_refusals, "contact")
        self._clock = clock
        self._audience = audience

    def authorize(self, email: str, *, operator: Operator) -> Contact:
        """Return who would be forgotten, for the question whether that is meant.

        Raises `ContactNotFound` or `StillHoldsRole`, recorded.
        """
        with self._refusals(operator) as trail, self._unit_of_work() as uow:
            return _leaver(named_contact(uow, email, trail))

    def forget(self, email: str, *, operator: Operator) -> Erased:
        """Erase everything personal of the contact's, in one transaction, for good.

        Also the details of audit records that name them in passing, such as their reports' imports.
        Their cases end, as `end_cases` says. Raises what `authorize` does. The same address may be
        imported anew: as somebody new.
        """
        with self._refusals(operator) as trail, self._unit_of_work() as uow:
            now = self._clock.now()
            contact = _leaver(held_contact(uow, email, trail))
            uow.authenticators.invalidate_all(contact.id, now=now)
            uow.sessions.end_all(contact.id, now=now)
            records = uow.audit.erase_details(contact.id) + uow.audit.erase_mentions(contact.email)
            cases = uow.cases.of(contact.id)
            journal = Journal(
                uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=now, details=operator.details()
            )
            end_cases(journal, cases, because="forgotten")
            uow.cases.forget(contact.id)
            uow.requests.forget(contact.id)
            uow.sessions.forget(contact.id)
            uow.outbox.forget(contact.id)
            uow.contacts.forget(contact.id)
            record_operators_act(uow, "contact:forgotten", contact, operator, now=now)
            facts = {
                "act": "erased the personal data of a leaver",
                "about": f"They are the contact {contact.id} from now on.",
            }
            notice = Notice(kind=NoticeKind.OPERATOR_ACTED, facts=facts)
            self._audience.tell_channel(uow, notice, now=now)
            uow.commit()
        return Erased(contact_id=contact.id, records=records, cases=len(cases))


def _leaver(contact: Contact) -> Contact:
    if contact.memberships:
        raise StillHoldsRole
    return contact
