"""Handing over: somebody else sees a set-up code once, to give it to its owner (design rule 9)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot.domain.model.audit import Source
from bot.domain.model.cases import REPORT_WITHIN, Case, HandOver, Proof
from bot.domain.model.errors import (
    HandOverByAdmin,
    NobodyWaits,
    SessionGone,
    SignInMissing,
    SubscriberSuspended,
)
from bot.domain.model.ids import ContactId, HandOverId, SessionId, new_id
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Account, Contact, Session, SlackIdentity, SuspensionCause
from bot.domain.model.reset_form import Named, verify_proof
from bot.domain.model.views import CaseView
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving.codes import verify_code
from bot.domain.record import telling
from bot.domain.record.alerts import Alerts
from bot.domain.record.audience import Audience, owners_of
from bot.domain.record.case_views import case_view
from bot.domain.record.journal import Journal
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.set_up.sessions import seen_from, verify_session
from bot.domain.set_up.set_up_cases import case_under_way
from bot.domain.set_up.set_up_codes import ShownCode, issue_set_up_code
from bot.domain.standing.involvement import admins_behind, involved_in_report
from bot.domain.standing.standing import Entitlement, StandingService


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverForm:
    """What has to be known before a code is handed over: to whom, why one is due, and to where.

    `sessions` are the sign-ins that wait, the newest first: never none.
    """

    subscriber: Contact
    accounts: tuple[Account, ...]
    case: CaseView
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledHandOver:
    """The filled-in form; `session_id` is the sign-in that the subscriber says is theirs."""

    subscriber: Named
    session_id: SessionId | None
    proof: Proof | None
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The code, and to whom it is to be given."""

    subscriber: Contact
    shown: ShownCode


class HandOverService:
    """An administrator's hand-over, paid for with a fresh code of their own."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        standing: StandingService,
        clock: Clock,
        alerts: Alerts,
        pepper: bytes,
        audience: Audience,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "hand_over")
        self._standing = standing
        self._clock = clock
        self._alerts = alerts
        self._pepper = pepper
        self._audience = audience

    def prepare(self, actor: SlackIdentity, named: Named) -> HandOverForm:
        """Return the form to fill in; raises a `Refusal` or a `Fault`, recorded."""
        with self._refusals(slack=actor, details={"named": str(named)}) as trail:
            found = self._standing.ask_slack(actor, named)
            with self._unit_of_work() as uow:
                entitled = self._standing.entitle(uow, actor, found, trail)
                case, sessions = self._waiting(uow, entitled, trail, now=self._clock.now())
                return HandOverForm(
                    subscriber=entitled.subscriber,
                    accounts=entitled.accounts,
                    case=case_view(uow, case),
                    sessions=sessions,
                )

    def hand_over(self, actor: SlackIdentity, request: FilledHandOver) -> HandedOver:
        """Make the chosen sign-in's set-up code, in place of any before, for the actor's eyes.

        A wrong code of the actor's counts although nothing else happens; it is looked at last, so
        that no other refusal spends one. Raises a `Refusal` or a `Fault`, recorded.
        """
        with self._refusals(slack=actor, details={"named": str(request.subscriber)}) as trail:
            proof = verify_proof(request.proof)
            found = self._standing.ask_slack(actor, request.subscriber)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                entitled = self._standing.entitle(uow, actor, found, trail)
                case, sessions = self._waiting(uow, entitled, trail, now=now)
                session = chosen_sign_in(sessions, request.session_id)
                journal = Journal(
                    uow=uow, source=Source.SLACK, actor=entitled.admin.id, now=now, slack=actor
                )
                verdict = verify_code(journal, request.code, alerts=self._alerts)
                if verdict.refusal is not None:
                    uow.commit()
                    raise verdict.refusal
                shown = issue_set_up_code(uow, session, pepper=self._pepper, now=now)
                if shown is None:
                    raise SignInMissing
                self._record(journal, entitled, case, session, proof)
                self._tell_others(journal, entitled, case, session)
                uow.commit()
            return HandedOver(subscriber=entitled.subscriber, shown=shown)

    def _waiting(
        self, uow: UnitOfWork, entitled: Entitlement, trail: Trail, *, now: datetime
    ) -> tuple[Case, tuple[Session, ...]]:
        """Return the case and its waiting sign-ins; refuse the case's own admin first of all.

        Refused in the same way is whoever is behind it though it has no admin, or another; and
        whoever had a hand in what the subscriber reported of late: what they may not lift they may
        not lead to an end either.
        """
        case = case_under_way(uow, entitled.subscriber.id)
        refused = _reported(uow, entitled.subscriber, since=now - REPORT_WITHIN)
        if case is not None:
            trail.case, trail.account = case.id, case.account_id
            refused |= admins_behind(uow, case)
        if entitled.admin.id in refused:
            raise HandOverByAdmin
        return waiting_set_up(uow, entitled.subscriber, now=now)

    def _record(
        self,
        journal: Journal,
        entitled: Entitlement,
        case: Case,
        session: Session,
        proof: Proof,
    ) -> None:
        journal.happened("code:accepted", case)
        details = {
            "admin": entitled.admin.email,
            "subscriber": entitled.subscriber.email,
            "proof": proof,
        }
        record_hand_over(
            journal,
            case,
            entitled.subscriber,
            session,
            by=entitled.admin.id,
            proof=proof,
            details=details,
        )

    def _tell_others(
        self, journal: Journal, entitled: Entitlement, case: Case, session: Session
    ) -> None:
        """Tell the owners, whose case it is, and the audit channel; whoever did it knows."""
        uow, now = journal.uow, journal.now
        people = [case.admin_id, case.in_charge_id, *owners_of(uow, entitled.subscriber)]
        notice = Notice(
            kind=NoticeKind.HANDED_OVER,
            case_id=case.id,
            session_id=session.id,
            subject_id=entitled.admin.id,
        )
        self._audience.tell(uow, notice, people, but=[entitled.admin.id], now=now)


def waiting_set_up(
    uow: UnitOfWork, subscriber: Contact, *, now: datetime
) -> tuple[Case, tuple[Session, ...]]:
    """Return the case that is under way, and the sign-ins that wait for a code, the newest first.

    Raises `SubscriberSuspended` or `NobodyWaits`.
    """
    if subscriber.suspended:
        raise SubscriberSuspended
    waiting = uow.sessions.waiting_of(subscriber.id, now=now)
    sessions = tuple(session for session in waiting if _holds(uow, session, now=now))
    case = case_under_way(uow, subscriber.id)
    if case is None or not sessions:
        raise NobodyWaits
    return case, sessions


def chosen_sign_in(sessions: Iterable[Session], session_id: SessionId | None) -> Session:
    """Return the sign-in that was chosen; raises `SignInMissing` where it is none of those."""
    for session in sessions:
        if session.id == session_id:
            return session
    raise SignInMissing


def record_hand_over(
    journal: Journal,
    case: Case,
    subscriber: Contact,
    session: Session,
    *,
    by: ContactId | None,
    proof: Proof | None,
    details: dict[str, str],
) -> None:
    """Keep that somebody else saw the code, and tell the one whose sign-in it lets set up."""
    hand_over = HandOver(
        id=HandOverId(new_id("hand")),
        case_id=case.id,
        session_id=session.id,
        handed_over_by=by,
        proof=proof,
        handed_over_at=journal.now,
    )
    journal.uow.cases.add_hand_over(hand_over)
    about = {"session": session.id, **seen_from(session), **details}
    journal.happened("set_up_code:handed_over", case, about)
    notice = Notice(
        kind=NoticeKind.SUBSCRIBER_HANDED_OVER,
        case_id=case.id,
        session_id=session.id,
        subject_id=by,
    )
    telling.write_to(journal.uow, subscriber, notice, now=journal.now)


def _reported(uow: UnitOfWork, subscriber: Contact, *, since: datetime) -> set[ContactId]:
    """Return who had a hand in a case that the subscriber reported later than `since`."""
    return {
        contact_id
        for suspension in uow.suspensions.of(subscriber.id)
        if suspension.cause is SuspensionCause.VETOED and suspension.suspended_at > since
        for contact_id in involved_in_report(uow, suspension)
    }


def _holds(uow: UnitOfWork, session: Session, *, now: datetime) -> bool:
    try:
        verify_session(uow, session, now=now)
    except SessionGone:
        return False
    return True
