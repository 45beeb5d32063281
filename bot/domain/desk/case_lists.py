"""The cases that wait, as those who administer their accounts see them together."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.domain.desk.statuses import case_statuses
from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.cases import Case
from bot.domain.model.people import Account, Contact, SlackIdentity
from bot.domain.model.views import CaseList
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record.refusals import Recorder
from bot.domain.standing.policy import entitled_accounts
from bot.domain.standing.standing import StandingService

MOST_LISTED = 10
"""Cases that one message shows."""

MOST_READ = 100
"""Waiting cases that are looked through for those on whose subscriber the actor is entitled."""


class CaseListService:
    """What waits in somebody's accounts, and what of it is theirs to look after."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        standing: StandingService,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "case")
        self._standing = standing
        self._clock = clock

    def pending(self, actor: SlackIdentity) -> CaseList:
        """Return the first ten cases that wait in the accounts the actor administers.

        Those that have waited longest come first, and lapsed and failed ones behind all others.
        Cases of whoever the actor could not reset are left out. Raises a `Refusal` or a `Fault`,
        recorded.
        """
        return self._list(actor, mine=False)

    def mine(self, actor: SlackIdentity) -> CaseList:
        """Do what `pending` does, of the cases that are the actor's to look after."""
        return self._list(actor, mine=True)

    def _list(self, actor: SlackIdentity, *, mine: bool) -> CaseList:
        with self._refusals(slack=actor) as trail:
            self._standing.verify_actor(actor)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                admin, accounts = self._standing.oversee(uow, actor, trail)
                event = AuditEvent(
                    tag=f"{Source.SLACK}:status:listed", at=now, actor=admin.id, slack=actor
                )
                uow.audit.record(event)
                listed = waiting_for(uow, admin, accounts, mine=mine, now=now)
                uow.commit()
            return listed


def waiting_for(
    uow: UnitOfWork,
    admin: Contact,
    accounts: Sequence[Account],
    *,
    mine: bool = False,
    now: datetime,
) -> CaseList:
    """Return the first of the accounts' cases that wait, of those the admin may look after."""
    waiting = uow.cases.waiting_in(
        [account.id for account in accounts],
        limit=MOST_READ,
        in_charge=admin.id if mine else None,
    )
    uow.contacts.with_ids({case.subscriber_id for case in waiting})  # read one by one they are slow
    known = [case for case in waiting if is_entitled(uow, admin, case)]
    return CaseList(
        as_of=now,
        cases=case_statuses(uow, known[:MOST_LISTED], admin.id),
        total=len(known),
        at_least=len(waiting) == MOST_READ,
    )


def is_entitled(uow: UnitOfWork, admin: Contact, case: Case) -> bool:
    """Whether the admin may look after the case: by rule 5, in the case's own account."""
    subscriber = uow.contacts.get(case.subscriber_id)
    accounts = entitled_accounts(admin, subscriber) if subscriber else ()
    return case.account_id in {account.id for account in accounts}
