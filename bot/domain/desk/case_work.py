"""What administrators do about the cases of their accounts: see, remind, take over, cancel."""

from datetime import timedelta
from functools import partial

from bot.domain.desk.case_story import case_story
from bot.domain.desk.statuses import person_status
from bot.domain.following_up.reminders import suspension_fact
from bot.domain.model.audit import AuditEvent, Source
from bot.domain.model.cases import CANCELLABLE_STATES, Case, CaseState
from bot.domain.model.errors import (
    AlreadyDecided,
    CaseMovedOn,
    CaseNotFound,
    CaseYoursAlready,
    ConfirmExpired,
    NotAContact,
    RemindedAlready,
)
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind, Contact, SlackIdentity
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.domain.model.views import (
    TAKEABLE_STATES,
    CaseAct,
    CaseStory,
    OwnStatus,
    PersonStatus,
    acts_on,
)
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import DirectoryFactory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from bot.domain.proving.throttle import retry_at
from bot.domain.record import telling
from bot.domain.record.case_views import case_view
from bot.domain.record.journal import Journal
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.resets import request_outcomes
from bot.domain.resets.expiry import expire
from bot.domain.standing.policy import refuse_unknown
from bot.domain.standing.standing import StandingService


class CaseWorkService:
    """Cases belong to their account: whoever may reset the subscriber there looks after them.

    Every act asks Slack and the directory anew who acts, holds to rule 5 on the case's own
    account, and costs no code.
    """

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        standing: StandingService,
        directory: DirectoryFactory,
        clock: Clock,
        suspend_after: timedelta | None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "case")
        self._standing = standing
        self._directory = directory
        self._clock = clock
        self._suspend_after = suspend_after

    def status(self, actor: SlackIdentity, named: Named) -> PersonStatus | OwnStatus:
        """Return how a person's cases stand; of oneself, or with nobody named, how one's 2FA does.

        Cases of accounts that the actor does not administer are left out, and not counted. Raises
        a `Refusal` or a `Fault`, recorded.
        """
        with self._refusals(slack=actor, details={"named": str(named)}) as trail:
            self._standing.verify_actor(actor)
            identity = self._identity_of(named)
            with self._unit_of_work() as uow:
                viewer = uow.contacts.by_slack(actor)
                if viewer is None:
                    raise NotAContact
                trail.actor = viewer.id
                subscriber = _named(uow, named, identity, viewer)
                if subscriber.id == viewer.id:
                    return self._own(uow, viewer)
                entitled = self._standing.entitle_on(uow, actor, subscriber, trail)
                now = self._clock.now()
                event = AuditEvent(
                    tag=f"{Source.SLACK}:status:shown",
                    at=now,
                    actor=viewer.id,
                    subscriber=subscriber.id,
                    slack=actor,
                )
                uow.audit.record(event)
                status = person_status(uow, viewer.id, subscriber, entitled.accounts, now=now)
                uow.commit()
            return status

    def remind(self, pressed: Pressed) -> None:
        """Remind the subscriber at once that set-up is still to do, at most once an hour a case.

        Raises `CaseMovedOn` where there is nothing to remind of, or the subscriber is suspended and
        could not follow the reminder; `RemindedAlready`, or another `Refusal` or `Fault`, recorded.
        """
        actor, case_id = pressed.actor, CaseId(pressed.value)
        with self._refusals(slack=actor, details={"case": case_id}) as trail:
            seen = self._look(actor, case_id, trail)
            with self._unit_of_work() as uow:
                case, admin = self._entitled(uow, actor, seen, trail)
                journal = self._journal(uow, actor, admin)
                if CaseAct.REMIND not in acts_on(case, admin.id, suspended=_suspended(uow, case)):
                    raise CaseMovedOn
                again_at = retry_at(uow.attempts, AttemptKind.REMINDER, case.id, now=journal.now)
                if again_at is not None:
                    raise RemindedAlready(again_at)
                uow.attempts.record(AttemptKind.REMINDER, case.id, at=journal.now)
                journal.happened("case:reminded", case)
                facts = suspension_fact(uow, case, suspend_after=self._suspend_after)
                telling.tell_subscriber(
                    uow, NoticeKind.SUBSCRIBER_REMINDED, case=case, now=journal.now, facts=facts
                )
                _answer(journal, CaseAct.REMIND, case, pressed)
                uow.commit()

    def cancel(self, pressed: Pressed) -> None:
        """End a case before anything is done, once, and tell its admin who did.

        Raises `AlreadyDecided`, `ConfirmExpired`, or another `Refusal` or `Fault`, recorded.
        """
        actor, case_id = pressed.actor, CaseId(pressed.value)
        with self._refusals(slack=actor, details={"case": case_id}) as trail:
            seen = self._look(actor, case_id, trail)
            with self._unit_of_work() as uow:
                case, admin = self._entitled(uow, actor, seen, trail)
                journal = self._journal(uow, actor, admin)
                expired = expire(uow, case, now=journal.now)
                if expired is None:
                    cancelled = uow.cases.move(
                        case.id, states=CANCELLABLE_STATES, to=CaseState.CANCELLED, now=journal.now
                    )
                    if cancelled is None:
                        raise AlreadyDecided
                    journal.entered(cancelled)
                    request_outcomes.case_ended(journal, cancelled)
                    _tell_admin(journal, cancelled)
                    _answer(journal, CaseAct.CANCEL, case, pressed)
                uow.commit()
            if expired is not None:
                raise ConfirmExpired

    def take_over(self, pressed: Pressed) -> None:
        """Look after a case that waits from now on: its notices go to the actor.

        Its admin stays its admin, and cannot hand over its set-up code. Neither of the two can lift
        its veto. Raises `CaseYoursAlready`, `CaseMovedOn`, another `Refusal` or `Fault`, recorded.
        """
        actor, case_id = pressed.actor, CaseId(pressed.value)
        with self._refusals(slack=actor, details={"case": case_id}) as trail:
            seen = self._look(actor, case_id, trail)
            with self._unit_of_work() as uow:
                case, admin = self._entitled(uow, actor, seen, trail)
                journal, before = self._journal(uow, actor, admin), case.in_charge_id
                if case.state not in TAKEABLE_STATES:
                    raise CaseMovedOn
                if before == admin.id:
                    raise CaseYoursAlready
                taken = uow.cases.take_over(case.id, by=admin.id, from_=before)
                if taken is None:  # a rival was quicker
                    raise CaseMovedOn
                journal.happened("case:taken_over", taken, {"from": before or ""})
                _tell_of_taking(journal, taken, before)
                _answer(journal, CaseAct.TAKE_OVER, case, pressed)
                uow.commit()

    def details(self, actor: SlackIdentity, case_id: CaseId) -> CaseStory:
        """Return the case's story from the audit log, without what lies beside the chain.

        Who looked at it before is left out. Raises a `Refusal` or a `Fault`, recorded.
        """
        with self._refusals(slack=actor, details={"case": case_id}) as trail:
            seen = self._look(actor, case_id, trail)
            with self._unit_of_work() as uow:
                case, admin = self._entitled(uow, actor, seen, trail)
                journal = self._journal(uow, actor, admin)
                story = case_story(uow, case)
                journal.happened("case:shown", case)
                uow.commit()
            return story

    def _look(self, actor: SlackIdentity, case_id: CaseId, trail: Trail) -> Case:
        """Return the case that is meant, once Slack says that the actor may act at all."""
        with self._unit_of_work() as uow:
            contact, case = uow.contacts.by_slack(actor), uow.cases.get(case_id)
        trail.actor = contact.id if contact else trail.actor
        if case is None:
            raise CaseNotFound
        trail.case, trail.account, trail.subscriber = case.id, case.account_id, case.subscriber_id
        self._standing.verify_actor(actor)
        return case

    def _entitled(
        self, uow: UnitOfWork, actor: SlackIdentity, seen: Case, trail: Trail
    ) -> tuple[Case, Contact]:
        """Return the case as it is now, and the admin who acts; to others' admins it is unknown."""
        view = case_view(uow, uow.cases.get(seen.id) or seen)
        entitled = self._standing.entitle_on(uow, actor, view.subscriber, trail)
        if view.account not in entitled.accounts:
            raise CaseNotFound
        return view.case, entitled.admin

    def _journal(self, uow: UnitOfWork, actor: SlackIdentity, admin: Contact) -> Journal:
        return Journal(
            uow=uow, source=Source.SLACK, actor=admin.id, now=self._clock.now(), slack=actor
        )

    def _identity_of(self, named: Named) -> SlackIdentity | None:
        user = named.slack_user
        return None if user is None else self._standing.identity(user)

    def _own(self, uow: UnitOfWork, contact: Contact) -> OwnStatus:
        directory = self._directory(uow)
        return OwnStatus(
            contact=contact,
            authenticators=directory.authenticators_of(contact.id),
            set_up_required=directory.set_up_required(contact.id),
            suspension=uow.suspensions.current(contact.id),
        )


def _suspended(uow: UnitOfWork, case: Case) -> bool:
    subscriber = uow.contacts.get(case.subscriber_id)
    return subscriber is not None and subscriber.suspended


def _named(
    uow: UnitOfWork, named: Named, identity: SlackIdentity | None, viewer: Contact
) -> Contact:
    """Return who was named; the one who looks where nobody was."""
    contact: Contact | None = viewer
    if identity is not None:
        contact = uow.contacts.by_slack(identity)
    elif named.contact_id is not None:
        contact = uow.contacts.get(named.contact_id)
    if contact is None:
        refuse_unknown(viewer)
    return contact


def _tell_admin(journal: Journal, cancelled: Case) -> None:
    """Write the outcome to the case's admin, with the one who cancelled as its subject."""
    outcome = Notice(
        kind=NoticeKind.OUTCOME,
        contact_id=cancelled.admin_id,
        case_id=cancelled.id,
        subject_id=ContactId(journal.actor),
    )
    journal.uow.outbox.add(outcome, now=journal.now)


def _tell_of_taking(journal: Journal, case: Case, before: ContactId | None) -> None:
    """Write to whoever had the case, and to whoever has it now."""
    now_in_charge = ContactId(journal.actor)
    for contact_id in (before, now_in_charge):
        if contact_id is not None:
            notice = Notice(
                kind=NoticeKind.CASE_TAKEN_OVER,
                contact_id=contact_id,
                case_id=case.id,
                subject_id=now_in_charge,
            )
            journal.uow.outbox.add(notice, now=journal.now)


def _answer(journal: Journal, act: CaseAct, case: Case, pressed: Pressed) -> None:
    """Say to whoever acted that it is done, and how that person's cases stand now."""
    answer = Notice(
        kind=NoticeKind.CASE_ACT_DONE,
        contact_id=ContactId(journal.actor),
        case_id=case.id,
        subject_id=case.subscriber_id,
        facts={"act": act},
        response_url=pressed.response_url,
        replace_original=pressed.replace,
    )
    journal.uow.outbox.add(answer, now=journal.now)
