"""This wasn't me, and what lifts it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.case import Case, CaseState
from bot.domain.errors import (
    AlreadyReported,
    CaseNotFound,
    ContactNotFound,
    NotSuspended,
    NotTheSubscriber,
    NotYoursToLift,
    Refusal,
    ReportTooLate,
)
from bot.domain.ids import CaseId
from bot.domain.model import SuspensionCause
from bot.domain.notices import NoticeKind
from bot.domain.operator import Operator
from bot.domain.reports import REPORT_WITHIN
from tests.fakes import a_slack_identity, a_suspension, bind
from tests.fakes.history import FakeCases
from tests.unit.domain.desk import AUDIT_CHANNEL, Desk

OPERATOR = Operator(user="root", host="desk-1")


class _Base:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob = self.world.alice, self.world.bob
        self.case: Case = self.desk.reset(self.alice, self.bob)
        self.before = len(self.desk.tags())

    def re_enrol(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP")
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            uow.cases.move(
                self.case.id,
                states={CaseState.COMPLETED},
                to=CaseState.RE_ENROLLED,
                now=self.desk.clock.now(),
            )
            uow.commit()


class TestReport(_Base):
    def test_asks_once_more_without_doing_anything(self) -> None:
        view = self.desk.reports.authorize(self.bob.slack, self.case.id)
        assert view.case.state is CaseState.COMPLETED
        assert self.desk.tags(since=self.before) == []

    def test_suspends_invalidates_ends_and_tells_in_one_go(self) -> None:
        self.re_enrol()
        view = self.desk.reports.report(self.bob.slack, self.case.id)
        assert view.case.state is CaseState.VETOED
        assert self.desk.tags(since=self.before) == [
            "slack:case:vetoed",
            "slack:suspension:added",
            "slack:contact:set_up_required",
            "slack:authenticator:invalidated",
            "slack:session:ended",
        ]
        with self.desk.database.unit_of_work() as uow:
            bob = uow.contacts.get(self.bob.id)
            assert bob is not None
            assert bob.suspended
            assert uow.authenticators.active_of(self.bob.id) == ()
        assert self.desk.told(NoticeKind.VETO_TAKEN) == [self.bob.id]
        told = self.desk.told(NoticeKind.VETO_REPORTED)
        world = self.world
        assert told[0] == self.alice.id
        assert sorted(told) == sorted(
            [self.alice.id, world.alan.id, world.carol.id, world.dana.id, AUDIT_CHANNEL]
        )

    def test_a_second_press_is_told_so(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)
        messages = len(self.desk.messages())
        with pytest.raises(AlreadyReported):
            self.desk.reports.report(self.bob.slack, self.case.id)
        assert len(self.desk.messages()) == messages

    @pytest.mark.parametrize("press", ["authorize", "report"])
    def test_nobody_else_may_press(self, press: str) -> None:
        for actor in (self.alice.slack, a_slack_identity("U01STRANGER")):
            with pytest.raises(NotTheSubscriber):
                getattr(self.desk.reports, press)(actor, self.case.id)
        assert self.desk.tags(since=self.before) == ["slack:report:not_the_subscriber"] * 2

    def test_an_unknown_case_is_refused(self) -> None:
        with pytest.raises(CaseNotFound):
            self.desk.reports.report(self.bob.slack, CaseId("case_404"))

    def test_is_taken_until_thirty_days_after_re_enrolment(self) -> None:
        self.re_enrol()
        self.desk.clock.advance(REPORT_WITHIN - timedelta(seconds=1))
        self.desk.reports.authorize(self.bob.slack, self.case.id)
        self.desk.clock.advance(timedelta(seconds=1))
        with pytest.raises(ReportTooLate):
            self.desk.reports.report(self.bob.slack, self.case.id)

    def test_is_not_taken_of_a_case_that_another_has_superseded(self) -> None:
        self.desk.reset(self.world.alan, self.bob)
        with pytest.raises(ReportTooLate):
            self.desk.reports.report(self.bob.slack, self.case.id)

    def test_slack_being_away_does_not_stop_it(self) -> None:
        self.desk.workspace.available = False
        view = self.desk.reports.report(self.bob.slack, self.case.id)
        assert view.case.state is CaseState.VETOED

    def test_the_reported_admin_may_not_lift_it_by_a_new_reset(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)
        with pytest.raises(NotYoursToLift):
            self.desk.prepare(self.alice, self.bob)

    def test_another_entitled_admin_lifts_it_by_a_new_reset(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)
        self.desk.reset(self.world.alan, self.bob)
        assert self.desk.case(self.case.id).state is CaseState.SUPERSEDED
        with self.desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(self.bob.id) is None

    def test_of_two_presses_at_once_one_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The rival's press is decided between our look at the case and our update."""
        move = FakeCases.move

        def rival_first(cases: FakeCases, case_id: CaseId, **how: Any) -> Case | None:
            move(cases, case_id, **how)
            return move(cases, case_id, **how)

        monkeypatch.setattr(FakeCases, "move", rival_first)
        with pytest.raises(AlreadyReported):
            self.desk.reports.report(self.bob.slack, self.case.id)
        assert self.desk.told(NoticeKind.VETO_TAKEN) == []


class TestReinstate(_Base):
    def reinstate(self, email: str = "bob@acme.example") -> None:
        self.desk.reports.reinstate(email, reason="spoke to him", operator=OPERATOR)

    def test_lifts_a_veto_and_tells_everybody_concerned(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)
        self.reinstate("BOB@acme.example")
        with self.desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(self.bob.id) is None
            *_, record = uow.audit.records()
        assert (record.tag, record.actor) == ("operator:suspension:lifted", "operator")
        assert record.details == {
            "cause": "vetoed",
            "email": "BOB@acme.example",
            "reason": "spoke to him",
            "operator_user": "root",
            "operator_host": "desk-1",
        }
        told = self.desk.told(NoticeKind.REINSTATED)
        assert told[:2] == [self.bob.id, self.alice.id]
        assert len(told) == len(set(told)) == 5

    def test_lifts_a_suspension_without_a_case_too(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.bob.id, cause=SuspensionCause.OPERATOR))
            uow.commit()
        self.reinstate()
        assert self.desk.told(NoticeKind.REINSTATED)[0] == self.bob.id

    @pytest.mark.parametrize(
        ("email", "refusal"),
        [("nobody@acme.example", ContactNotFound), ("bob@acme.example", NotSuspended)],
    )
    def test_is_refused_where_there_is_nothing_to_lift(
        self, email: str, refusal: type[Refusal]
    ) -> None:
        with pytest.raises(refusal):
            self.reinstate(email)
        assert self.desk.tags(since=self.before) == [f"operator:suspension:{refusal.tag}"]


def test_a_subscriber_whose_identity_is_gone_cannot_report() -> None:
    desk = Desk()
    case = desk.reset(desk.world.alice, desk.world.bob)
    row = desk.database.state.contacts[desk.world.bob.id]
    desk.database.state.contacts[desk.world.bob.id] = replace(row, slack=None)
    with pytest.raises(NotTheSubscriber):
        desk.reports.report(desk.world.bob.slack, case.id)
