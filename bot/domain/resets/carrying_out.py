"""Carrying a case out under a lease: whoever dies on it leaves it to the next."""

from datetime import datetime, timedelta

from bot.domain.model.cases import Case, Lease
from bot.domain.model.errors import (
    CarriedOutLaterError,
    DirectoryUnavailableError,
    Fault,
    StandingLost,
)
from bot.domain.model.ids import CaseId, LeaseHolder, new_id
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record.journal import Author, Journal
from bot.domain.resets.executing import Executor
from bot.domain.resets.expiry import lose
from bot.domain.standing.case_standing import Settle

LEASE_LASTS = timedelta(seconds=60)
"""Far longer than the work takes, and short enough for a person to wait where somebody died."""


def new_lease(now: datetime) -> Lease:
    """Make a lease for one attempt: two threads of a process are strangers to each other too."""
    return Lease(holder=LeaseHolder(new_id("run")), until=now + LEASE_LASTS)


class ExecutingService:
    """Takes a case from `EXECUTING` to its end, in a unit of work of its own.

    The effects, their records, the end of the case and its messages are one transaction, since the
    embedded directory keeps its effects in the same database: all of it was done, or nothing.
    """

    def __init__(
        self, *, unit_of_work: UnitOfWorkFactory, executor: Executor, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._executor = executor
        self._clock = clock

    def carry_out(
        self,
        case_id: CaseId,
        holder: LeaseHolder,
        author: Author,
        *,
        settle: Settle,
    ) -> Case:
        """Carry out at once what was just confirmed; return the case as it is then.

        Where the directory does not answer nothing was done, and the case stays `EXECUTING` for the
        next sweep: that is recorded, and told to whose case it is. Raises `StandingLost` as
        `perform` does, and `CarriedOutLaterError` for whatever else breaks: then too nothing was
        done, and a sweep takes the case up once the lease has run out.
        """
        try:
            try:
                return self.perform(case_id, holder, author, settle=settle)
            except DirectoryUnavailableError as fault:
                return self._put_off(case_id, holder, author, fault)
        except StandingLost:
            raise
        except Exception as error:
            raise CarriedOutLaterError from error

    def perform(
        self,
        case_id: CaseId,
        holder: LeaseHolder,
        author: Author,
        *,
        settle: Settle,
    ) -> Case:
        """Take or renew the lease, settle anew, and perform the reset; return the case afterwards.

        A case that somebody else carries out, or has ended, is left alone. Raises `StandingLost`
        where it ended the case before anything was done, and a `Fault`; nothing was done then, and
        the lease is as it was.
        """
        with self._unit_of_work() as uow:
            now = self._clock.now()
            lease = Lease(holder=holder, until=now + LEASE_LASTS)
            case = uow.cases.take_lease(case_id, lease, now=now)
            if case is None:
                return _known(uow, case_id)
            uow.contacts.hold(case.subscriber_id)
            journal, cause = author.journal(uow, now=now), settle(uow, case)
            if cause is not None:
                ended = lose(journal, case, cause, held_by=holder)
            else:
                ended = self._executor.execute(journal, case, held_by=holder)
            if ended is not None:
                uow.commit()
        if ended is None:  # it was taken from us, and nothing of this was done
            return self._look(case_id)
        if cause is not None:
            raise StandingLost(cause)
        return ended

    def take(self, case_id: CaseId) -> Lease | None:
        """Have a case for oneself, whose last holder let go of it, or died."""
        with self._unit_of_work() as uow:
            now = self._clock.now()
            lease = new_lease(now)
            taken = uow.cases.take_lease(case_id, lease, now=now)
            uow.commit()
        return lease if taken is not None else None

    def let_go(self, case_id: CaseId, holder: LeaseHolder) -> None:
        """Leave a case to the next sweep; where it is another's by now nothing is done."""
        with self._unit_of_work() as uow:
            uow.cases.end_lease(case_id, holder=holder)
            uow.commit()

    def release_leases(self) -> int:
        """Let go of everything that an earlier run has left; return how many cases that were.

        For the start of an installation of which only one process runs at a time: whoever held a
        lease is dead. The first sweep takes those cases up.
        """
        with self._unit_of_work() as uow:
            released = uow.cases.release_leases()
            uow.commit()
        return released

    def _put_off(
        self,
        case_id: CaseId,
        holder: LeaseHolder,
        author: Author,
        fault: Fault,
    ) -> Case:
        with self._unit_of_work() as uow:
            now, case = self._clock.now(), _known(uow, case_id)
            if uow.cases.end_lease(case_id, holder=holder):
                journal = author.journal(uow, now=now)
                journal.happened(f"reset:{fault.tag}", case)
                _tell_under_way(journal, case)
                uow.commit()
        return case

    def _look(self, case_id: CaseId) -> Case:
        with self._unit_of_work() as uow:
            return _known(uow, case_id)


def _tell_under_way(journal: Journal, case: Case) -> None:
    """Write to whose case it is that it goes on by itself: in the place of their question, once."""
    if case.in_charge_id is not None:
        notice = Notice(
            kind=NoticeKind.OUTCOME,
            contact_id=case.in_charge_id,
            case_id=case.id,
            response_url=journal.response_url,
            replace_original=journal.response_url is not None,
        )
        journal.uow.outbox.add(notice, now=journal.now)


def _known(uow: UnitOfWork, case_id: CaseId) -> Case:
    case = uow.cases.get(case_id)
    if case is None:
        raise LookupError(f"there is no case {case_id}")
    return case
