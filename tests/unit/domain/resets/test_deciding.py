"""Yes and No."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import (
    AdminSuspended,
    AlreadyDecided,
    CaseNotFound,
    ConfirmExpired,
    DeactivatedRefused,
    NoSharedAccount,
    NotAContact,
    NotYourCase,
    OperatorSuspended,
    ReportedMeanwhile,
    StandingLost,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import CaseId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Role, SessionStage, SuspensionCause
from storage.cases import SqlCases
from tests.fakes import (
    NOON,
    Person,
    a_case,
    a_session,
    a_slack_identity,
    a_suspension,
)
from tests.office.desk import AUDIT_CHANNEL, CONFIRM_WITHIN, REMIND_AFTER, Desk


class _Base:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob = self.world.alice, self.world.bob
        self.case: Case = self.desk.request(self.alice, self.bob).case
        self.asked = len(self.desk.tags())

    def new_tags(self) -> list[str]:
        return self.desk.tags(since=self.asked)

    def suspend(self, person: Person, cause: SuspensionCause = SuspensionCause.OPERATOR) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(person.id, cause=cause))
            uow.commit()


class TestConfirm(_Base):
    def test_resets_once_in_the_order_of_the_effects(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.sessions.add(
                a_session(self.bob.id, stage=SessionStage.SIGNED_IN), token_hash="bob's"
            )
            uow.commit()
        case = self.desk.confirm(self.alice, self.case.id)
        assert case.state is CaseState.COMPLETED
        assert self.new_tags() == [
            "slack:case:executing",
            "slack:contact:set_up_required",
            "slack:authenticator:invalidated",
            "slack:session:ended",
            "slack:case:completed",
        ]
        with self.desk.database.unit_of_work() as uow:
            bob = uow.contacts.get(self.bob.id)
            assert bob is not None
            assert bob.set_up_required
            assert uow.authenticators.active_of(self.bob.id) == ()
            assert uow.sessions.by_token_hash("bob's") is None

    def test_tells_subscriber_admin_owners_and_the_audit_channel(self) -> None:
        self.desk.confirm(self.alice, self.case.id)
        assert self.desk.told(NoticeKind.SUBSCRIBER_RESET) == [self.bob.id]
        assert self.desk.told(NoticeKind.OUTCOME) == ["replaced", self.alice.id]
        assert self.desk.told(NoticeKind.OWNER_RESET) == [
            self.world.carol.id,
            self.world.dana.id,
            AUDIT_CHANNEL,
        ]

    def test_without_an_audit_channel_none_is_told(self) -> None:
        desk = Desk(audit_channel=None)
        desk.reset(desk.world.alice, desk.world.bob)
        assert desk.told(NoticeKind.OWNER_RESET) == [desk.world.carol.id, desk.world.dana.id]

    def test_an_owner_who_is_the_admin_gets_one_message(self) -> None:
        desk = Desk()
        desk.reset(desk.world.carol, desk.world.bob)
        assert desk.told(NoticeKind.OWNER_RESET) == [desk.world.dana.id, AUDIT_CHANNEL]

    def test_schedules_the_first_reminder(self) -> None:
        self.desk.confirm(self.alice, self.case.id)
        with self.desk.database.unit_of_work() as uow:
            assert uow.cases.due_to_remind(NOON + REMIND_AFTER[0])
            assert not uow.cases.due_to_remind(NOON + REMIND_AFTER[0] - timedelta(seconds=1))

    def test_a_second_click_is_told_so_and_does_nothing(self) -> None:
        self.desk.confirm(self.alice, self.case.id)
        messages, before = len(self.desk.messages()), len(self.desk.tags())
        with pytest.raises(AlreadyDecided):
            self.desk.confirm(self.alice, self.case.id)
        assert self.desk.tags(since=before) == ["slack:reset:already_decided"]
        assert len(self.desk.messages()) == messages

    def test_of_two_clicks_at_once_one_wins(self) -> None:
        """The rival's click is decided between our look at the case and our decision."""

        def rival(_user: str) -> None:
            self.desk.workspace.on_ask = lambda _user: None
            self.desk.confirm(self.alice, self.case.id)

        self.desk.workspace.on_ask = rival
        with pytest.raises(AlreadyDecided):
            self.desk.confirm(self.alice, self.case.id)
        assert self.new_tags().count("slack:case:completed") == 1
        assert self.desk.told(NoticeKind.SUBSCRIBER_RESET) == [self.bob.id]

    def test_a_no_that_comes_first_wins_over_yes(self) -> None:
        def rival(_user: str) -> None:
            self.desk.workspace.on_ask = lambda _user: None
            self.desk.decline(self.alice, self.case.id)

        self.desk.workspace.on_ask = rival
        with pytest.raises(AlreadyDecided):
            self.desk.confirm(self.alice, self.case.id)
        assert self.desk.case(self.case.id).state is CaseState.DECLINED
        assert self.desk.told(NoticeKind.SUBSCRIBER_RESET) == []

    def test_nobody_elses_click_counts(self) -> None:
        with pytest.raises(NotYourCase):
            self.desk.confirm(self.world.alan, self.case.id)
        assert self.new_tags() == ["slack:reset:not_your_case"]
        assert self.desk.case(self.case.id).state is CaseState.AWAITING_CONFIRMATION

    def test_a_strangers_click_does_not_count(self) -> None:
        stranger = replace(self.alice, slack=a_slack_identity("U01STRANGER"))
        with pytest.raises(NotAContact):
            self.desk.confirm(stranger, self.case.id)

    def test_an_unknown_case_is_refused(self) -> None:
        with pytest.raises(CaseNotFound):
            self.desk.confirm(self.alice, CaseId("case_404"))

    def test_at_the_deadline_it_is_too_late(self) -> None:
        self.desk.clock.advance(CONFIRM_WITHIN)
        with pytest.raises(ConfirmExpired):
            self.desk.confirm(self.alice, self.case.id)
        assert self.desk.case(self.case.id).state is CaseState.EXPIRED
        assert self.new_tags() == ["sweep:case:expired", "slack:reset:confirm_expired"]
        assert self.desk.told(NoticeKind.OUTCOME) == ["replaced", self.alice.id]
        assert self.desk.told(NoticeKind.SUBSCRIBER_RESET) == []

    def test_the_deadline_may_pass_while_slack_is_asked(self) -> None:
        self.desk.workspace.on_ask = lambda _user: self.desk.clock.advance(CONFIRM_WITHIN)
        with pytest.raises(ConfirmExpired):
            self.desk.confirm(self.alice, self.case.id)

    def test_after_the_sweep_it_is_told_as_expired(self) -> None:
        self.desk.clock.advance(CONFIRM_WITHIN)
        assert self.desk.deciding.expire_due() == 1
        with pytest.raises(ConfirmExpired):
            self.desk.confirm(self.alice, self.case.id)

    def test_standing_that_slack_no_longer_gives_ends_the_case(self) -> None:
        self.desk.workspace.deactivate(self.bob.slack.user)
        with pytest.raises(StandingLost) as refused:
            self.desk.confirm(self.alice, self.case.id)
        assert isinstance(refused.value.cause, DeactivatedRefused)
        case = self.desk.case(self.case.id)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deactivated_refused")
        assert self.new_tags() == ["slack:case:expired", "slack:reset:standing_lost"]
        with self.desk.database.unit_of_work() as uow:
            assert uow.authenticators.active_of(self.bob.id)

    def test_a_report_since_it_was_asked_for_is_not_lifted_by_it(self) -> None:
        """Alice asked before Bob reported what Alan did: whoever lifts that has to know of it."""
        other = a_case(
            subscriber_id=self.bob.id, admin_id=self.world.alan.id, state=CaseState.COMPLETED
        )
        with self.desk.database.unit_of_work() as uow:
            uow.cases.add(other)
            uow.commit()
        self.desk.clock.advance(timedelta(minutes=1))
        self.desk.reports.report(self.bob.slack, other.id)
        with pytest.raises(StandingLost) as refused:
            self.desk.confirm(self.alice, self.case.id)
        assert isinstance(refused.value.cause, ReportedMeanwhile)
        assert self.desk.case(self.case.id).ended_reason == "reported_meanwhile"
        with self.desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(self.bob.id) is not None
        assert self.desk.reset(self.alice, self.bob).state is CaseState.COMPLETED
        with self.desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(self.bob.id) is None

    def test_standing_that_the_directory_no_longer_gives_ends_the_case(self) -> None:
        self.suspend(self.alice)
        with pytest.raises(StandingLost) as refused:
            self.desk.confirm(self.alice, self.case.id)
        assert isinstance(refused.value.cause, AdminSuspended)
        with pytest.raises(AlreadyDecided):
            self.desk.confirm(self.alice, self.case.id)

    def test_a_case_decided_while_standing_was_lost_stays_as_decided(self) -> None:
        def rival(_user: str) -> None:
            self.desk.workspace.on_ask = lambda _user: None
            self.desk.decline(self.alice, self.case.id)
            self.suspend(self.alice)

        self.desk.workspace.on_ask = rival
        with pytest.raises(AlreadyDecided):
            self.desk.confirm(self.alice, self.case.id)
        assert self.desk.case(self.case.id).state is CaseState.DECLINED

    def test_a_subscriber_who_left_every_account_ends_the_case(self) -> None:
        self.desk.database.bind(self.bob.id, None)
        self.desk.database.remove("memberships", contact_id=self.bob.id)
        with pytest.raises(StandingLost) as refused:
            self.desk.confirm(self.alice, self.case.id)
        assert isinstance(refused.value.cause, NoSharedAccount)

    def test_an_identity_that_now_names_somebody_else_ends_the_case(self) -> None:
        """Bob's Slack identity is bound to Alan by the time Slack has answered."""

        def swap(user: str) -> None:
            if user == self.bob.slack.user:
                self.desk.database.swap_slack(self.bob.id, self.world.alan.id)

        self.desk.workspace.on_ask = swap
        with pytest.raises(StandingLost):
            self.desk.confirm(self.alice, self.case.id)
        with self.desk.database.unit_of_work() as uow:
            assert uow.authenticators.active_of(self.world.alan.id)

    def test_an_account_that_the_admin_has_left_ends_the_case(self) -> None:
        self.desk.database.remove("memberships", contact_id=self.alice.id)
        self.desk.database.give(self.alice.id, globex=Role.ADMINISTRATOR)
        with pytest.raises(StandingLost):
            self.desk.confirm(self.alice, self.case.id)

    def test_without_an_answer_from_slack_the_case_waits(self) -> None:
        self.desk.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            self.desk.confirm(self.alice, self.case.id)
        assert self.desk.case(self.case.id).state is CaseState.AWAITING_CONFIRMATION
        self.desk.workspace.available = True
        assert self.desk.confirm(self.alice, self.case.id).state is CaseState.COMPLETED

    def test_a_new_reset_supersedes_the_old_one(self) -> None:
        old = self.desk.confirm(self.alice, self.case.id)
        self.desk.clock.advance(timedelta(minutes=1))
        new = self.desk.reset(self.world.alan, self.bob)
        assert self.desk.case(old.id).state is CaseState.SUPERSEDED
        assert new.state is CaseState.COMPLETED
        assert self.desk.tags().count("slack:case:superseded") == 1

    @pytest.mark.parametrize("cause", [SuspensionCause.LAPSED, SuspensionCause.VETOED])
    def test_a_reset_lifts_a_suspension(self, cause: SuspensionCause) -> None:
        self.suspend(self.bob, cause)
        self.desk.confirm(self.alice, self.case.id)
        assert "slack:suspension:lifted" in self.new_tags()
        with self.desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(self.bob.id) is None

    @pytest.mark.parametrize("beside", [None, SuspensionCause.VETOED])
    def test_what_the_operator_suspended_ends_the_case(
        self, beside: SuspensionCause | None
    ) -> None:
        self.suspend(self.bob, SuspensionCause.OPERATOR)
        if beside is not None:  # a veto holds before all others, and must not hide it
            self.suspend(self.bob, beside)
        with pytest.raises(StandingLost) as lost:
            self.desk.confirm(self.alice, self.case.id)
        assert isinstance(lost.value.cause, OperatorSuspended)
        assert self.desk.case(self.case.id).state is CaseState.EXPIRED
        with self.desk.database.unit_of_work() as uow:
            assert uow.suspensions.current(self.bob.id) is not None
            assert len(uow.authenticators.active_of(self.bob.id)) == 1


class TestDecline(_Base):
    def test_ends_the_case_without_a_reset(self) -> None:
        case = self.desk.decline(self.alice, self.case.id)
        assert case.state is CaseState.DECLINED
        assert self.new_tags() == ["slack:case:declined"]
        assert self.desk.told(NoticeKind.OUTCOME) == ["replaced", self.alice.id]
        with self.desk.database.unit_of_work() as uow:
            assert uow.authenticators.active_of(self.bob.id)

    def test_nobody_else_declines(self) -> None:
        with pytest.raises(NotYourCase):
            self.desk.decline(self.world.alan, self.case.id)

    def test_after_yes_it_is_too_late_for_no(self) -> None:
        self.desk.confirm(self.alice, self.case.id)
        with pytest.raises(AlreadyDecided):
            self.desk.decline(self.alice, self.case.id)

    def test_after_the_deadline_the_case_has_expired(self) -> None:
        self.desk.clock.advance(CONFIRM_WITHIN)
        with pytest.raises(ConfirmExpired):
            self.desk.decline(self.alice, self.case.id)
        assert self.desk.case(self.case.id).state is CaseState.EXPIRED


class TestExpireDue:
    def test_ends_what_nobody_answered_once_and_tells_the_admin(self) -> None:
        desk = Desk()
        case = desk.request(desk.world.alice, desk.world.bob).case
        assert desk.deciding.expire_due() == 0
        desk.clock.advance(CONFIRM_WITHIN)
        assert desk.deciding.expire_due() == 1
        assert desk.deciding.expire_due() == 0
        assert desk.case(case.id).ended_reason == "deadline"
        assert desk.tags().count("sweep:case:expired") == 1
        assert desk.told(NoticeKind.OUTCOME) == [desk.world.alice.id]

    def test_a_case_that_is_broken_holds_up_no_other(self, monkeypatch: pytest.MonkeyPatch) -> None:
        desk = Desk()
        broken = desk.request(desk.world.alice, desk.world.bob).case
        desk.clock.advance(timedelta(seconds=60))
        sound = desk.request(desk.world.alice, desk.world.alan).case
        move = SqlCases.move

        def move_or_fail(cases: SqlCases, case_id: CaseId, **how: Any) -> Case | None:
            if case_id == broken.id:
                raise LookupError("broken")
            return move(cases, case_id, **how)

        monkeypatch.setattr(SqlCases, "move", move_or_fail)
        desk.clock.advance(CONFIRM_WITHIN)
        with pytest.RaisesGroup(LookupError):
            desk.deciding.expire_due()
        assert desk.case(broken.id).state is CaseState.AWAITING_CONFIRMATION
        assert desk.case(sound.id).state is CaseState.EXPIRED
        assert desk.told(NoticeKind.OUTCOME) == [desk.world.alice.id]

    def test_a_case_without_a_deadline_never_expires(self) -> None:
        desk = Desk()
        with desk.database.unit_of_work() as uow:
            uow.cases.add(a_case(subscriber_id=desk.world.bob.id, confirm_by=None))
            uow.commit()
        desk.clock.advance(timedelta(days=400))
        assert desk.deciding.expire_due() == 0
