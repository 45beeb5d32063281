"""The operator's hand-over of a set-up code, where no administrator can do it (design rule 9)."""

from datetime import datetime
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.errors import SignInMissing
from bot.domain.model.ids import SessionId
from bot.domain.model.people import Contact, Operator, Session
from bot.domain.model.reset_form import verify_reason
from bot.domain.operator.acts import named_contact, tell_of_act
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record.audience import Audience
from bot.domain.record.journal import OPERATOR, Journal
from bot.domain.record.refusals import Recorder
from bot.domain.set_up.handing_over import (
    HandedOver,
    chosen_sign_in,
    record_hand_over,
    waiting_set_up,
)
from bot.domain.set_up.set_up_codes import issue_set_up_code


class OperatorHandOverService:
    """Shows the code at the console; Slack is asked nothing."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        clock: Clock,
        pepper: bytes,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.operators_refusals, "set_up_code")
        self._clock = clock
        self._pepper = pepper
        self._audience = audience

    def waiting(self, email: str) -> tuple[Session, ...]:
        """Return the contact's sign-ins that wait for a set-up code, the newest first."""
        with self._unit_of_work() as uow:
            contact = uow.contacts.by_email(email)
            if contact is None:
                return ()
            return uow.sessions.waiting_of(contact.id, now=self._clock.now())

    def hand_over(
        self, email: str, *, session_id: SessionId | None, reason: str, operator: Operator
    ) -> HandedOver:
        """Make the set-up code of the one sign-in that waits, or of the one that is named.

        Raises an `InputRefused`, `ContactNotFound`, `SubscriberSuspended`, `NobodyWaits`, or, where
        several wait or the named one does not, `SignInMissing`: each recorded.
        """
        with self._refusals(operator) as trail:
            kept = verify_reason(reason)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                contact = named_contact(uow, email, trail)
                case, sessions = waiting_set_up(uow, contact, now=now)
                only = sessions[0].id if len(sessions) == 1 else None
                session = chosen_sign_in(sessions, session_id or only)
                shown = issue_set_up_code(uow, session, pepper=self._pepper, now=now)
                if shown is None:
                    raise SignInMissing
                journal = Journal(uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=now)
                details = {"subscriber": contact.email, "reason": kept, **operator.details()}
                record_hand_over(
                    journal, case, contact, session, by=None, proof=None, details=details
                )
                self._tell_owners(uow, contact, now=now)
                uow.commit()
            return HandedOver(subscriber=contact, shown=shown)

    def _tell_owners(self, uow: UnitOfWork, contact: Contact, *, now: datetime) -> None:
        tell_of_act(
            uow,
            contact,
            "showed a set-up code",
            audience=self._audience,
            the_contact_too=False,  # they are told of the hand-over itself
            now=now,
        )
