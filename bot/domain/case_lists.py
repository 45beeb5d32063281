"""The cases that wait, as those who administer their accounts see them together."""

from bot.domain.audit import AuditEvent, Source
from bot.domain.case import Case
from bot.domain.case_status import CaseList
from bot.domain.errors import ResetRefused
from bot.domain.model import Contact, SlackIdentity
from bot.domain.policy import authorize_reset
from bot.domain.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.domain.refusals import refusals_recorded
from bot.domain.standing import StandingService
from bot.domain.views import case_statuses

MOST_LISTED = 10
"""Cases that one message shows."""

MOST_READ = 100
"""Waiting cases that are looked through for those on whose subscriber the actor is entitled."""


class CaseListService:
    """What waits in somebody's accounts, and what of it is theirs to look after."""

    def __init__(
        self, *, unit_of_work: UnitOfWorkFactory, standing: StandingService, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._standing = standing
        self._clock = clock

    def pending(self, actor: SlackIdentity) -> CaseList:
        """Return the ten cases that have waited longest in the accounts the actor administers.

        Cases of whoever the actor could not reset are left out. Raises a `Refusal` or a `Fault`,
        recorded.
        """
        return self._list(actor, mine=False)

    def mine(self, actor: SlackIdentity) -> CaseList:
        """Do what `pending` does, of the cases that are the actor's to look after."""
        return self._list(actor, mine=True)

    def _list(self, actor: SlackIdentity, *, mine: bool) -> CaseList:
        with refusals_recorded(
            self._unit_of_work, self._clock, source=Source.SLACK, subject="case", slack=actor
        ) as trail:
            self._standing.verify_actor(actor)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                admin, accounts = self._standing.oversee(uow, actor, trail)
                waiting = uow.cases.waiting_in(
                    [account.id for account in accounts],
                    limit=MOST_READ,
                    in_charge=admin.id if mine else None,
                )
                known = [case for case in waiting if is_entitled(uow, admin, case)]
                event = AuditEvent(
                    tag=f"{Source.SLACK}:status:listed", at=now, actor=admin.id, slack=actor
                )
                uow.audit.record(event)
                listed = CaseList(
                    as_of=now,
                    cases=case_statuses(uow, known[:MOST_LISTED], admin.id),
                    more=len(known) > MOST_LISTED or len(waiting) == MOST_READ,
                )
                uow.commit()
            return listed


def is_entitled(uow: UnitOfWork, admin: Contact, case: Case) -> bool:
    """Whether the admin may look after the case: by rule 5, in the case's own account."""
    subscriber = uow.contacts.get(case.subscriber_id)
    try:
        accounts = authorize_reset(admin, subscriber) if subscriber else ()
    except ResetRefused:
        return False
    return case.account_id in {account.id for account in accounts}
