"""The operator suspends a sign-in, and lifts whatever suspends one."""

from datetime import timedelta

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import REPORT_WITHIN, CaseKind, CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, SuspensionCause
from bot.domain.operator.suspending import Reinstated
from tests.fakes import a_session, bind
from tests.office.desk import AUDIT_CHANNEL, REMIND_AFTER, SUSPEND_AFTER, Desk

OPERATOR = Operator(user="root", host="desk-1")
WHO = OPERATOR.details()


class Console(Desk):
    def suspend(self, email: str = "bob@acme.example", reason: str = "called  in") -> None:
        self.suspensions.suspend(email, reason=reason, operator=OPERATOR)

    def reinstate(
        self, email: str = "BOB@acme.example", reason: str = " spoke to him"
    ) -> Reinstated:
        return self.suspensions.reinstate(email, reason=reason, operator=OPERATOR)

    @property
    def suspended(self) -> bool:
        return self.contact(self.bob).suspended


@pytest.fixture
def console() -> Console:
    return Console()


class TestSuspend:
    def test_ends_every_session_and_keeps_the_authenticators(self, console: Console) -> None:
        console.store(lambda uow: uow.sessions.add(a_session(console.bob.id), token_hash="x"))
        console.suspend()
        (suspension,) = console.database.rows("suspensions")
        assert (suspension.cause, suspension.case_id) == (SuspensionCause.OPERATOR, None)
        bob = console.contact(console.bob)
        assert (bob.suspended, bob.sign_in_epoch, bob.set_up_required) == (True, 1, False)
        assert console.active(bob.id) == 1
        assert [(r.tag, r.actor, r.subscriber, r.details) for r in console.records()] == [
            (
                "operator:suspension:added",
                "operator",
                bob.id,
                {"cause": "operator", "reason": "called in", **WHO},
            ),
            ("operator:session:ended", "operator", bob.id, {"sessions": "1", **WHO}),
        ]

    def test_tells_the_person_the_owners_and_the_audit_channel(self, console: Console) -> None:
        console.suspend()
        world = console.world
        told = console.told(NoticeKind.OPERATOR_ACTED)
        assert told == [world.bob.id, world.carol.id, world.dana.id, AUDIT_CHANNEL]
        (first, *_) = console.messages(NoticeKind.OPERATOR_ACTED)
        assert first.notice.facts == {"act": "suspended the sign-in"}

    @pytest.mark.parametrize("cause", SuspensionCause)
    def test_is_refused_where_the_sign_in_is_suspended(
        self, console: Console, cause: SuspensionCause
    ) -> None:
        console.suspend_for(cause, console.bob)
        with pytest.raises(errors.SuspendedAlready):
            console.suspend()
        assert console.tags() == ["operator:suspension:suspended_already"]

    def test_is_refused_where_nobody_has_that_address(self, console: Console) -> None:
        with pytest.raises(errors.ContactNotFound):
            console.suspend("nobody@acme.example")
        assert console.tags() == ["operator:suspension:contact_not_found"]

    def test_a_refused_reason_suspends_nobody_and_is_recorded_without_it(
        self, console: Console
    ) -> None:
        with pytest.raises(errors.ReasonHoldsCode):
            console.suspend(reason="He read me 123 456")
        assert not console.suspended
        (record,) = console.records()
        assert (record.tag, record.subscriber, record.details) == (
            "operator:suspension:reason_holds_code",
            console.bob.id,
            {"email": "bob@acme.example", **WHO},
        )


class TestReinstate:
    def test_of_the_operators_own_leaves_all_as_it_was(self, console: Console) -> None:
        console.suspend()
        done = console.reinstate()
        assert (done.contact.id, done.case) == (console.bob.id, None)
        assert (console.suspended, console.active(console.bob.id)) == (False, 1)
        assert console.cases(console.bob) == ()
        *_, record = console.records()
        assert (record.tag, record.case) == ("operator:suspension:lifted", None)
        assert record.details == {"cause": "operator", "reason": "spoke to him", **WHO}
        world = console.world
        concerned = [world.alan.id, world.alice.id, world.carol.id, world.dana.id]
        told = [console.bob.id, *concerned, AUDIT_CHANNEL]
        assert console.told(NoticeKind.REINSTATED) == told
        assert {m.notice.case_id for m in console.messages(NoticeKind.REINSTATED)} == {None}

    @pytest.mark.parametrize(
        ("email", "refusal"),
        [
            ("nobody@acme.example", errors.ContactNotFound),
            ("bob@acme.example", errors.NotSuspended),
        ],
    )
    def test_is_refused_where_there_is_nothing_to_lift(
        self, console: Console, email: str, refusal: type[errors.Refusal]
    ) -> None:
        with pytest.raises(refusal):
            console.reinstate(email)
        assert console.tags() == [f"operator:suspension:{refusal.tag}"]

    def test_a_refused_reason_lifts_nothing_and_is_recorded(self, console: Console) -> None:
        console.suspend()
        with pytest.raises(errors.ReasonMissing):
            console.reinstate(reason=" ")
        assert console.suspended
        assert console.tags()[-1] == "operator:suspension:reason_missing"


class TestReinstateWhereSetUpIsRequired:
    """The re-enrolment hangs on a case of the operator's."""

    @pytest.fixture(autouse=True)
    def _reset(self, console: Console) -> None:
        self.case = console.reset(console.alice, console.bob)

    def veto(self, console: Console) -> None:
        console.reports.report(console.bob.slack, self.case.id)

    def lapse(self, console: Console) -> None:
        console.clock.advance(SUSPEND_AFTER)
        assert console.lapses.lapse_due() == 1

    @pytest.mark.parametrize("how", ["veto", "lapse"])
    def test_supersedes_what_led_there(self, console: Console, how: str) -> None:
        getattr(self, how)(console)
        before = len(console.tags())
        case = console.reinstate().case
        assert case is not None
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.COMPLETED)
        assert case.admin_id is None
        assert console.case(self.case.id).state is CaseState.SUPERSEDED
        assert not console.suspended
        records = console.records()[before:]
        assert [(r.tag, r.case) for r in records] == [
            ("operator:suspension:lifted", self.case.id),
            ("operator:case:completed", case.id),
            ("operator:case:superseded", self.case.id),
        ]
        for record in records:
            assert (record.details or {}).items() >= {"reason": "spoke to him", **WHO}.items()
        notices = [message.notice for message in console.messages(NoticeKind.REINSTATED)]
        told = [notice.contact_id or notice.slack_address for notice in notices]
        assert told[:2] == [console.bob.id, console.alice.id]
        assert len(told) == len(set(told)) == 6
        assert {notice.case_id for notice in notices} == {case.id}

    def test_what_the_operator_enrolled_meanwhile_closes_it(self, console: Console) -> None:
        self.veto(console)
        by = console.add_case(CaseState.RE_ENROLLED, kind=CaseKind.OPERATOR, admin_id=None)
        console.store(lambda uow: bind(uow, console.bob.id, "JBSWY3DPEHPK3PXP"))
        console.require_set_up(console.bob, required=False)
        assert console.reinstate().case is None
        assert console.case(self.case.id).state is CaseState.SUPERSEDED
        *_, record = console.records()
        assert (record.tag, record.case) == ("operator:case:superseded", self.case.id)
        assert (record.details or {})["superseded_by"] == by.id

    def test_the_new_case_is_reminded_of_and_lapses_from_now_on(self, console: Console) -> None:
        self.lapse(console)
        case = console.reinstate().case
        assert case is not None
        console.clock.advance(REMIND_AFTER[0])
        assert (console.reminders.remind_due(), console.lapses.lapse_due()) == (1, 0)
        console.clock.advance(SUSPEND_AFTER)
        assert console.lapses.lapse_due() == 1
        assert console.case(case.id).state is CaseState.LAPSED

    def test_the_new_case_can_be_reported_by_its_subscriber(self, console: Console) -> None:
        self.veto(console)
        case = console.reinstate().case
        assert case is not None
        console.clock.advance(REPORT_WITHIN + timedelta(days=1))
        reported = console.reports.report(console.bob.slack, case.id).case
        assert reported.state is CaseState.VETOED

    def test_the_operators_own_while_set_up_was_required_restarts_its_time(
        self, console: Console
    ) -> None:
        console.suspend()
        console.clock.advance(SUSPEND_AFTER)
        assert console.lapses.lapse_due() == 0
        assert console.reinstate().case is not None
        assert console.case(self.case.id).state is CaseState.SUPERSEDED
        assert console.lapses.lapse_due() == 0

    def test_of_several_causes_all_are_lifted_and_recorded(self, console: Console) -> None:
        self.lapse(console)
        self.veto(console)
        console.reinstate()
        assert not console.suspended
        assert console.tags().count("operator:suspension:lifted") == 2
        assert console.tags().count("operator:case:superseded") == 1

    def test_whoever_has_left_every_account_gets_no_case(self, console: Console) -> None:
        self.lapse(console)
        console.give_only(console.bob)
        assert console.reinstate().case is None
        assert not console.suspended


def test_a_first_set_up_that_lapsed_is_superseded_too(console: Console) -> None:
    """Nothing was reset, so that the directory requires nothing of the contact by itself."""
    console.strip(console.bob)
    case = console.add_case(CaseState.LAPSED, kind=CaseKind.FIRST_SET_UP, admin_id=None)
    console.suspend_for(SuspensionCause.LAPSED, console.bob, case_id=case.id)
    assert console.reinstate().case is not None
    assert console.case(case.id).state is CaseState.SUPERSEDED
