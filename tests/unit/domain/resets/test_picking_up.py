"""What somebody began to carry out, and died on, comes to its end by the sweep."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState, Lease
from bot.domain.model.errors import (
    DirectoryRefusedError,
    DirectoryUnavailableError,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Contact, SessionStage, SuspensionCause
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.journal import SWEEP, Author
from bot.domain.resets.carrying_out import LEASE_LASTS
from bot.domain.resets.picking_up import YES_HOLDS
from bot.domain.set_up.set_up_cases import case_of_set_up, close_by_enrolment
from tests.fakes import NOON, Person, a_case, a_session, a_suspension
from tests.office.desk import AUDIT_CHANNEL, REMIND_AFTER, Desk

PICKED_UP = [
    "sweep:contact:set_up_required",
    "sweep:authenticator:invalidated",
    "sweep:session:ended",
    "sweep:case:completed",
]
BY_HAND = Author(source=Source.PORTAL, actor="con_bob")


class Abandoned(Desk):
    """Alice said Yes about Bob, and the process died on it."""

    def __init__(self) -> None:
        super().__init__()
        self.alice, self.bob = self.world.alice, self.world.bob
        self.abandoned = self.abandon(self.alice, self.bob)
        self.before = len(self.tags())
        self.told_before = len(self.messages())
        self.workspace.asked.clear()

    def abandon(self, admin: Person, subscriber: Person) -> Case:
        class Killed(BaseException):
            pass

        def die(*_: Any, **__: Any) -> Case:
            raise Killed

        perform, case = self.executing.perform, self.request(admin, subscriber).case
        self.executing.perform = die  # type: ignore[method-assign]  # dies before it
        with pytest.raises(Killed):
            self.confirm(admin, case.id)
        self.executing.perform = perform  # type: ignore[method-assign]  # the next process
        return self.case(case.id)

    def pick_up(self) -> int:
        return self.pick_ups.carry_out_due()

    def later(self) -> int:
        self.clock.advance(LEASE_LASTS)
        return self.pick_up()

    @property
    def state(self) -> CaseState:
        return self.case(self.abandoned.id).state

    def new_tags(self) -> list[str]:
        return self.tags(since=self.before)

    def bound(self, person: Person) -> bool:
        with self.database.unit_of_work() as uow:
            return bool(uow.authenticators.active_of(person.id))

    def fail_with(self, error: type[Exception] | None) -> None:
        class Failing(EmbeddedDirectory):
            def end_sessions(self, contact_id: ContactId) -> int:
                if error is not None:
                    raise error
                return super().end_sessions(contact_id)

        self.make_directory = lambda uow: Failing(uow, clock=self.clock)


@pytest.fixture
def desk() -> Abandoned:
    return Abandoned()


class TestWhatIsPickedUp:
    def test_is_left_to_who_may_live_until_the_lease_has_run_out(self, desk: Abandoned) -> None:
        desk.clock.advance(LEASE_LASTS - timedelta(microseconds=1))
        assert desk.pick_up() == 0
        assert desk.state is CaseState.EXECUTING
        assert desk.bound(desk.bob)

    def test_comes_to_its_end_once_as_the_sweeps_and_stays_the_admins(
        self, desk: Abandoned
    ) -> None:
        assert desk.later() == 1
        assert desk.later() == 0
        assert desk.new_tags() == PICKED_UP
        assert {record.actor for record in desk.records()[desk.before :]} == {SWEEP}
        assert not desk.bound(desk.bob)
        case = desk.case(desk.abandoned.id)
        assert (case.state, case.admin_id) == (CaseState.COMPLETED, desk.alice.id)
        assert (case.decided_at, case.completed_at) == (NOON, NOON + LEASE_LASTS)
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == [desk.bob.id]
        assert desk.told(NoticeKind.OUTCOME) == [desk.alice.id]
        owners = [desk.world.carol.id, desk.world.dana.id, AUDIT_CHANNEL]
        assert desk.told(NoticeKind.OWNER_RESET) == owners
        with desk.database.unit_of_work() as uow:
            first = NOON + LEASE_LASTS + REMIND_AFTER[0]
            assert uow.cases.due_to_remind(first)
            assert not uow.cases.due_to_remind(first - timedelta(seconds=1))

    def test_does_not_tell_its_admin_what_they_did_themselves(self, desk: Abandoned) -> None:
        """The suspension that it lifts, and the alert of a second reset, are for the others."""
        carol, alan = desk.world.carol, desk.world.alan
        desk.clock.advance(timedelta(minutes=1))
        desk.reset(carol, alan)
        lapsed = a_suspension(alan.id, cause=SuspensionCause.LAPSED)
        desk.store(lambda uow: uow.suspensions.add(lapsed))
        desk.abandon(carol, alan)
        before = len(desk.messages())
        assert desk.later() == 2
        told = desk.messages()[before:]
        for kind in (NoticeKind.REINSTATED, NoticeKind.ALERT):
            people = {m.notice.contact_id for m in told if m.notice.kind is kind}
            assert people
            assert carol.id not in people

    def test_fails_where_the_directory_refuses_for_good(self, desk: Abandoned) -> None:
        desk.fail_with(DirectoryRefusedError)
        assert desk.later() == 1
        assert desk.state is CaseState.FAILED
        assert desk.new_tags()[-1] == "sweep:case:failed"
        assert desk.told(NoticeKind.OUTCOME) == [desk.alice.id]

    def test_is_a_rivals_who_was_quicker(self, desk: Abandoned) -> None:
        take = desk.executing.take

        def second(case_id: CaseId) -> Lease | None:
            assert take(case_id) is not None
            return take(case_id)

        desk.executing.take = second  # type: ignore[method-assign]  # the rival's comes first
        assert desk.later() == 0
        assert desk.state is CaseState.EXECUTING
        assert desk.workspace.asked == []

    def test_is_a_rivals_who_took_it_while_slack_was_asked(self, desk: Abandoned) -> None:
        def slow(_user: str) -> None:
            desk.workspace.on_ask = lambda _user: None
            desk.clock.advance(LEASE_LASTS)
            desk.executing.take(desk.abandoned.id)

        desk.workspace.on_ask = slow
        assert desk.later() == 0
        assert desk.state is CaseState.EXECUTING
        assert desk.bound(desk.bob)

    def test_is_part_of_the_sweep(self, desk: Abandoned) -> None:
        desk.clock.advance(LEASE_LASTS)
        desk.sweep.run()
        assert desk.state is CaseState.COMPLETED


def alice_is_deactivated(desk: Abandoned) -> None:
    desk.workspace.deactivate(desk.alice.slack.user)


def bob_is_deactivated(desk: Abandoned) -> None:
    desk.workspace.deactivate(desk.bob.slack.user)


def alice_is_suspended(desk: Abandoned) -> None:
    desk.suspend_for(SuspensionCause.OPERATOR, desk.alice)


def bob_reports_it(desk: Abandoned) -> None:
    report = a_suspension(desk.bob.id, suspended_at=NOON + timedelta(seconds=1))
    desk.store(lambda uow: uow.suspensions.add(report))


def alice_has_no_slack_identity(desk: Abandoned) -> None:
    desk.database.bind(desk.alice.id, None)


def alice_is_gone(desk: Abandoned) -> None:
    desk.database.change("cases", desk.abandoned.id, admin_id=None)


def bob_is_gone(desk: Abandoned) -> None:
    desk.database.remove("contacts", id=desk.bob.id)


class TestStandingIsSettledAnew:
    @pytest.mark.parametrize(
        ("lose", "reason"),
        [
            (alice_is_deactivated, "deactivated_refused"),
            (bob_is_deactivated, "deactivated_refused"),
            (alice_is_suspended, "admin_suspended"),
            (bob_reports_it, "reported_meanwhile"),
            (alice_has_no_slack_identity, "not_a_contact"),
            (alice_is_gone, "not_a_contact"),
            (bob_is_gone, "subscriber_not_a_contact"),
        ],
    )
    def test_and_ends_the_case_where_it_was_lost(
        self, desk: Abandoned, lose: Callable[[Abandoned], None], reason: str
    ) -> None:
        lose(desk)
        assert desk.later() == 1
        assert desk.bound(desk.bob) or lose is bob_is_gone
        case = desk.case(desk.abandoned.id)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, reason)
        assert desk.new_tags() == ["sweep:case:expired"]
        assert desk.told(NoticeKind.OUTCOME) == ([] if lose is alice_is_gone else [desk.alice.id])
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == []

    def test_of_an_operators_case_without_slack(self, desk: Abandoned) -> None:
        desk.workspace.available = False
        case = a_case(
            subscriber_id=desk.world.carol.id, kind=CaseKind.OPERATOR, state=CaseState.EXECUTING
        )
        desk.store(lambda uow: uow.cases.add(case))
        with pytest.RaisesGroup(WorkspaceUnavailableError):  # that is Alice's
            desk.later()
        assert desk.case(case.id).state is CaseState.COMPLETED
        assert not desk.bound(desk.world.carol)


class TestWhatCannotBeAsked:
    def test_slack_leaves_the_case_to_the_next_sweep(self, desk: Abandoned) -> None:
        desk.workspace.available = False
        with pytest.RaisesGroup(WorkspaceUnavailableError):
            desk.later()
        assert (desk.state, desk.bound(desk.bob), desk.new_tags()) == (
            CaseState.EXECUTING,
            True,
            [],
        )
        desk.workspace.available = True
        assert desk.pick_up() == 1
        assert desk.state is CaseState.COMPLETED

    def test_a_day_later_the_case_ends_although_nobody_answers(self, desk: Abandoned) -> None:
        desk.workspace.available = False
        desk.clock.advance(YES_HOLDS)
        with pytest.RaisesGroup(WorkspaceUnavailableError):
            desk.pick_up()
        waiting = desk.state

        desk.clock.advance(timedelta(microseconds=1))
        desk.pick_up()

        assert (waiting, desk.state) == (CaseState.EXECUTING, CaseState.EXPIRED)
        assert desk.case(desk.abandoned.id).ended_reason == "confirmed_too_long_ago"
        assert desk.bound(desk.bob)

    def test_the_directory_leaves_it_too(self, desk: Abandoned) -> None:
        desk.fail_with(DirectoryUnavailableError)
        for _ in range(3):
            with pytest.RaisesGroup(DirectoryUnavailableError):
                desk.later()
        assert (desk.state, desk.bound(desk.bob), desk.new_tags()) == (
            CaseState.EXECUTING,
            True,
            [],
        )
        assert len(desk.messages()) == desk.told_before
        desk.fail_with(None)
        assert desk.pick_up() == 1
        assert desk.new_tags() == PICKED_UP

    def test_holds_up_no_other(self, desk: Abandoned) -> None:
        desk.clock.advance(timedelta(seconds=60))
        other = desk.abandon(desk.world.carol, desk.world.alan)

        def about_bob(user: str) -> None:
            if user == desk.bob.slack.user:
                raise WorkspaceUnavailableError

        desk.workspace.on_ask = about_bob
        with pytest.RaisesGroup(WorkspaceUnavailableError):
            desk.later()
        assert desk.state is CaseState.EXECUTING
        assert desk.case(other.id).state is CaseState.COMPLETED


class TestBesideASetUp:
    """Bob signs in to set 2FA up while his reset is being carried out."""

    def contact(self, desk: Abandoned, uow: UnitOfWork) -> Contact:
        contact = uow.contacts.get(desk.bob.id)
        assert contact is not None
        return contact

    def test_it_hangs_on_the_case(self, desk: Abandoned) -> None:
        with desk.database.unit_of_work() as uow:
            journal = BY_HAND.journal(uow, now=NOON)
            bob = self.contact(desk, uow)
            assert case_of_set_up(journal, bob, first_reminder=None) == desk.abandoned

    def test_what_was_bound_meanwhile_is_invalidated(self, desk: Abandoned) -> None:
        def enrol(uow: UnitOfWork) -> None:
            closed = close_by_enrolment(BY_HAND.journal(uow, now=NOON), self.contact(desk, uow))
            assert closed is not None
            assert closed.kind is CaseKind.FIRST_SET_UP
            session = a_session(desk.bob.id, stage=SessionStage.SIGNED_IN)
            uow.sessions.add(session, token_hash="meanwhile")

        desk.store(enrol)
        assert desk.later() == 1
        assert desk.state is CaseState.COMPLETED
        assert not desk.bound(desk.bob)
        with desk.database.unit_of_work() as uow:
            assert uow.sessions.by_token_hash("meanwhile") is None
