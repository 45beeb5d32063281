"""The operator suspends a sign-in, and lifts whatever suspends one."""

from datetime import timedelta

import pytest

from bot.domain.model.cases import REPORT_WITHIN, Case, CaseKind, CaseState
from bot.domain.model.errors import (
    ContactNotFound,
    NotSuspended,
    OperatorSuspended,
    ReasonHoldsCode,
    ReasonMissing,
    Refusal,
    SuspendedAlready,
)
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, Suspension, SuspensionCause
from bot.domain.operator.suspending import Reinstated
from tests.fakes import a_case, a_session, a_suspension, bind
from tests.office.desk import AUDIT_CHANNEL, REMIND_AFTER, SUSPEND_AFTER, Desk

OPERATOR = Operator(user="root", host="desk-1")
WHO = {"operator_user": "root", "operator_host": "desk-1"}


class _Base:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob = self.world.alice, self.world.bob

    def suspend(self, email: str = "bob@acme.example", reason: str = "called  in") -> None:
        self.desk.suspensions.suspend(email, reason=reason, operator=OPERATOR)

    def reinstate(
        self, email: str = "BOB@acme.example", reason: str = " spoke to him"
    ) -> Reinstated:
        return self.desk.suspensions.reinstate(email, reason=reason, operator=OPERATOR)

    def current(self) -> Suspension | None:
        with self.desk.database.unit_of_work() as uow:
            return uow.suspensions.current(self.bob.id)

    def active(self) -> int:
        with self.desk.database.unit_of_work() as uow:
            return len(uow.authenticators.active_of(self.bob.id))


class TestSuspend(_Base):
    def test_ends_every_session_and_keeps_the_authenticators(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.sessions.add(a_session(self.bob.id), token_hash="x")
            uow.commit()
        self.suspend()
        suspension = self.current()
        assert suspension is not None
        assert (suspension.cause, suspension.case_id) == (SuspensionCause.OPERATOR, None)
        assert self.active() == 1
        with self.desk.database.unit_of_work() as uow:
            bob = uow.contacts.get(self.bob.id)
            records = list(uow.audit.records())
        assert bob is not None
        assert (bob.suspended, bob.sign_in_epoch, bob.set_up_required) == (True, 1, False)
        assert [(r.tag, r.actor, r.subscriber, r.details) for r in records] == [
            (
                "operator:suspension:added",
                "operator",
                self.bob.id,
                {"cause": "operator", "reason": "called in", **WHO},
            ),
            ("operator:session:ended", "operator", self.bob.id, {"sessions": "1", **WHO}),
        ]

    def test_tells_the_person_the_owners_and_the_audit_channel(self) -> None:
        self.suspend()
        world = self.world
        told = self.desk.told(NoticeKind.OPERATOR_ACTED)
        assert told == [self.bob.id, world.carol.id, world.dana.id, AUDIT_CHANNEL]
        (first, *_) = self.desk.messages(NoticeKind.OPERATOR_ACTED)
        assert first.notice.facts == {"act": "suspended the sign-in"}

    @pytest.mark.parametrize("cause", SuspensionCause)
    def test_is_refused_where_the_sign_in_is_suspended(self, cause: SuspensionCause) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.bob.id, cause=cause))
            uow.commit()
        with pytest.raises(SuspendedAlready):
            self.suspend()
        assert self.desk.tags() == ["operator:suspension:suspended_already"]

    def test_is_refused_where_nobody_has_that_address(self) -> None:
        with pytest.raises(ContactNotFound):
            self.suspend("nobody@acme.example")
        assert self.desk.tags() == ["operator:suspension:contact_not_found"]

    def test_a_refused_reason_suspends_nobody_and_is_recorded_without_it(self) -> None:
        with pytest.raises(ReasonHoldsCode):
            self.suspend(reason="He read me 123 456")
        assert self.current() is None
        with self.desk.database.unit_of_work() as uow:
            (record,) = uow.audit.records()
        assert (record.tag, record.subscriber, record.details) == (
            "operator:suspension:reason_holds_code",
            self.bob.id,
            {"email": "bob@acme.example", **WHO},
        )

    def test_no_reset_lifts_it(self) -> None:
        self.suspend()
        with pytest.raises(OperatorSuspended):
            self.desk.prepare(self.alice, self.bob)
        assert self.desk.tags()[-1] == "slack:reset:operator_suspended"


class TestReinstate(_Base):
    def test_of_the_operators_own_leaves_all_as_it_was(self) -> None:
        self.suspend()
        done = self.reinstate()
        assert (done.contact.id, done.case) == (self.bob.id, None)
        assert self.current() is None
        assert self.active() == 1
        with self.desk.database.unit_of_work() as uow:
            assert uow.cases.of(self.bob.id) == ()
            *_, record = uow.audit.records()
        assert (record.tag, record.actor, record.case) == (
            "operator:suspension:lifted",
            "operator",
            None,
        )
        assert record.details == {"cause": "operator", "reason": "spoke to him", **WHO}
        told = self.desk.told(NoticeKind.REINSTATED)
        world = self.world
        concerned = [world.alan.id, world.alice.id, world.carol.id, world.dana.id]
        assert told == [self.bob.id, *concerned, AUDIT_CHANNEL]
        assert {m.notice.case_id for m in self.desk.messages(NoticeKind.REINSTATED)} == {None}

    @pytest.mark.parametrize(
        ("email", "refusal"),
        [("nobody@acme.example", ContactNotFound), ("bob@acme.example", NotSuspended)],
    )
    def test_is_refused_where_there_is_nothing_to_lift(
        self, email: str, refusal: type[Refusal]
    ) -> None:
        with pytest.raises(refusal):
            self.reinstate(email)
        assert self.desk.tags() == [f"operator:suspension:{refusal.tag}"]

    def test_a_refused_reason_lifts_nothing_and_is_recorded(self) -> None:
        self.suspend()
        with pytest.raises(ReasonMissing):
            self.reinstate(reason=" ")
        assert self.current() is not None
        assert self.desk.tags()[-1] == "operator:suspension:reason_missing"

    def test_whoever_has_left_every_account_gets_no_case(self) -> None:
        self.desk.reset(self.alice, self.bob)
        self.desk.clock.advance(SUSPEND_AFTER)
        self.desk.lapses.lapse_due()
        self.desk.database.remove("memberships", contact_id=self.bob.id)
        assert self.reinstate().case is None
        assert self.current() is None


class TestReinstateWhereSetUpIsRequired(_Base):
    """The re-enrolment hangs on a case of the operator's."""

    @pytest.fixture(autouse=True)
    def _reset(self, _desk: None) -> None:
        self.case = self.desk.reset(self.alice, self.bob)

    def veto(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)

    def lapse(self) -> None:
        self.desk.clock.advance(SUSPEND_AFTER)
        assert self.desk.lapses.lapse_due() == 1

    @pytest.mark.parametrize("how", ["veto", "lapse"])
    def test_supersedes_what_led_there(self, how: str) -> None:
        getattr(self, how)()
        before = len(self.desk.tags())
        case = self.reinstate().case
        assert case is not None
        assert (case.kind, case.state, case.admin_id) == (
            CaseKind.OPERATOR,
            CaseState.COMPLETED,
            None,
        )
        assert self.desk.case(self.case.id).state is CaseState.SUPERSEDED
        assert self.current() is None
        with self.desk.database.unit_of_work() as uow:
            records = list(uow.audit.records())[before:]
        assert [(r.tag, r.case) for r in records] == [
            ("operator:suspension:lifted", self.case.id),
            ("operator:case:completed", case.id),
            ("operator:case:superseded", self.case.id),
        ]
        assert all((r.details or {}).items() >= WHO.items() for r in records)
        assert {(r.details or {})["reason"] for r in records} == {"spoke to him"}

    def test_what_the_operator_enrolled_meanwhile_closes_it(self) -> None:
        self.veto()
        by = a_case(subscriber_id=self.bob.id, kind=CaseKind.OPERATOR, state=CaseState.RE_ENROLLED)
        with self.desk.database.unit_of_work() as uow:
            bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP")
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            uow.cases.add(by)
            uow.commit()
        assert self.reinstate().case is None
        assert self.desk.case(self.case.id).state is CaseState.SUPERSEDED
        with self.desk.database.unit_of_work() as uow:
            assert uow.cases.waiting() == ()
            *_, record = uow.audit.records()
        assert (record.tag, record.case) == ("operator:case:superseded", self.case.id)
        assert (record.details or {})["superseded_by"] == by.id

    def test_tells_the_admin_of_the_case_that_was_reported_too(self) -> None:
        self.veto()
        case = self.reinstate().case
        assert case is not None
        told = self.desk.told(NoticeKind.REINSTATED)
        assert told[:2] == [self.bob.id, self.alice.id]
        assert len(told) == len(set(told)) == 6
        notices = [message.notice for message in self.desk.messages(NoticeKind.REINSTATED)]
        assert {notice.case_id for notice in notices} == {case.id}

    def test_the_new_case_is_reminded_of_and_lapses_from_now_on(self) -> None:
        self.lapse()
        case = self.reinstate().case
        assert case is not None
        self.desk.clock.advance(REMIND_AFTER[0])
        assert self.desk.reminders.remind_due() == 1
        assert self.desk.lapses.lapse_due() == 0
        self.desk.clock.advance(SUSPEND_AFTER)
        assert self.desk.lapses.lapse_due() == 1
        assert self.desk.case(case.id).state is CaseState.LAPSED

    def test_the_new_case_can_be_reported_by_its_subscriber(self) -> None:
        self.veto()
        case = self.reinstate().case
        assert case is not None
        self.desk.clock.advance(REPORT_WITHIN + timedelta(days=1))
        assert self.desk.reports.report(self.bob.slack, case.id).case.state is CaseState.VETOED

    def test_the_operators_own_while_set_up_was_required_restarts_its_time(self) -> None:
        self.suspend()
        self.desk.clock.advance(SUSPEND_AFTER)
        assert self.desk.lapses.lapse_due() == 0
        case = self.reinstate().case
        assert case is not None
        assert self.desk.case(self.case.id).state is CaseState.SUPERSEDED
        assert self.desk.lapses.lapse_due() == 0

    def test_of_several_causes_all_are_lifted_and_recorded(self) -> None:
        self.lapse()
        self.veto()
        self.reinstate()
        assert self.current() is None
        assert self.desk.tags().count("operator:suspension:lifted") == 2
        assert self.desk.tags().count("operator:case:superseded") == 1


def test_without_an_audit_channel_the_people_are_told() -> None:
    desk = Desk(audit_channel=None)
    bob, world = desk.world.bob, desk.world
    desk.suspensions.suspend(bob.email, reason="called in", operator=OPERATOR)
    assert desk.told(NoticeKind.OPERATOR_ACTED) == [bob.id, world.carol.id, world.dana.id]
    desk.suspensions.reinstate(bob.email, reason="spoke to him", operator=OPERATOR)
    assert set(desk.told(NoticeKind.REINSTATED)) == {p.id for p in world.people}


def test_a_first_set_up_that_lapsed_is_superseded_too() -> None:
    """Nothing was reset, so that the directory requires nothing of the contact by itself."""
    desk = Desk()
    bob = desk.world.bob
    case: Case = a_case(subscriber_id=bob.id, kind=CaseKind.FIRST_SET_UP, state=CaseState.LAPSED)
    with desk.database.unit_of_work() as uow:
        uow.authenticators.invalidate_all(bob.id, now=desk.clock.now())
        uow.cases.add(case)
        lapsed = a_suspension(bob.id, cause=SuspensionCause.LAPSED, case_id=case.id)
        uow.suspensions.add(lapsed)
        uow.commit()
    done = desk.suspensions.reinstate(bob.email, reason="spoke to him", operator=OPERATOR)
    assert done.case is not None
    assert desk.case(case.id).state is CaseState.SUPERSEDED
