"""The operator's own reset: for whom nobody in Slack could do it, and what is told of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model import errors
from bot.domain.model.cases import Case, CaseKind, CaseState, HandOver
from bot.domain.model.ids import HandOverId, SessionId
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, SuspensionCause
from bot.domain.model.views import CaseView
from bot.domain.ports.unit_of_work import UnitOfWork
from tests.fakes import NOON, Person, a_case, a_session, a_suspension
from tests.office.desk import AUDIT_CHANNEL, REMIND_AFTER, Desk

OPERATOR = Operator(user="root", host="desk")
REASON = "She lost her phone, and called from the number on file"


class Console(Desk):
    def break_glass(self, person: Person, *, force: bool = False) -> CaseView:
        return self.operator_resets.reset(
            person.email, reason=REASON, force=force, operator=OPERATOR
        )

    def opened_with(self) -> dict[str, str]:
        """Return the details of the first record."""
        details = self.records()[0].details
        assert details is not None
        return dict(details)

    def directory_fails(self, method: str, error: Exception) -> None:
        """Have the directory raise that wherever it is asked for that."""

        def fail(*_: object) -> Any:
            raise error

        kind = type("Failing", (EmbeddedDirectory,), {method: fail})
        self.make_directory = lambda uow: kind(uow, clock=self.clock)


@pytest.fixture
def console() -> Console:
    return Console()


class TestTheOnlyOwner:
    def test_is_reset_in_a_case_of_the_operators(self, console: Console) -> None:
        case = console.break_glass(console.carol).case
        assert console.case(case.id) == case
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.COMPLETED)
        assert (case.account_id, case.admin_id) == ("acme", None)
        assert (case.reason, case.completed_at) == (REASON, NOON)
        assert console.active(console.carol.id) == 0
        assert console.contact(console.carol).set_up_required
        console.clock.advance(REMIND_AFTER[0])
        assert console.reminders.remind_due() == 1

    def test_every_effect_is_recorded_with_who_the_operator_was(self, console: Console) -> None:
        case = console.break_glass(console.carol).case
        assert console.tags() == [
            "operator:case:executing",
            "operator:contact:set_up_required",
            "operator:authenticator:invalidated",
            "operator:session:ended",
            "operator:case:completed",
        ]
        for record in console.records():
            assert (record.details or {}).items() >= OPERATOR.details().items()
            assert (record.actor, record.case) == ("operator", case.id)
        opened = console.opened_with()
        assert (opened["reason"], opened["entitled"]) == (REASON, "0")

    def test_she_and_the_audit_channel_are_told_once_and_slack_is_not_asked(
        self, console: Console
    ) -> None:
        console.workspace.available = False
        console.break_glass(console.carol)
        assert console.told(NoticeKind.SUBSCRIBER_RESET) == [console.carol.id]
        assert console.told(NoticeKind.OWNER_RESET) == [AUDIT_CHANNEL]
        assert console.workspace.asked == []

    def test_looking_first_changes_nothing(self, console: Console) -> None:
        emergency = console.operator_resets.authorize(
            console.carol.email, reason=REASON, force=False, operator=OPERATOR
        )
        assert (emergency.contact.name, emergency.entitled) == ("Carol Cole", 0)
        assert (console.tags(), console.messages()) == ([], [])


def alice_is_not_in_slack(console: Console) -> None:
    console.database.bind(console.alice.id, None)


def alice_has_no_2fa(console: Console) -> None:
    console.strip(console.alice)


def alices_authenticator_is_locked(console: Console) -> None:
    assert console.alice.authenticator_id is not None
    console.database.change(
        "authenticators", console.alice.authenticator_id, failed_in_a_row=LOCK_AFTER
    )


def alice_is_suspended(console: Console) -> None:
    console.suspend_for(SuspensionCause.VETOED, console.alice)


def alice_and_alan_had_a_hand_in_a_reported_case(console: Console) -> None:
    bob = console.bob
    case = console.add_case(CaseState.VETOED)
    session = a_session(bob.id, session_id=SessionId("ses_bob"))
    hand_over = HandOver(
        id=HandOverId("hand_1"),
        case_id=case.id,
        session_id=session.id,
        handed_over_by=console.alan.id,
        proof=None,
        handed_over_at=NOON,
    )
    console.store(lambda uow: uow.sessions.add(session, token_hash="hash"))
    console.store(lambda uow: uow.cases.add_hand_over(hand_over))
    console.suspend_for(SuspensionCause.VETOED, bob, case_id=case.id)


class TestSomebodyElseCould:
    @pytest.mark.parametrize(
        ("arrange", "people"),
        [
            (lambda _: None, 3),  # Carol, Alice, Alan; Dana has no 2FA
            (alice_is_not_in_slack, 2),
            (alice_has_no_2fa, 2),
            (alices_authenticator_is_locked, 2),
            (alice_is_suspended, 2),
            (alice_and_alan_had_a_hand_in_a_reported_case, 1),
        ],
    )
    def test_it_is_refused_and_says_how_many(
        self, console: Console, arrange: Callable[[Console], None], people: int
    ) -> None:
        arrange(console)
        with pytest.raises(errors.SomebodyEntitled) as refused:
            console.break_glass(console.bob)
        assert refused.value.people == people
        (record,) = console.records()
        assert (record.tag, record.subscriber) == (
            "operator:reset:somebody_entitled",
            console.bob.id,
        )
        assert record.details == {"email": "bob@acme.example", **OPERATOR.details()}

    def test_forced_it_is_done_and_says_so(self, console: Console) -> None:
        world = console.world
        case = console.break_glass(world.bob, force=True).case
        assert case.account_id == "acme"  # the strictest of his two
        assert console.opened_with()["entitled"] == "3"
        told = console.told(NoticeKind.OWNER_RESET)
        assert told == [world.carol.id, world.dana.id, AUDIT_CHANNEL]

    @pytest.mark.parametrize("beside", [None, SuspensionCause.VETOED])
    def test_what_the_operator_suspended_is_reinstated_first(
        self, console: Console, beside: SuspensionCause | None
    ) -> None:
        for cause in filter(None, (SuspensionCause.OPERATOR, beside)):
            console.suspend_for(cause, console.carol)
        for force in (False, True):
            with pytest.raises(errors.OperatorSuspended):
                console.break_glass(console.carol, force=force)
        assert console.tags() == ["operator:reset:operator_suspended"] * 2
        assert console.messages() == []


class TestSuspensionsAndCasesBefore:
    @pytest.mark.parametrize(
        ("who", "cause"),
        [
            ("carol", SuspensionCause.LAPSED),
            ("carol", SuspensionCause.VETOED),
            ("dana", SuspensionCause.VETOED),  # of whom it is all that there is to reset
        ],
    )
    def test_a_suspension_is_lifted_as_by_any_reset(
        self, console: Console, who: str, cause: SuspensionCause
    ) -> None:
        person = getattr(console.world, who)
        console.suspend_for(cause, person)
        assert not console.break_glass(person).subscriber.suspended
        assert "operator:suspension:lifted" in console.tags()

    def test_what_waited_for_the_set_up_is_superseded(self, console: Console) -> None:
        first, second = (console.break_glass(console.carol).case for _ in range(2))
        assert console.case(first.id).state is CaseState.SUPERSEDED
        assert console.case(second.id).state is CaseState.COMPLETED

    def test_a_case_that_nobody_answered_in_time_is_not_in_the_way(self, console: Console) -> None:
        view = console.request(console.alice, console.bob)
        console.clock.advance(timedelta(minutes=5))
        console.break_glass(console.bob, force=True)
        assert console.case(view.case.id).state is CaseState.EXPIRED


def carol_has_no_role(console: Console) -> None:
    console.give_only(console.carol)


def alice_has_asked(console: Console) -> None:
    console.request(console.alice, console.bob)


def the_operator_is_at_it(console: Console) -> None:
    console.add_case(CaseState.EXECUTING, subscriber_id=console.carol.id, admin_id=None)


class TestRefusals:
    @pytest.mark.parametrize(
        ("arrange", "who", "reason", "refusal", "admin"),
        [
            (lambda _: None, "nobody", REASON, errors.ContactNotFound, None),
            (carol_has_no_role, "carol", REASON, errors.HoldsNoRole, None),
            (lambda _: None, "dana", REASON, errors.NothingToReset, None),
            (lambda _: None, "carol", "code 123 456", errors.ReasonHoldsCode, None),
            (alice_has_asked, "bob", REASON, errors.CaseOpen, "Alice Archer"),
            (the_operator_is_at_it, "carol", REASON, errors.CaseOpen, "the operator"),
        ],
    )
    def test_change_nothing_and_are_recorded(
        self,
        console: Console,
        *,
        arrange: Callable[[Console], None],
        who: str,
        reason: str,
        refusal: type[errors.Refusal],
        admin: str | None,
    ) -> None:
        arrange(console)
        before, known = (console.messages(), console.database.rows("cases")), len(console.tags())
        for act in (console.operator_resets.reset, console.operator_resets.authorize):
            with pytest.raises(refusal) as refused:
                act(f"{who}@acme.example", reason=reason, force=True, operator=OPERATOR)
            assert getattr(refused.value, "admin_name", None) == admin
        assert (console.messages(), console.database.rows("cases")) == before
        assert console.tags(since=known) == [f"operator:reset:{refusal.tag}"] * 2
        assert "nobody@" not in repr(console.records())

    def test_a_rival_was_first(self, console: Console) -> None:
        def opened_meanwhile(uow: UnitOfWork) -> EmbeddedDirectory:
            uow.cases.add(a_case(subscriber_id=console.carol.id))
            return EmbeddedDirectory(uow, clock=console.clock)

        console.make_directory = opened_meanwhile
        with pytest.raises(errors.CaseOpen):
            console.break_glass(console.carol)
        assert console.tags() == ["operator:reset:case_open"]


class TestTheDirectory:
    def test_that_does_not_answer_at_first_leaves_everything_as_it_was(
        self, console: Console
    ) -> None:
        console.directory_fails("authenticators_of", errors.DirectoryUnavailableError())
        with pytest.raises(errors.DirectoryUnavailableError):
            console.break_glass(console.carol)
        assert (console.database.rows("cases"), console.messages()) == ([], [])
        assert console.tags() == ["operator:reset:directory_unavailable_error"]

    def test_that_does_not_answer_later_leaves_the_case_to_the_sweep(
        self, console: Console
    ) -> None:
        answering = console.make_directory
        console.directory_fails("end_sessions", errors.DirectoryUnavailableError())
        case = console.break_glass(console.carol).case
        assert (case.state, console.messages()) == (CaseState.EXECUTING, [])
        assert console.tags() == [
            "operator:case:executing",
            "operator:reset:directory_unavailable_error",
        ]
        console.make_directory = answering
        assert console.pick_ups.carry_out_due() == 1
        assert console.case(case.id).state is CaseState.COMPLETED
        assert console.told(NoticeKind.SUBSCRIBER_RESET) == [console.carol.id]

    def test_that_refuses_for_good_fails_the_case(self, console: Console) -> None:
        console.directory_fails("end_sessions", errors.DirectoryRefusedError())
        assert console.break_glass(console.carol).case.state is CaseState.FAILED
        assert console.tags()[-1] == "operator:case:failed"


def suspended(cause: SuspensionCause) -> Callable[[Console], None]:
    def suspend(console: Console) -> None:
        suspension = a_suspension(
            console.carol.id, cause=cause, suspended_at=NOON + timedelta(seconds=1)
        )
        console.store(lambda uow: uow.suspensions.add(suspension))

    return suspend


@pytest.mark.parametrize(
    ("act", "because"),
    [
        (suspended(SuspensionCause.OPERATOR), errors.OperatorSuspended),
        (suspended(SuspensionCause.VETOED), errors.ReportedMeanwhile),
        (carol_has_no_role, errors.HoldsNoRole),
    ],
)
def test_what_a_rival_does_between_the_word_and_the_deed_ends_the_case(
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Console], None],
    because: type[errors.Refusal],
) -> None:
    carry_out = console.executing.carry_out

    def then(*args: Any, **how: Any) -> Case:
        act(console)
        return carry_out(*args, **how)

    monkeypatch.setattr(console.executing, "carry_out", then)
    with pytest.raises(errors.StandingLost) as lost:
        console.break_glass(console.carol)
    assert isinstance(lost.value.cause, because)
    assert console.active(console.carol.id) == 1
    assert console.tags() == [
        "operator:case:executing",
        "operator:case:expired",
        "operator:reset:standing_lost",
    ]
