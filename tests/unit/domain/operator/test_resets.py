"""The operator's own reset: for whom nobody in Slack could do it, and what is told of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.cases import Case, CaseKind, CaseState, HandOver
from bot.domain.model.errors import (
    CaseOpen,
    ContactNotFound,
    DirectoryRefusedError,
    DirectoryUnavailableError,
    HoldsNoRole,
    NothingToReset,
    OperatorSuspended,
    ReasonHoldsCode,
    Refusal,
    ReportedMeanwhile,
    SomebodyEntitled,
    StandingLost,
)
from bot.domain.model.ids import HandOverId, SessionId
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, SuspensionCause
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.model.views import CaseView
from bot.domain.ports.unit_of_work import UnitOfWork
from tests.fakes import NOON, Person, a_case, a_session, a_suspension
from tests.office.desk import AUDIT_CHANNEL, REMIND_AFTER, Desk

OPERATOR = Operator(user="root", host="desk")
REASON = "She lost her phone, and called from the number on file"


class Console(Desk):
    def __init__(self) -> None:
        super().__init__()
        self.service = self.operator_resets

    def break_glass(self, person: Person, *, force: bool = False, reason: str = REASON) -> CaseView:
        return self.service.reset(person.email, reason=reason, force=force, operator=OPERATOR)

    def change(self, act: Callable[[UnitOfWork], object]) -> None:
        with self.database.unit_of_work() as uow:
            act(uow)
            uow.commit()

    def suspend(self, person: Person, cause: SuspensionCause, case: Case | None = None) -> None:
        suspension = a_suspension(person.id, cause=cause, case_id=case.id if case else None)
        self.change(lambda uow: uow.suspensions.add(suspension))

    def lock(self, person: Person) -> None:
        assert person.authenticator_id is not None
        self.database.change("authenticators", person.authenticator_id, failed_in_a_row=LOCK_AFTER)

    def entitled(self, person: Person) -> int:
        """How many the refusal counts."""
        with pytest.raises(SomebodyEntitled) as refused:
            self.break_glass(person)
        return refused.value.people


@pytest.fixture
def console() -> Console:
    return Console()


class TestTheOnlyOwner:
    def test_is_reset_in_a_case_of_the_operators(self, console: Console) -> None:
        carol = console.world.carol
        case = console.break_glass(carol).case
        assert console.case(case.id) == case
        assert (case.kind, case.state, case.admin_id) == (
            CaseKind.OPERATOR,
            CaseState.COMPLETED,
            None,
        )
        assert (case.account_id, case.reason, case.completed_at) == ("acme", REASON, NOON)
        with console.database.unit_of_work() as uow:
            assert uow.authenticators.active_of(carol.id) == ()
            contact = uow.contacts.get(carol.id)
            assert contact is not None
            assert contact.set_up_required
            console.clock.advance(REMIND_AFTER[0])
            assert [due.id for due in uow.cases.due_to_remind(console.clock.now())] == [case.id]

    def test_every_effect_is_recorded_with_who_the_operator_was(self, console: Console) -> None:
        case = console.break_glass(console.world.carol).case
        assert console.tags() == [
            "operator:case:executing",
            "operator:contact:set_up_required",
            "operator:authenticator:invalidated",
            "operator:session:ended",
            "operator:case:completed",
        ]
        for record in console.database.records():
            assert record.details is not None
            assert record.details["operator_user"] == "root"
            assert record.details["operator_host"] == "desk"
            assert (record.actor, record.case) == ("operator", case.id)
        opened = console.database.records()[0].details
        assert opened is not None
        assert (opened["reason"], opened["entitled"]) == (REASON, "0")

    def test_she_and_the_audit_channel_are_told_once(self, console: Console) -> None:
        console.break_glass(console.world.carol)
        assert console.told(NoticeKind.SUBSCRIBER_RESET) == [console.world.carol.id]
        assert console.told(NoticeKind.OWNER_RESET) == [AUDIT_CHANNEL]

    def test_slack_is_not_asked(self, console: Console) -> None:
        console.workspace.available = False
        console.break_glass(console.world.carol)
        assert console.workspace.asked == []

    def test_looking_first_changes_nothing(self, console: Console) -> None:
        emergency = console.service.authorize(
            console.world.carol.email, reason=REASON, force=False, operator=OPERATOR
        )
        assert (emergency.contact.name, emergency.entitled) == ("Carol Cole", 0)
        assert console.tags() == []
        assert console.messages() == []


class TestSomebodyElseCould:
    def test_it_is_refused_and_says_how_many(self, console: Console) -> None:
        assert console.entitled(console.world.bob) == 3  # Carol, Alice, Alan; Dana has no 2FA
        (record,) = console.database.records()
        assert (record.tag, record.subscriber) == (
            "operator:reset:somebody_entitled",
            console.world.bob.id,
        )
        assert record.details == {
            "email": "bob@acme.example",
            "operator_user": "root",
            "operator_host": "desk",
        }

    def test_forced_it_is_done_and_says_so(self, console: Console) -> None:
        world = console.world
        case = console.break_glass(world.bob, force=True).case
        assert case.account_id == "acme"  # the strictest of his two
        details = console.database.records()[0].details
        assert details is not None
        assert details["entitled"] == "3"
        assert console.told(NoticeKind.OWNER_RESET) == [
            world.carol.id,
            world.dana.id,
            AUDIT_CHANNEL,
        ]

    def test_who_is_not_bound_to_slack_could_not(self, console: Console) -> None:
        console.database.bind(console.world.alice.id, None)
        assert console.entitled(console.world.bob) == 2

    def test_who_has_no_2fa_could_not(self, console: Console) -> None:
        alice = console.world.alice
        console.change(lambda uow: uow.authenticators.invalidate_all(alice.id, now=NOON))
        assert console.entitled(console.world.bob) == 2

    def test_whose_authenticator_is_locked_could_not(self, console: Console) -> None:
        console.lock(console.world.alice)
        assert console.entitled(console.world.bob) == 2

    def test_who_is_suspended_could_not(self, console: Console) -> None:
        console.suspend(console.world.alice, SuspensionCause.VETOED)
        assert console.entitled(console.world.bob) == 2

    def test_who_had_a_hand_in_a_reported_case_could_not(self, console: Console) -> None:
        bob, alice, alan = console.world.bob, console.world.alice, console.world.alan
        case = a_case(subscriber_id=bob.id, admin_id=alice.id, state=CaseState.VETOED)
        session = a_session(bob.id, session_id=SessionId("ses_bob"))
        hand_over = HandOver(
            id=HandOverId("hand_1"),
            case_id=case.id,
            session_id=session.id,
            handed_over_by=alan.id,
            proof=None,
            handed_over_at=NOON,
        )
        console.change(lambda uow: uow.cases.add(case))
        console.change(lambda uow: uow.sessions.add(session, token_hash="hash"))
        console.change(lambda uow: uow.cases.add_hand_over(hand_over))
        console.suspend(bob, SuspensionCause.VETOED, case)
        assert console.entitled(bob) == 1

    @pytest.mark.parametrize("beside", [None, SuspensionCause.VETOED])
    def test_what_the_operator_suspended_is_reinstated_first(
        self, console: Console, beside: SuspensionCause | None
    ) -> None:
        console.suspend(console.world.carol, SuspensionCause.OPERATOR)
        if beside is not None:
            console.suspend(console.world.carol, beside)
        for force in (False, True):
            with pytest.raises(OperatorSuspended):
                console.break_glass(console.world.carol, force=force)
        assert console.tags() == ["operator:reset:operator_suspended"] * 2
        assert console.told(NoticeKind.SUBSCRIBER_RESET) == []


class TestSuspensionsAndCasesBefore:
    @pytest.mark.parametrize("cause", [SuspensionCause.LAPSED, SuspensionCause.VETOED])
    def test_a_suspension_is_lifted_as_by_any_reset(
        self, console: Console, cause: SuspensionCause
    ) -> None:
        console.suspend(console.world.carol, cause)
        assert not console.break_glass(console.world.carol).subscriber.suspended
        assert "operator:suspension:lifted" in console.tags()

    def test_a_suspension_alone_is_something_to_reset(self, console: Console) -> None:
        console.suspend(console.world.dana, SuspensionCause.VETOED)
        assert not console.break_glass(console.world.dana).subscriber.suspended

    def test_what_waited_for_the_set_up_is_superseded(self, console: Console) -> None:
        first = console.break_glass(console.world.carol).case
        second = console.break_glass(console.world.carol).case
        assert console.case(first.id).state is CaseState.SUPERSEDED
        assert console.case(second.id).state is CaseState.COMPLETED

    def test_a_case_that_nobody_answered_in_time_is_not_in_the_way(self, console: Console) -> None:
        view = console.request(console.world.alice, console.world.bob)
        console.clock.advance(timedelta(minutes=5))
        console.break_glass(console.world.bob, force=True)
        assert console.case(view.case.id).state is CaseState.EXPIRED


class TestRefusals:
    def refused(
        self, console: Console, kind: type[Refusal], email: str, *, reason: str = REASON
    ) -> Any:
        before = console.messages(), console.database.rows("cases")
        with pytest.raises(kind) as refused:
            console.service.reset(email, reason=reason, force=True, operator=OPERATOR)
        with pytest.raises(kind):
            console.service.authorize(email, reason=reason, force=True, operator=OPERATOR)
        assert (console.messages(), console.database.rows("cases")) == before
        assert console.tags()[-2:] == [f"operator:reset:{kind.tag}"] * 2
        return refused.value

    def test_nobody_has_that_address_which_is_not_kept(self, console: Console) -> None:
        self.refused(console, ContactNotFound, "nobody@acme.example")
        assert console.database.records()[0].details == OPERATOR.details()

    def test_who_has_no_role(self, console: Console) -> None:
        console.database.remove("memberships", contact_id=console.world.carol.id)
        self.refused(console, HoldsNoRole, console.world.carol.email)

    def test_who_has_nothing_to_reset(self, console: Console) -> None:
        self.refused(console, NothingToReset, console.world.dana.email)

    def test_a_reason_that_holds_a_code(self, console: Console) -> None:
        self.refused(console, ReasonHoldsCode, console.world.carol.email, reason="code 123 456")

    def test_a_case_that_is_open_names_its_admin(self, console: Console) -> None:
        console.request(console.world.alice, console.world.bob)
        refused = self.refused(console, CaseOpen, console.world.bob.email)
        assert refused.admin_name == "Alice Archer"

    def test_a_case_of_the_operators_own(self, console: Console) -> None:
        case = a_case(subscriber_id=console.world.carol.id, state=CaseState.EXECUTING)
        console.change(lambda uow: uow.cases.add(replace(case, confirm_by=None)))
        refused = self.refused(console, CaseOpen, console.world.carol.email)
        assert refused.admin_name == "the operator"

    def test_a_rival_who_was_first(self, console: Console) -> None:
        carol = console.world.carol

        def opened_meanwhile(uow: UnitOfWork) -> EmbeddedDirectory:
            uow.cases.add(a_case(subscriber_id=carol.id))
            return EmbeddedDirectory(uow, clock=console.clock)

        console.make_directory = opened_meanwhile
        with pytest.raises(CaseOpen):
            console.break_glass(carol)
        assert console.tags() == ["operator:reset:case_open"]


class TestTheDirectory:
    def test_that_does_not_answer_at_first_leaves_everything_as_it_was(
        self, console: Console
    ) -> None:
        class Silent(EmbeddedDirectory):
            def authenticators_of(self, contact_id: object) -> Any:
                raise DirectoryUnavailableError

        console.make_directory = lambda uow: Silent(uow, clock=console.clock)
        with pytest.raises(DirectoryUnavailableError):
            console.break_glass(console.world.carol)
        assert console.database.rows("cases") == []
        assert console.messages() == []
        assert console.tags() == ["operator:reset:directory_unavailable_error"]

    def test_that_does_not_answer_later_leaves_the_case_to_the_sweep(
        self, console: Console
    ) -> None:
        class Silent(EmbeddedDirectory):
            def end_sessions(self, contact_id: object) -> int:
                raise DirectoryUnavailableError

        console.make_directory = lambda uow: Silent(uow, clock=console.clock)
        case = console.break_glass(console.world.carol).case
        assert case.state is CaseState.EXECUTING
        assert console.messages() == []
        assert console.tags() == [
            "operator:case:executing",
            "operator:reset:directory_unavailable_error",
        ]
        console.make_directory = lambda uow: EmbeddedDirectory(uow, clock=console.clock)
        assert console.pick_ups.carry_out_due() == 1
        assert console.case(case.id).state is CaseState.COMPLETED
        assert console.told(NoticeKind.SUBSCRIBER_RESET) == [console.world.carol.id]

    def test_that_refuses_for_good_fails_the_case(self, console: Console) -> None:
        class Stubborn(EmbeddedDirectory):
            def end_sessions(self, contact_id: object) -> int:
                raise DirectoryRefusedError

        console.make_directory = lambda uow: Stubborn(uow, clock=console.clock)
        assert console.break_glass(console.world.carol).case.state is CaseState.FAILED
        assert console.tags()[-1] == "operator:case:failed"


class TestARivalBetweenTheWordAndTheDeed:
    def lost(self, console: Console, act: Callable[[UnitOfWork], object]) -> Refusal:
        """Have a rival commit once the case was stored, before its first effect."""
        carry_out = console.executing.carry_out

        def then(*args: Any, **how: Any) -> Case:
            console.change(act)
            return carry_out(*args, **how)

        console.executing.carry_out = then  # type: ignore[method-assign]  # where it comes
        with pytest.raises(StandingLost) as lost:
            console.break_glass(console.world.carol)
        with console.database.unit_of_work() as uow:
            assert uow.authenticators.active_of(console.world.carol.id)
        assert console.tags() == [
            "operator:case:executing",
            "operator:case:expired",
            "operator:reset:standing_lost",
        ]
        return lost.value.cause

    @pytest.mark.parametrize(
        ("cause", "because"),
        [
            (SuspensionCause.OPERATOR, OperatorSuspended),
            (SuspensionCause.VETOED, ReportedMeanwhile),
        ],
    )
    def test_a_suspension_ends_the_case(
        self, console: Console, cause: SuspensionCause, because: type[Refusal]
    ) -> None:
        suspension = a_suspension(
            console.world.carol.id, cause=cause, suspended_at=NOON + timedelta(seconds=1)
        )
        lost = self.lost(console, lambda uow: uow.suspensions.add(suspension))
        assert isinstance(lost, because)

    def test_who_has_left_meanwhile_is_not_reset(self, console: Console) -> None:
        carol = console.world.carol

        def leave(uow: UnitOfWork) -> None:
            row = uow.roster.read().contacts[carol.email]
            change = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=replace(row, roles={}))
            list(uow.roster.apply([change], now=NOON))

        assert isinstance(self.lost(console, leave), HoldsNoRole)
