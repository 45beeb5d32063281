"""Yes or No: one decision a case, by the admin who asked, in time, while all still holds."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from bot.domain import request_outcomes, telling
from bot.domain.apart import together_or_apart
from bot.domain.audit import Source
from bot.domain.case import Case, CaseState
from bot.domain.errors import (
    AccountRefused,
    AlreadyDecided,
    CaseNotFound,
    ConfirmExpired,
    NotAContact,
    NotYourCase,
    PersonRefused,
    Refusal,
    ResetRefused,
    StandingLost,
)
from bot.domain.executing import Executor
from bot.domain.expiry import DEADLINE, expire, lose
from bot.domain.ids import CaseId
from bot.domain.journal import Journal
from bot.domain.model import SlackIdentity
from bot.domain.notices import CaseView
from bot.domain.ports import Clock, UnitOfWork, UnitOfWorkFactory
from bot.domain.refusals import Trail, refusals_recorded
from bot.domain.report_errors import ReportedMeanwhile
from bot.domain.requests import Named
from bot.domain.standing import Found, StandingService
from bot.domain.suspensions import reported_since
from bot.domain.views import case_view

_AWAITING = frozenset({CaseState.AWAITING_CONFIRMATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What Slack said of the two people: who the subscriber is, or why one was refused."""

    found: Found | None = None
    refusal: PersonRefused | None = None


class DecidingService:
    """From a case that awaits its admin's word to one that is completed, declined or expired."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        standing: StandingService,
        executor: Executor,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._standing = standing
        self._executor = executor
        self._clock = clock

    def confirm(
        self, actor: SlackIdentity, case_id: CaseId, *, response_url: str | None
    ) -> CaseView:
        """Perform the reset, once.

        The admin's code was verified when the case was opened; a click on Yes adds only intent, so
        it counts from that admin alone, before the deadline, and while both people's standing,
        asked anew, still allows it; where it does not, the case ends here. Raises a `Refusal` or a
        `Fault`, recorded; a `Fault` leaves the case waiting.
        """
        with self._recorded(actor, case_id) as trail:
            case = self._authorize_click(actor, case_id, trail)
            answer = self._ask_slack(actor, case)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                journal = _journal(uow, case, actor, now=now)
                refusal: Refusal | None = None
                if expire(uow, case, now=now, response_url=response_url):
                    refusal = ConfirmExpired()
                elif cause := self._settle(uow, case, actor, answer, trail):
                    if lose(journal, case, cause, response_url=response_url) is None:
                        raise AlreadyDecided
                    refusal = StandingLost(cause)
                else:
                    executing = _move(journal, case, to=CaseState.EXECUTING)
                    self._executor.execute(journal, executing, response_url=response_url)
                view = _view(uow, case)
                uow.commit()
            if refusal is not None:
                raise refusal
            return view

    def decline(
        self, actor: SlackIdentity, case_id: CaseId, *, response_url: str | None
    ) -> CaseView:
        """End the case without a reset, once; raises a `Refusal`, recorded."""
        with self._recorded(actor, case_id) as trail:
            case = self._authorize_click(actor, case_id, trail)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                expired = expire(uow, case, now=now, response_url=response_url)
                if expired is None:
                    journal = _journal(uow, case, actor, now=now)
                    declined = _move(journal, case, to=CaseState.DECLINED)
                    request_outcomes.case_ended(journal, declined)
                    telling.tell_outcome(uow, declined, response_url=response_url, now=now)
                view = _view(uow, case)
                uow.commit()
            if expired is not None:
                raise ConfirmExpired
            return view

    def expire_due(self) -> int:
        """End every unanswered case whose deadline has come; return how many that were.

        One that fails holds up no other: what failed is raised in the end, as an `ExceptionGroup`.
        """
        with self._unit_of_work() as uow:
            due = uow.cases.due_to_expire(self._clock.now())
        return together_or_apart(due, self._expire_all)

    def _expire_all(self, due: Sequence[Case]) -> int:
        with self._unit_of_work() as uow:
            now = self._clock.now()
            count = sum(expire(uow, case, now=now) is not None for case in due)
            uow.commit()
        return count

    def _recorded(self, actor: SlackIdentity, case_id: CaseId) -> AbstractContextManager[Trail]:
        return refusals_recorded(
            self._unit_of_work,
            self._clock,
            source=Source.SLACK,
            subject="reset",
            slack=actor,
            details={"case": case_id},
        )

    def _authorize_click(self, actor: SlackIdentity, case_id: CaseId, trail: Trail) -> Case:
        """Return the case if it is the actor's and still awaits a word."""
        with self._unit_of_work() as uow:
            case = uow.cases.get(case_id)
            contact = uow.contacts.by_slack(actor)
            trail.actor = contact.id if contact else trail.actor
            if case is None:
                raise CaseNotFound
            trail.case, trail.account, trail.subscriber = (
                case.id,
                case.account_id,
                case.subscriber_id,
            )
            if contact is None:
                raise NotAContact
            if contact.id != case.admin_id:
                raise NotYourCase
            if case.state is CaseState.EXPIRED and case.ended_reason == DEADLINE:
                raise ConfirmExpired
            if case.state is not CaseState.AWAITING_CONFIRMATION:
                raise AlreadyDecided
            return case

    def _ask_slack(self, actor: SlackIdentity, case: Case) -> _Answer:
        named = Named(contact_id=case.subscriber_id)
        try:
            return _Answer(found=self._standing.ask_slack(actor, named))
        except PersonRefused as refusal:
            return _Answer(refusal=refusal)

    def _settle(
        self, uow: UnitOfWork, case: Case, actor: SlackIdentity, answer: _Answer, trail: Trail
    ) -> Refusal | None:
        """Return why the reset would be refused by now, if so."""
        if answer.found is None:
            return answer.refusal or NotAContact()
        try:
            standing = self._standing.settle(uow, actor, answer.found, trail)
        except (PersonRefused, ResetRefused) as refusal:
            return refusal
        if reported_since(uow, case):
            return ReportedMeanwhile()
        same_account = case.account_id in {account.id for account in standing.accounts}
        return None if same_account else AccountRefused()


def _journal(uow: UnitOfWork, case: Case, actor: SlackIdentity, *, now: datetime) -> Journal:
    """Return the hand of the case's admin, whose click this was shown to be."""
    return Journal(uow=uow, source=Source.SLACK, actor=case.admin_id or "", now=now, slack=actor)


def _move(journal: Journal, case: Case, *, to: CaseState) -> Case:
    """Take the one decision; raises `AlreadyDecided` where a rival took it first."""
    moved = journal.uow.cases.move(case.id, states=_AWAITING, to=to, now=journal.now)
    if moved is None:
        raise AlreadyDecided
    journal.entered(moved)
    return moved


def _view(uow: UnitOfWork, case: Case) -> CaseView:
    """Return the case as it is after the decision."""
    return case_view(uow, uow.cases.get(case.id) or case)
