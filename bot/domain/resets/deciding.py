"""Yes or No: one decision a case, by the admin who asked, in time, while all still holds."""

from collections.abc import Sequence
from functools import partial

from bot.domain.batches import run_in_batches
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseState, Lease
from bot.domain.model.errors import (
    AlreadyDecided,
    CaseNotFound,
    ConfirmExpired,
    NotAContact,
    NotYourCase,
    Refusal,
    StandingLost,
)
from bot.domain.model.ids import CaseId
from bot.domain.model.people import Contact
from bot.domain.model.pressed import Pressed
from bot.domain.ports.clock import Clock
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.domain.record import telling
from bot.domain.record.case_views import look_up_both
from bot.domain.record.journal import Author, Journal
from bot.domain.record.refusals import Recorder, Trail
from bot.domain.resets import request_outcomes
from bot.domain.resets.carrying_out import ExecutingService, new_lease
from bot.domain.resets.expiry import DEADLINE, expire, lose
from bot.domain.standing.case_standing import Settle, ask_slack
from bot.domain.standing.standing import StandingService

_AWAITING = frozenset({CaseState.AWAITING_CONFIRMATION})


class DecidingService:
    """From a case that awaits its admin's word to one that is completed, declined or expired."""

    def __init__(
        self,
        *,
        unit_of_work: UnitOfWorkFactory,
        recorder: Recorder,
        snapshot: UnitOfWorkFactory,
        standing: StandingService,
        executing: ExecutingService,
        clock: Clock,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._refusals = partial(recorder.refusals, Source.SLACK, "reset")
        self._snapshot = snapshot
        self._standing = standing
        self._executing = executing
        self._clock = clock

    def confirm(self, pressed: Pressed) -> Case:
        """Have the reset performed, once; return the case as it is then.

        The admin's code was verified when the case was opened; a click on Yes adds only intent, so
        it counts from that admin alone, before the deadline, and while both people's standing,
        asked anew, still allows it; where it does not, the case ends here. Once Yes is stored the
        reset happens, whatever dies: it is carried out at once, or by a later sweep, and the case
        is still `EXECUTING` where the directory did not answer. Raises a `Refusal`, recorded, or a
        `Fault`, recorded, that leaves the case waiting.
        """
        with self._refusals(slack=pressed.actor, details={"case": pressed.value}) as trail:
            case, subscriber = self._authorize_click(pressed, trail)
            settle = ask_slack(self._standing, pressed.actor, subscriber, trail)
            author = _author(case, pressed)
            lease = self._decide(case, author, settle)
            return self._executing.carry_out(case.id, lease.holder, author, settle=settle)

    def _decide(self, case: Case, author: Author, settle: Settle) -> Lease:
        """Store the Yes, and the lease of who carries it out."""
        with self._unit_of_work() as uow:
            now = self._clock.now()
            journal, lease = author.journal(uow, now=now), new_lease(now)
            refusal: Refusal | None = None
            if expire(uow, case, now=now, response_url=author.response_url):
                refusal = ConfirmExpired()
            elif cause := settle(uow, case):
                if lose(journal, case, cause) is None:
                    raise AlreadyDecided
                refusal = StandingLost(cause)
            else:
                _move(journal, case, to=CaseState.EXECUTING, lease=lease)
            uow.commit()
        if refusal is not None:
            raise refusal
        return lease

    def decline(self, pressed: Pressed) -> Case:
        """End the case without a reset, once; raises a `Refusal`, recorded."""
        with self._refusals(slack=pressed.actor, details={"case": pressed.value}) as trail:
            case, _ = self._authorize_click(pressed, trail)
            with self._unit_of_work() as uow:
                now = self._clock.now()
                ended = expire(uow, case, now=now, response_url=pressed.response_url)
                if ended is None:
                    journal = _author(case, pressed).journal(uow, now=now)
                    ended = _move(journal, case, to=CaseState.DECLINED)
                    request_outcomes.case_ended(journal, ended)
                    telling.tell_outcome(journal, ended)
                uow.commit()
            if ended.state is CaseState.EXPIRED:
                raise ConfirmExpired
            return ended

    def expire_due(self) -> int:
        """End every unanswered case whose deadline has come; return how many that were.

        One that fails holds up no other: what failed is raised in the end, as an `ExceptionGroup`.
        """
        with self._unit_of_work() as uow:
            due = uow.cases.due_to_expire(self._clock.now())
        return run_in_batches(due, self._expire_all)

    def _expire_all(self, due: Sequence[Case]) -> int:
        with self._unit_of_work() as uow:
            now = self._clock.now()
            count = sum(expire(uow, case, now=now) is not None for case in due)
            uow.commit()
        return count

    def _authorize_click(self, pressed: Pressed, trail: Trail) -> tuple[Case, Contact | None]:
        """Return the case, and its subscriber, if it is the actor's and still awaits a word.

        A first look, which keeps nobody from writing; what counts is the state that is moved from.
        """
        with self._snapshot() as uow:
            case = uow.cases.get(CaseId(pressed.value))
            if case is not None:
                look_up_both(uow, case)
            contact = uow.contacts.by_slack(pressed.actor)
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
            return case, uow.contacts.get(case.subscriber_id)


def _author(case: Case, pressed: Pressed) -> Author:
    """Return the case's admin, whose click this was shown to be, as the one who acts."""
    return Author(
        source=Source.SLACK,
        actor=case.admin_id or "",
        slack=pressed.actor,
        response_url=pressed.response_url,
    )


def _move(journal: Journal, case: Case, *, to: CaseState, lease: Lease | None = None) -> Case:
    """Take the one decision; raises `AlreadyDecided` where a rival took it first."""
    moved = journal.uow.cases.move(case.id, states=_AWAITING, to=to, now=journal.now, lease=lease)
    if moved is None:
        raise AlreadyDecided
    journal.entered(moved)
    return moved
