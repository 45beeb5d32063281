"""This wasn't me, and who lifts it by a new reset."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import REPORT_WITHIN, Case, CaseState, HandOver, Proof
from bot.domain.model.errors import (
    AlreadyReported,
    CaseNotFound,
    NotTheSubscriber,
    NotYoursToLift,
    ReportedMeanwhile,
    ReportTooLate,
    StandingLost,
)
from bot.domain.model.ids import CaseId, ContactId, HandOverId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator
from storage.cases import SqlCases
from storage.contacts import SqlContacts
from tests.fakes import Person, a_session, a_slack_identity, bind
from tests.office.desk import AUDIT_CHANNEL, Desk


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
        records = self.desk.records()[self.before :]
        assert [record.tag for record in records] == ["slack:report:not_the_subscriber"] * 2
        assert (records[0].case, records[0].account) == (self.case.id, self.case.account_id)

    def test_an_unknown_case_is_refused(self) -> None:
        with pytest.raises(CaseNotFound):
            self.desk.reports.report(self.bob.slack, CaseId("case_404"))

    def test_a_subscriber_whose_identity_is_gone_cannot_press(self) -> None:
        self.desk.database.bind(self.bob.id, None)
        with pytest.raises(NotTheSubscriber):
            self.desk.reports.report(self.bob.slack, self.case.id)

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

    def test_another_entitled_admin_than_the_reported_one_lifts_it_by_a_new_reset(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)
        with pytest.raises(NotYoursToLift):
            self.desk.prepare(self.alice, self.bob)
        self.desk.reset(self.world.alan, self.bob)
        assert self.desk.case(self.case.id).state is CaseState.SUPERSEDED
        assert not self.desk.contact(self.bob).suspended

    def test_of_two_presses_at_once_one_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The rival's press is decided between our look at the case and our update."""
        move = SqlCases.move

        def rival_first(cases: SqlCases, case_id: CaseId, **how: Any) -> Case | None:
            move(cases, case_id, **how)
            return move(cases, case_id, **how)

        monkeypatch.setattr(SqlCases, "move", rival_first)
        with pytest.raises(AlreadyReported):
            self.desk.reports.report(self.bob.slack, self.case.id)
        assert self.desk.told(NoticeKind.VETO_TAKEN) == []

    def test_a_reset_that_took_its_place_while_we_waited_is_no_second_press(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The rival is carried out between our look at the case and our hold of its subscriber."""
        hold, rival = SqlContacts.hold, CaseId("case_rival")

        def rival_first(contacts: SqlContacts, contact_id: ContactId) -> None:
            cases = SqlCases(contacts._connection)  # noqa: SLF001  # what the rival has committed
            cases.supersede(contact_id, by=rival, now=self.desk.clock.now())
            hold(contacts, contact_id)

        monkeypatch.setattr(SqlContacts, "hold", rival_first)
        with pytest.raises(ReportTooLate):
            self.desk.reports.report(self.bob.slack, self.case.id)
        assert self.desk.tags(since=self.before) == ["slack:report:report_too_late"]


class TestHandsInTheCase(_Base):
    """Whoever handed a set-up code of the case over is told of the report, and may not lift it."""

    @pytest.fixture(autouse=True)
    def _handed_over(self, _desk: None) -> None:
        session = a_session(self.bob.id)
        hand_over = HandOver(
            id=HandOverId("hand_1"),
            case_id=self.case.id,
            session_id=session.id,
            handed_over_by=self.world.alan.id,
            proof=Proof.IN_PERSON,
            handed_over_at=self.desk.clock.now(),
        )
        with self.desk.database.unit_of_work() as uow:
            uow.sessions.add(session, token_hash="hash")
            uow.cases.add_hand_over(hand_over)
            uow.commit()
        self.desk.reports.report(self.bob.slack, self.case.id)

    def test_whoever_handed_the_code_over_is_told_once(self) -> None:
        told = self.desk.told(NoticeKind.VETO_REPORTED)
        assert told[:2] == [self.alice.id, self.world.alan.id]
        assert len(set(told)) == len(told)
        facts = [m.notice.facts for m in self.desk.messages(NoticeKind.VETO_REPORTED)]
        assert {each["handed_over"] for each in facts} == {"yes"}

    def test_whoever_handed_the_code_over_may_not_lift_it(self) -> None:
        with pytest.raises(NotYoursToLift):
            self.desk.prepare(self.world.alan, self.bob)
        self.desk.reset(self.world.carol, self.bob)

    def test_whoever_lifted_it_by_a_reset_is_told_to_everybody_else(self) -> None:
        case = self.desk.reset(self.world.carol, self.bob)
        world = self.world
        told = self.desk.told(NoticeKind.REINSTATED)
        everybody = [self.bob.id, self.alice.id, world.alan.id, world.dana.id, AUDIT_CHANNEL]
        assert sorted(told) == sorted(everybody)
        (first, *_) = self.desk.messages(NoticeKind.REINSTATED)
        assert (first.notice.case_id, first.notice.subject_id) == (case.id, self.bob.id)


class TestSeveralReports(_Base):
    def test_nobody_who_had_a_hand_in_one_of_them_lifts_any(self) -> None:
        """Two resets, both reported: the one in force hides the other."""
        self.re_enrol()
        later = self.desk.reset(self.world.alan, self.bob)
        self.desk.reports.report(self.bob.slack, self.case.id)
        self.desk.clock.advance(timedelta(minutes=1))
        self.desk.reports.report(self.bob.slack, later.id)
        for admin in (self.alice, self.world.alan):
            with pytest.raises(NotYoursToLift):
                self.desk.prepare(admin, self.bob)
        self.desk.reset(self.world.carol, self.bob)
        assert not self.desk.contact(self.bob).suspended
        assert self.desk.tags().count("slack:suspension:lifted") == 2


class TestReportOfAnOlderMessage(_Base):
    """Whoever presses takes the message that is at hand: any case of late may be meant."""

    def test_nobody_who_had_a_hand_in_a_later_reset_lifts_it(self) -> None:
        self.re_enrol()
        self.desk.reset(self.world.alan, self.bob)
        self.desk.reports.report(self.bob.slack, self.case.id)
        for admin in (self.alice, self.world.alan):
            with pytest.raises(NotYoursToLift):
                self.desk.prepare(admin, self.bob)
        self.desk.reset(self.world.carol, self.bob)

    def test_nor_does_whoever_was_reported_before_the_operator_reinstated_them(self) -> None:
        self.desk.reports.report(self.bob.slack, self.case.id)
        again = self.desk.suspensions.reinstate(
            "bob@acme.example", reason="He phoned", operator=Operator(user="ops", host="console")
        )
        assert again.case is not None
        self.desk.clock.advance(timedelta(minutes=1))
        self.desk.reports.report(self.bob.slack, again.case.id)
        with pytest.raises(NotYoursToLift):
            self.desk.prepare(self.alice, self.bob)
        self.desk.reset(self.world.alan, self.bob)


class TestWhileANewResetWaits(_Base):
    """The report comes between the code and Yes: what Yes may do is settled anew."""

    def report_while(self, admin: Person, *, clock_moved: timedelta = timedelta()) -> CaseId:
        self.re_enrol()
        waiting = self.desk.request(admin, self.bob).case
        self.desk.clock.advance(clock_moved)
        self.desk.reports.report(self.bob.slack, self.case.id)
        return waiting.id

    @pytest.mark.parametrize("moved", [timedelta(), -timedelta(hours=1)])
    def test_yes_of_another_admin_does_not_lift_it_whatever_the_clock_says(
        self, moved: timedelta
    ) -> None:
        waiting = self.report_while(self.world.alan, clock_moved=moved)
        with pytest.raises(StandingLost) as lost:
            self.desk.confirm(self.world.alan, waiting)
        assert isinstance(lost.value.cause, ReportedMeanwhile)
        assert self.desk.case(self.case.id).state is CaseState.VETOED
        assert self.desk.contact(self.bob).suspended

    def test_one_of_the_same_instant_is_lifted_by_who_asks_after_it(self) -> None:
        self.re_enrol()
        self.desk.reports.report(self.bob.slack, self.case.id)
        assert self.desk.reset(self.world.alan, self.bob).state is CaseState.COMPLETED
        assert not self.desk.contact(self.bob).suspended

    def test_yes_of_the_reported_admin_ends_the_case(self) -> None:
        waiting = self.report_while(self.alice)
        with pytest.raises(StandingLost) as lost:
            self.desk.confirm(self.alice, waiting)
        assert isinstance(lost.value.cause, NotYoursToLift)
        assert self.desk.case(waiting).state is CaseState.EXPIRED
        assert self.desk.case(self.case.id).state is CaseState.VETOED
        assert self.desk.contact(self.bob).suspended
