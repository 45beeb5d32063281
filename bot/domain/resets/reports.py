"""A report that it was not them suspends the subscriber's sign-in (rule 10)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.cases import REPORT_WITHIN, Case, CaseState
from bot.domain.model.errors import AlreadyReported, CaseNotFound, NotTheSubscriber, ReportTooLate
from bot.domain.model.ids import CaseId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import SlackIdentity, SuspensionCause
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.record import telling
from bot.domain.record.audience import Audience, administrators_of, involved_in
from bot.domain.record.case_views import case_view
from bot.domain.record.journal import Journal
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.resets.effects import reset_authenticators
from bot.domain.standing.suspensions import new_suspension

_REPORTABLE = frozenset({CaseState.COMPLETED, CaseState.LAPSED, CaseState.RE_ENROLLED})


class ReportService:
    """What the subscriber may say of a reset or an enrolment."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        directory: DirectoryFactory,
        clock: Clock,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "report")
        self._directory = directory
        self._clock = clock
        self._audience = audience

    def authorize(self, actor: SlackIdentity, case_id: CaseId) -> CaseView:
        """Return the case that the actor may report, for the question whether they mean it.

        Raises a `Refusal`, recorded. Slack is not asked who the actor is now: whoever was bound as
        the subscriber may always say that it was not them.
        """
        with (
            self._refusals(slack=actor, details={"case": case_id}) as trail,
            self._unit_of_work() as uow,
        ):
            return case_view(uow, self._reportable(uow, actor, case_id, trail))

    def report(self, actor: SlackIdentity, case_id: CaseId) -> CaseView:
        """Suspend the sign-in, invalidate every authenticator, end every session, tell people.

        One transaction, once; raises a `Refusal`, recorded.
        """
        with self._refusals(slack=actor, details={"case": case_id}) as trail:
            with self._unit_of_work() as uow:
                case = self._reportable(uow, actor, case_id, trail)
                uow.contacts.hold(case.subscriber_id)
                self._reportable(uow, actor, case_id, trail)  # a reset may have ended meanwhile
                now = self._clock.now()
                vetoed = uow.cases.move(case.id, states=_REPORTABLE, to=CaseState.VETOED, now=now)
                if vetoed is None:  # a second press won the race
                    raise AlreadyReported
                journal = Journal(
                    uow=uow,
                    source=Source.SLACK,
                    actor=vetoed.subscriber_id,
                    now=now,
                    slack=actor,
                )
                journal.entered(vetoed)
                self._suspend(journal, vetoed)
                self._tell(uow, vetoed, now=now)
                view = case_view(uow, vetoed)
                uow.commit()
            return view

    def _reportable(
        self, uow: UnitOfWork, actor: SlackIdentity, case_id: CaseId, trail: Trail
    ) -> Case:
        case = uow.cases.get(case_id)
        contact = uow.contacts.by_slack(actor)
        trail.actor = contact.id if contact else trail.actor
        if case is None:
            raise CaseNotFound
        trail.case, trail.account, trail.subscriber = case.id, case.account_id, case.subscriber_id
        if contact is None or contact.id != case.subscriber_id:
            raise NotTheSubscriber
        if case.state is CaseState.VETOED:
            raise AlreadyReported
        if case.state not in _REPORTABLE or self._too_late(case):
            raise ReportTooLate
        return case

    def _too_late(self, case: Case) -> bool:
        since = case.re_enrolled_at
        return since is not None and self._clock.now() >= since + REPORT_WITHIN

    def _suspend(self, journal: Journal, case: Case) -> None:
        subscriber, cause = case.subscriber_id, SuspensionCause.VETOED
        now = _after_what_waits(journal.uow, case, now=journal.now)
        suspension = new_suspension(
            subscriber, cause=cause, now=now, case_id=case.id, suspended_by=subscriber
        )
        journal.uow.suspensions.add(suspension)
        journal.happened("suspension:added", case, {"cause": cause})
        directory = self._directory(journal.uow)
        reset_authenticators(directory, subscriber, partial(_record, journal, case))

    def _tell(self, uow: UnitOfWork, case: Case, *, now: datetime) -> None:
        telling.tell_subscriber(uow, NoticeKind.VETO_TAKEN, case=case, now=now)
        subscriber = uow.contacts.get(case.subscriber_id)
        people = [*involved_in(uow, case), *administrators_of(uow, subscriber)]
        facts = {"handed_over": "yes"} if uow.cases.hand_overs_of(case.id) else {}
        notice = Notice(kind=NoticeKind.VETO_REPORTED, case_id=case.id, facts=facts)
        self._audience.tell(uow, notice, people, now=now)


def _after_what_waits(uow: UnitOfWork, case: Case, *, now: datetime) -> datetime:
    """Return an instant after which the subscriber's open case was not asked for.

    Whoever asked could not know of the report, whatever the clock has done since: `reported_since`
    tells by it.
    """
    waiting = uow.cases.open_of(case.subscriber_id)
    return max(now, waiting.opened_at + timedelta.resolution) if waiting else now


def _record(journal: Journal, case: Case, what: str, details: Mapping[str, str]) -> None:
    journal.happened(what, case, details)
