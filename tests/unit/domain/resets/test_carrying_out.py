"""From Yes to the end of the case, under a lease: whoever dies on it leaves it to the next."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseState, Lease
from bot.domain.model.errors import (
    AlreadyDecided,
    CarriedOutLaterError,
    CaseOpen,
    DirectoryRefusedError,
    DirectoryUnavailableError,
    Refusal,
    ReportedMeanwhile,
    StandingLost,
)
from bot.domain.model.ids import AuthenticatorId, CaseId, ContactId, LeaseHolder
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SessionStage, SuspensionCause
from bot.domain.model.pressed import Pressed
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.journal import Author
from bot.domain.resets.carrying_out import LEASE_LASTS, new_lease
from tests.fakes import NOON, FixedClock, a_session, a_suspension
from tests.office.desk import Desk

RIVAL = LeaseHolder("run_rival")
EFFECTS = ["require_set_up", "invalidate_authenticators", "end_sessions"]
THE_LOT = [
    "slack:contact:set_up_required",
    "slack:authenticator:invalidated",
    "slack:session:ended",
    "slack:case:completed",
]


class Directory(EmbeddedDirectory):
    """Does something of a test's before the effect that it names, and may leave that out."""

    def __init__(
        self, uow: UnitOfWork, clock: FixedClock, *, at: str, do: Callable[[UnitOfWork], bool]
    ) -> None:
        super().__init__(uow, clock=clock)
        self._at, self._do, self._unit = at, do, uow

    def _skips(self, effect: str) -> bool:
        return self._at == effect and self._do(self._unit)

    def require_set_up(self, contact_id: ContactId) -> None:
        if not self._skips("require_set_up"):
            super().require_set_up(contact_id)

    def invalidate_authenticators(self, contact_id: ContactId) -> tuple[AuthenticatorId, ...]:
        if self._skips("invalidate_authenticators"):
            return ()
        return super().invalidate_authenticators(contact_id)

    def end_sessions(self, contact_id: ContactId) -> int:
        return 0 if self._skips("end_sessions") else super().end_sessions(contact_id)


class Confirming(Desk):
    """A case of Alice's about Bob, who has a session open."""

    def __init__(self) -> None:
        super().__init__()
        self.alice, self.bob = self.world.alice, self.world.bob
        with self.database.unit_of_work() as uow:
            session = a_session(
                self.bob.id,
                stage=SessionStage.SIGNED_IN,
                expires_at=datetime.max.replace(tzinfo=NOON.tzinfo),
            )
            uow.sessions.add(session, token_hash="bob's")
            uow.commit()
        self.asked_for: Case = self.request(self.alice, self.bob).case
        self.asked = len(self.tags())

    def yes(self) -> Case:
        return self.confirm(self.alice, self.asked_for.id)

    @property
    def now_in(self) -> CaseState:
        return self.case(self.asked_for.id).state

    @property
    def lease(self) -> Lease | None:
        row = self.database.row("cases", self.asked_for.id)
        return Lease(holder=row.lease_holder, until=row.lease_until) if row.lease_holder else None

    def new_tags(self) -> list[str]:
        return self.tags(since=self.asked)

    def at(self, effect: str, do: Callable[[UnitOfWork], bool]) -> None:
        self.make_directory = lambda uow: Directory(uow, self.clock, at=effect, do=do)

    def fail_at(self, effect: str, error: type[Exception] | None) -> None:
        def fail(_uow: UnitOfWork) -> bool:
            if error is not None:
                raise error
            return True

        self.at(effect, fail)

    def mend(self) -> None:
        self.make_directory = lambda uow: EmbeddedDirectory(uow, clock=self.clock)

    def die_at(self, effect: str) -> None:
        """Say Yes, and die at the effect: nothing of that unit of work is kept."""

        class Killed(BaseException):
            pass

        def die(_uow: UnitOfWork) -> bool:
            raise Killed

        self.at(effect, die)
        with pytest.raises(Killed):
            self.yes()
        self.mend()

    def as_it_was(self) -> bool:
        with self.database.unit_of_work() as uow:
            bob = uow.contacts.get(self.bob.id)
            return (
                bob is not None
                and not bob.set_up_required
                and len(uow.authenticators.active_of(self.bob.id)) == 1
                and uow.sessions.by_token_hash("bob's") is not None
            )

    def perform(self, holder: LeaseHolder) -> Case:
        author = Author(source=Source.SLACK, actor=self.alice.id)
        return self.executing.perform(self.asked_for.id, holder, author, settle=_nothing_lost)


def _nothing_lost(_uow: UnitOfWork, _case: Case) -> Refusal | None:
    return None


@pytest.fixture
def desk() -> Confirming:
    return Confirming()


class TestYes:
    def test_is_stored_with_a_lease_before_anything_is_done(self, desk: Confirming) -> None:
        seen = list[tuple[CaseState, Lease | None]]()
        perform = desk.executing.perform

        def look(*args: Any, **how: Any) -> Case:
            assert desk.as_it_was()
            seen.append((desk.now_in, desk.lease))
            return perform(*args, **how)

        desk.executing.perform = look  # type: ignore[method-assign]  # where nothing is done yet
        desk.yes()
        ((state, lease),) = seen
        assert state is CaseState.EXECUTING
        assert lease is not None
        assert lease.until == NOON + LEASE_LASTS
        assert desk.now_in is CaseState.COMPLETED
        assert desk.lease is None

    @pytest.mark.parametrize("effect", EFFECTS)
    def test_stands_whatever_dies_then(self, desk: Confirming, effect: str) -> None:
        desk.die_at(effect)
        assert desk.now_in is CaseState.EXECUTING
        assert desk.as_it_was()
        assert desk.new_tags() == ["slack:case:executing"]
        with pytest.raises(AlreadyDecided):
            desk.yes()
        with pytest.raises(AlreadyDecided):
            desk.decline(desk.alice, desk.asked_for.id)
        assert desk.deciding.expire_due() == 0

    def test_holds_the_subscriber_for_itself(self, desk: Confirming) -> None:
        desk.die_at("require_set_up")
        desk.clock.advance(timedelta(days=1))
        for admin in (desk.alice, desk.world.alan):
            with pytest.raises(CaseOpen) as refused:
                desk.request(admin, desk.bob)
            assert refused.value.admin_name == "Alice Archer"


def bob_reports_it(desk: Confirming) -> None:
    report = a_suspension(desk.bob.id, suspended_at=NOON + timedelta(seconds=1))
    desk.store(lambda uow: uow.suspensions.add(report))


def alice_is_suspended(desk: Confirming) -> None:
    desk.suspend_for(SuspensionCause.OPERATOR, desk.alice)


def alice_loses_her_authenticator(desk: Confirming) -> None:
    desk.strip(desk.alice)


def alices_identity_becomes_alans(desk: Confirming) -> None:
    """He might do the same, but did not ask."""
    desk.database.swap_slack(desk.alice.id, desk.world.alan.id)


class TestStandingBeforeTheFirstEffect:
    """What becomes known after Yes was stored still counts, as long as nothing was done."""

    @pytest.mark.parametrize(
        ("lose", "cause"),
        [
            (bob_reports_it, "reported_meanwhile"),
            (alice_is_suspended, "admin_suspended"),
            (alice_loses_her_authenticator, "no_authenticator"),
            (alices_identity_becomes_alans, "not_your_case"),
        ],
    )
    def test_ends_the_case_with_nothing_done(
        self, desk: Confirming, lose: Callable[[Confirming], None], cause: str
    ) -> None:
        perform = desk.executing.perform

        def then(*args: Any, **how: Any) -> Case:
            lose(desk)
            return perform(*args, **how)

        desk.executing.perform = then  # type: ignore[method-assign]  # where a rival comes first
        with pytest.raises(StandingLost) as lost:
            desk.yes()
        assert desk.now_in is CaseState.EXPIRED
        assert desk.case(desk.asked_for.id).ended_reason == lost.value.cause.tag == cause
        assert desk.as_it_was()
        assert desk.new_tags() == [
            "slack:case:executing",
            "slack:case:expired",
            "slack:reset:standing_lost",
        ]
        assert desk.told(NoticeKind.OUTCOME) == ["replaced", desk.alice.id]
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == []
        assert desk.lease is None

    def test_a_report_later_still_is_not_lifted(self, desk: Confirming) -> None:
        """It is committed once the effects are under way, where a database admits that."""

        def reported(uow: UnitOfWork) -> bool:
            at = NOON + timedelta(seconds=1)
            uow.suspensions.add(a_suspension(desk.bob.id, suspended_at=at))
            return False

        desk.at("end_sessions", reported)
        assert desk.yes().state is CaseState.COMPLETED
        with desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(desk.bob.id) is not None
        assert desk.told(NoticeKind.REINSTATED) == []


class TestADirectoryThatRefuses:
    def test_the_first_effect_fails_the_case_with_nothing_invalidated(
        self, desk: Confirming
    ) -> None:
        desk.fail_at("require_set_up", DirectoryRefusedError)
        assert desk.yes().state is CaseState.FAILED
        assert desk.new_tags() == ["slack:case:executing", "slack:case:failed"]
        assert desk.told(NoticeKind.OUTCOME) == ["replaced", desk.alice.id]
        assert desk.as_it_was()

    def test_a_later_one_fails_it_with_what_was_done_recorded(self, desk: Confirming) -> None:
        desk.fail_at("end_sessions", DirectoryRefusedError)
        assert desk.yes().state is CaseState.FAILED
        assert desk.new_tags() == ["slack:case:executing", *THE_LOT[:2], "slack:case:failed"]

    def test_where_somebody_else_has_the_case_by_then_nothing_is_kept(
        self, desk: Confirming
    ) -> None:
        def taken_and_refused(uow: UnitOfWork) -> bool:
            _take_away(uow, desk)
            raise DirectoryRefusedError

        desk.at("end_sessions", taken_and_refused)
        assert desk.yes().state is CaseState.EXECUTING
        assert desk.new_tags() == ["slack:case:executing"]


class TestADirectoryThatDoesNotAnswer:
    @pytest.mark.parametrize("effect", EFFECTS)
    @pytest.mark.parametrize("error", [DirectoryUnavailableError, None])
    def test_leaves_the_case_to_the_next_sweep(
        self, desk: Confirming, effect: str, error: type[Exception] | None
    ) -> None:
        desk.fail_at(effect, error)
        assert desk.yes().state is CaseState.EXECUTING
        assert desk.as_it_was()
        assert desk.new_tags() == [
            "slack:case:executing",
            "slack:reset:directory_unavailable_error",
        ]
        with desk.database.unit_of_work() as uow:
            assert [case.id for case in uow.cases.due_to_carry_out(NOON)] == [desk.asked_for.id]

    def test_is_told_once_in_the_place_of_the_question(self, desk: Confirming) -> None:
        desk.fail_at("end_sessions", DirectoryUnavailableError)
        desk.yes()
        (told,) = desk.messages(NoticeKind.OUTCOME)
        assert (told.notice.contact_id, told.notice.replace_original) == (desk.alice.id, True)
        assert told.notice.response_url == "https://hooks/2"

    def test_without_a_question_it_is_told_by_dm(self, desk: Confirming) -> None:
        desk.fail_at("end_sessions", DirectoryUnavailableError)
        desk.deciding.confirm(Pressed(actor=desk.alice.slack, value=desk.asked_for.id))
        (told,) = desk.messages(NoticeKind.OUTCOME)
        assert (told.notice.contact_id, told.notice.replace_original) == (desk.alice.id, False)

    def test_and_is_nobody_elses_business_by_then(self, desk: Confirming) -> None:
        """The lease ran out while the directory kept us waiting, and another took the case."""

        def late(*_: Any, **__: Any) -> Case:
            rivals = {"lease_holder": RIVAL, "lease_until": NOON + LEASE_LASTS}
            desk.database.change("cases", desk.asked_for.id, **rivals)
            raise DirectoryUnavailableError

        desk.executing.perform = late  # type: ignore[method-assign]  # nothing of it was done
        assert desk.yes().state is CaseState.EXECUTING
        assert desk.new_tags() == ["slack:case:executing"]
        assert desk.lease is not None
        assert desk.lease.holder == RIVAL
        assert desk.messages(NoticeKind.OUTCOME) == []


class TestWhateverElseBreaks:
    def test_is_said_to_go_on_and_does_by_the_sweep(self, desk: Confirming) -> None:
        desk.fail_at("end_sessions", RuntimeError)
        with pytest.raises(CarriedOutLaterError) as fault:
            desk.yes()
        assert isinstance(fault.value.__cause__, RuntimeError)
        assert desk.as_it_was()
        desk.mend()
        assert desk.pick_ups.carry_out_due() == 0
        desk.clock.advance(LEASE_LASTS)
        assert desk.pick_ups.carry_out_due() == 1
        assert desk.now_in is CaseState.COMPLETED

    def test_even_where_that_it_was_put_off_cannot_be_stored(self, desk: Confirming) -> None:
        def put_off(*_: Any, **__: Any) -> Case:
            raise RuntimeError

        desk.fail_at("end_sessions", DirectoryUnavailableError)
        desk.executing._put_off = put_off  # type: ignore[method-assign]  # noqa: SLF001  # as if the database were away
        with pytest.raises(CarriedOutLaterError):
            desk.yes()


class TestLeases:
    def test_of_one_who_lives_is_respected(self, desk: Confirming) -> None:
        desk.die_at("require_set_up")
        desk.clock.advance(LEASE_LASTS - timedelta(microseconds=1))
        assert desk.executing.take(desk.asked_for.id) is None
        desk.fail_at("require_set_up", AssertionError)
        assert desk.perform(RIVAL).state is CaseState.EXECUTING
        assert desk.as_it_was()

    def test_that_ran_out_goes_to_the_next(self, desk: Confirming) -> None:
        desk.die_at("require_set_up")
        desk.clock.advance(LEASE_LASTS)
        assert desk.perform(RIVAL).state is CaseState.COMPLETED
        assert desk.new_tags() == ["slack:case:executing", *THE_LOT]

    def test_whoever_stalled_beyond_theirs_does_nothing(self, desk: Confirming) -> None:
        """Yes stalls before its work; the lease runs out; a rival takes the case, and wakes it."""
        perform, taken = desk.executing.perform, list[Lease | None]()

        def stalled(*args: Any, **how: Any) -> Case:
            desk.clock.advance(LEASE_LASTS)
            taken.append(desk.executing.take(desk.asked_for.id))
            return perform(*args, **how)

        desk.executing.perform = stalled  # type: ignore[method-assign]  # where the rival comes
        assert desk.yes().state is CaseState.EXECUTING
        assert desk.as_it_was()
        assert desk.new_tags() == ["slack:case:executing"]
        desk.executing.perform = perform  # type: ignore[method-assign]  # and is done
        (lease,) = taken
        assert lease is not None
        assert desk.perform(lease.holder).state is CaseState.COMPLETED

    def test_whoever_wakes_after_the_end_returns_it(self, desk: Confirming) -> None:
        perform = desk.executing.perform

        def overtaken(*args: Any, **how: Any) -> Case:
            desk.clock.advance(LEASE_LASTS)
            desk.executing.perform = perform  # type: ignore[method-assign]  # the rival's
            desk.perform(RIVAL)
            return perform(*args, **how)

        desk.executing.perform = overtaken  # type: ignore[method-assign]  # ours
        assert desk.yes().state is CaseState.COMPLETED
        assert desk.new_tags().count("slack:case:completed") == 1
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == [desk.bob.id]

    @pytest.mark.parametrize("effect", EFFECTS)
    def test_taken_away_in_the_middle_undoes_everything(
        self, desk: Confirming, effect: str
    ) -> None:
        def take_away(uow: UnitOfWork) -> bool:
            _take_away(uow, desk)
            return False

        desk.at(effect, take_away)
        assert desk.yes().state is CaseState.EXECUTING
        assert desk.as_it_was()
        assert desk.new_tags() == ["slack:case:executing"]
        assert desk.messages(NoticeKind.SUBSCRIBER_RESET) == []

    def test_taken_away_in_the_middle_ends_no_case_either(self, desk: Confirming) -> None:
        def lost(uow: UnitOfWork, _case: Case) -> Refusal:
            _take_away(uow, desk)
            return ReportedMeanwhile()

        desk.die_at("require_set_up")
        desk.clock.advance(LEASE_LASTS)
        hand, me = Author(source=Source.SLACK, actor=desk.alice.id), LeaseHolder("run_me")
        seen = desk.executing.perform(desk.asked_for.id, me, hand, settle=lost)
        assert seen.state is CaseState.EXECUTING
        assert desk.new_tags() == ["slack:case:executing"]

    def test_are_no_two_alike(self) -> None:
        assert new_lease(NOON).holder != new_lease(NOON).holder

    def test_are_renewed_by_whoever_has_them(self, desk: Confirming) -> None:
        desk.die_at("require_set_up")
        desk.clock.advance(LEASE_LASTS)
        lease = desk.executing.take(desk.asked_for.id)
        assert lease is not None
        desk.executing.let_go(desk.asked_for.id, RIVAL)
        assert desk.lease == lease
        desk.executing.let_go(desk.asked_for.id, lease.holder)
        assert desk.lease is None

    def test_of_an_earlier_run_are_released_at_once(self, desk: Confirming) -> None:
        desk.die_at("require_set_up")
        assert desk.executing.release_leases() == 1
        assert desk.pick_ups.carry_out_due() == 1
        assert desk.now_in is CaseState.COMPLETED
        assert desk.executing.release_leases() == 0

    def test_there_is_none_of_what_is_no_case(self, desk: Confirming) -> None:
        author = Author(source=Source.SLACK, actor=desk.alice.id)
        with pytest.raises(LookupError):
            desk.executing.perform(CaseId("case_404"), RIVAL, author, settle=_nothing_lost)

    def test_nobody_performs_what_was_not_confirmed(self, desk: Confirming) -> None:
        assert desk.perform(RIVAL).state is CaseState.AWAITING_CONFIRMATION
        assert desk.as_it_was()


def _take_away(uow: UnitOfWork, desk: Confirming) -> None:
    """Give the case's lease to a rival, as if the holder had slept for longer than it lasts."""
    later = desk.clock.now() + LEASE_LASTS
    uow.cases.take_lease(
        desk.asked_for.id, Lease(holder=RIVAL, until=later + LEASE_LASTS), now=later
    )
