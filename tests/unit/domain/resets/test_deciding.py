"""Yes and No, and what carrying a case out promises beside what Yes shows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.ids import CaseId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Role, SessionStage, SuspensionCause
from bot.domain.record import telling
from bot.domain.record.audience import owners_of
from storage.cases import SqlCases
from tests.fakes import NOON, FakeDatabase, Person, a_case, a_session, a_slack_identity, seed
from tests.office.desk import AUDIT_CHANNEL, CONFIRM_WITHIN, REMIND_AFTER, Desk


class Asked(Desk):
    """Alice has asked for a reset of Bob, and is asked to confirm."""

    def __init__(self, **terms: Any) -> None:
        super().__init__(**terms)
        self.alice, self.bob = self.world.alice, self.world.bob
        self.asked_for: Case = self.request(self.alice, self.bob).case
        self.asked = len(self.tags())

    @property
    def now_in(self) -> CaseState:
        return self.case(self.asked_for.id).state

    def yes(self) -> Case:
        return self.confirm(self.alice, self.asked_for.id)

    def no(self) -> Case:
        return self.decline(self.alice, self.asked_for.id)

    def new_tags(self) -> list[str]:
        return self.tags(since=self.asked)

    def suspended(self) -> bool:
        with self.database.unit_of_work() as uow:
            return uow.suspensions.current(self.bob.id) is not None

    def on_next_question(self, act: Callable[[], object]) -> None:
        """Have a rival act while Slack is asked: between our look at the case and our decision."""

        def rival(_user: str) -> None:
            self.workspace.on_ask = lambda _user: None
            act()

        self.workspace.on_ask = rival


@pytest.fixture
def desk() -> Asked:
    return Asked()


class TestYes:
    def test_resets_once_in_the_order_of_the_effects(self, desk: Asked) -> None:
        session = a_session(desk.bob.id, stage=SessionStage.SIGNED_IN)
        desk.store(lambda uow: uow.sessions.add(session, token_hash="bob's"))
        assert desk.yes().state is CaseState.COMPLETED
        assert desk.new_tags() == [
            "slack:case:executing",
            "slack:contact:set_up_required",
            "slack:authenticator:invalidated",
            "slack:session:ended",
            "slack:case:completed",
        ]
        assert desk.contact(desk.bob).set_up_required
        assert desk.active(desk.bob.id) == 0
        with desk.database.unit_of_work() as uow:
            assert uow.sessions.by_token_hash("bob's") is None

    def test_tells_subscriber_admin_owners_and_the_audit_channel(self, desk: Asked) -> None:
        desk.yes()
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == [desk.bob.id]
        assert desk.told(NoticeKind.OUTCOME) == ["replaced", desk.alice.id]
        owners = [desk.world.carol.id, desk.world.dana.id]
        assert desk.told(NoticeKind.OWNER_RESET) == [*owners, AUDIT_CHANNEL]

    def test_tells_no_channel_where_there_is_none_and_no_owner_who_did_it(self) -> None:
        desk = Desk(audit_channel=None)
        desk.reset(desk.world.carol, desk.world.bob)
        assert desk.told(NoticeKind.OWNER_RESET) == [desk.world.dana.id]

    @pytest.mark.parametrize("after", [REMIND_AFTER, ()])
    def test_schedules_the_first_reminder_where_there_is_one(
        self, after: tuple[timedelta, ...]
    ) -> None:
        desk = Asked(remind_after=after)
        desk.yes()
        with desk.database.unit_of_work() as uow:
            assert not uow.cases.due_to_remind(NOON + REMIND_AFTER[0] - timedelta(seconds=1))
            assert len(uow.cases.due_to_remind(NOON + REMIND_AFTER[0])) == len(after[:1])

    def test_a_new_reset_supersedes_the_old_one(self, desk: Asked) -> None:
        desk.yes()
        desk.clock.advance(timedelta(minutes=1))
        assert desk.reset(desk.world.alan, desk.bob).state is CaseState.COMPLETED
        assert desk.now_in is CaseState.SUPERSEDED
        assert desk.tags().count("slack:case:superseded") == 1

    @pytest.mark.parametrize("cause", [SuspensionCause.LAPSED, SuspensionCause.VETOED])
    def test_lifts_a_suspension(self, desk: Asked, cause: SuspensionCause) -> None:
        desk.suspend_for(cause, desk.bob)
        desk.yes()
        assert "slack:suspension:lifted" in desk.new_tags()
        assert not desk.suspended()

    def test_of_two_at_once_one_wins(self, desk: Asked) -> None:
        desk.on_next_question(desk.yes)
        with pytest.raises(errors.AlreadyDecided):
            desk.yes()
        assert desk.new_tags().count("slack:case:completed") == 1
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == [desk.bob.id]

    @pytest.mark.parametrize("lost", [False, True])
    def test_a_no_that_comes_first_wins_though_standing_be_lost(
        self, desk: Asked, *, lost: bool
    ) -> None:
        def rival() -> None:
            desk.no()
            if lost:
                desk.suspend_for(SuspensionCause.OPERATOR, desk.alice)

        desk.on_next_question(rival)
        with pytest.raises(errors.AlreadyDecided):
            desk.yes()
        assert desk.now_in is CaseState.DECLINED
        assert desk.told(NoticeKind.SUBSCRIBER_RESET) == []

    def test_the_deadline_may_pass_while_slack_is_asked(self, desk: Asked) -> None:
        desk.on_next_question(lambda: desk.clock.advance(CONFIRM_WITHIN))
        with pytest.raises(errors.ConfirmExpired):
            desk.yes()

    def test_without_an_answer_from_slack_the_case_waits(self, desk: Asked) -> None:
        desk.workspace.available = False
        with pytest.raises(errors.WorkspaceUnavailableError):
            desk.yes()
        assert desk.now_in is CaseState.AWAITING_CONFIRMATION
        desk.workspace.available = True
        assert desk.yes().state is CaseState.COMPLETED


def alice_is_suspended(desk: Asked) -> None:
    desk.suspend_for(SuspensionCause.OPERATOR, desk.alice)


def alice_has_left_the_account(desk: Asked) -> None:
    desk.give_only(desk.alice, globex=Role.ADMINISTRATOR)


def bob_is_deactivated(desk: Asked) -> None:
    desk.workspace.deactivate(desk.bob.slack.user)


def bob_is_suspended_by_the_operator(desk: Asked) -> None:
    desk.suspend_for(SuspensionCause.OPERATOR, desk.bob)


def and_by_a_report_beside(desk: Asked) -> None:
    """A veto holds before all others, and must not hide the operator's."""
    bob_is_suspended_by_the_operator(desk)
    desk.suspend_for(SuspensionCause.VETOED, desk.bob)


def bob_has_left_every_account(desk: Asked) -> None:
    desk.database.bind(desk.bob.id, None)
    desk.give_only(desk.bob)


def bobs_identity_becomes_alans(desk: Asked) -> None:
    """It does so by the time Slack has answered."""

    def swap(user: str) -> None:
        if user == desk.bob.slack.user:
            desk.database.swap_slack(desk.bob.id, desk.world.alan.id)

    desk.workspace.on_ask = swap


def bob_reports_what_alan_did(desk: Asked) -> None:
    """Alice asked before that: whoever lifts it has to know of it."""
    other = desk.add_case(CaseState.COMPLETED, admin_id=desk.world.alan.id)
    desk.clock.advance(timedelta(minutes=1))
    desk.reports.report(desk.bob.slack, other.id)


class TestStandingLost:
    @pytest.mark.parametrize(
        ("lose", "cause"),
        [
            (alice_is_suspended, errors.AdminSuspended),
            (alice_has_left_the_account, errors.AccountRefused),
            (bob_is_deactivated, errors.DeactivatedRefused),
            (bob_is_suspended_by_the_operator, errors.OperatorSuspended),
            (and_by_a_report_beside, errors.OperatorSuspended),
            (bob_has_left_every_account, errors.NoSharedAccount),
            (bobs_identity_becomes_alans, errors.SubscriberNotAContact),
            (bob_reports_what_alan_did, errors.ReportedMeanwhile),
        ],
    )
    def test_ends_the_case_and_resets_nobody(
        self, desk: Asked, lose: Callable[[Asked], None], cause: type[errors.Refusal]
    ) -> None:
        lose(desk)
        before, authenticators = len(desk.tags()), desk.active(desk.bob.id)
        suspended = desk.suspended()
        with pytest.raises(errors.StandingLost) as refused:
            desk.yes()
        assert isinstance(refused.value.cause, cause)
        case = desk.case(desk.asked_for.id)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, cause.tag)
        assert desk.tags(since=before) == ["slack:case:expired", "slack:reset:standing_lost"]
        assert desk.active(desk.bob.id) == authenticators
        assert desk.active(desk.world.alan.id) == 1
        assert desk.suspended() == suspended
        with pytest.raises(errors.AlreadyDecided):
            desk.yes()

    def test_by_a_report_is_had_again_by_asking_anew(self, desk: Asked) -> None:
        bob_reports_what_alan_did(desk)
        with pytest.raises(errors.StandingLost):
            desk.yes()
        assert desk.reset(desk.alice, desk.bob).state is CaseState.COMPLETED
        assert not desk.suspended()


class TestNo:
    def test_ends_the_case_without_a_reset(self, desk: Asked) -> None:
        assert desk.no().state is CaseState.DECLINED
        assert desk.new_tags() == ["slack:case:declined"]
        assert desk.told(NoticeKind.OUTCOME) == ["replaced", desk.alice.id]
        assert desk.active(desk.bob.id) == 1


def nothing(_desk: Asked) -> None:
    """The case still waits."""


def yes_was_said(desk: Asked) -> None:
    desk.yes()


def the_deadline_is_reached(desk: Asked) -> None:
    desk.clock.advance(CONFIRM_WITHIN)


def the_sweep_has_ended_it(desk: Asked) -> None:
    the_deadline_is_reached(desk)
    assert desk.deciding.expire_due() == 1


def alan(desk: Asked) -> Person:
    return desk.world.alan


def alice(desk: Asked) -> Person:
    return desk.alice


def a_stranger(desk: Asked) -> Person:
    return replace(desk.alice, slack=a_slack_identity("U01STRANGER"))


@pytest.mark.parametrize("door", ["confirm", "decline"])
@pytest.mark.parametrize(
    ("who", "arrange", "refusal", "then"),
    [
        (alan, nothing, errors.NotYourCase, CaseState.AWAITING_CONFIRMATION),
        (a_stranger, nothing, errors.NotAContact, CaseState.AWAITING_CONFIRMATION),
        (alice, yes_was_said, errors.AlreadyDecided, CaseState.COMPLETED),
        (alice, the_deadline_is_reached, errors.ConfirmExpired, CaseState.EXPIRED),
        (alice, the_sweep_has_ended_it, errors.ConfirmExpired, CaseState.EXPIRED),
    ],
)
def test_a_click_that_does_not_count_is_recorded_and_changes_nothing(
    desk: Asked,
    *,
    door: str,
    who: Callable[[Asked], Person],
    arrange: Callable[[Asked], None],
    refusal: type[errors.Refusal],
    then: CaseState,
) -> None:
    arrange(desk)
    told = desk.messages(NoticeKind.SUBSCRIBER_RESET)
    with pytest.raises(refusal):
        getattr(desk, door)(who(desk), desk.asked_for.id)
    assert desk.now_in is then
    assert desk.tags()[-1] == f"slack:reset:{refusal.tag}"
    assert desk.messages(NoticeKind.SUBSCRIBER_RESET) == told
    assert desk.active(desk.bob.id) == (0 if arrange is yes_was_said else 1)


def test_a_second_click_does_nothing_but_be_recorded(desk: Asked) -> None:
    desk.yes()
    messages, before = desk.messages(), len(desk.tags())
    with pytest.raises(errors.AlreadyDecided):
        desk.yes()
    assert desk.tags(since=before) == ["slack:reset:already_decided"]
    assert desk.messages() == messages


def test_a_click_at_the_deadline_ends_the_case_and_tells_its_admin(desk: Asked) -> None:
    the_deadline_is_reached(desk)
    with pytest.raises(errors.ConfirmExpired):
        desk.yes()
    assert desk.new_tags() == ["sweep:case:expired", "slack:reset:confirm_expired"]
    assert desk.told(NoticeKind.OUTCOME) == ["replaced", desk.alice.id]


def test_an_unknown_case_is_refused(desk: Asked) -> None:
    with pytest.raises(errors.CaseNotFound):
        desk.confirm(desk.alice, CaseId("case_404"))


class TestExpireDue:
    def test_ends_what_nobody_answered_once_and_tells_the_admin(self, desk: Asked) -> None:
        assert desk.deciding.expire_due() == 0
        the_sweep_has_ended_it(desk)
        assert desk.deciding.expire_due() == 0
        assert desk.case(desk.asked_for.id).ended_reason == "deadline"
        assert desk.new_tags() == ["sweep:case:expired"]
        assert desk.told(NoticeKind.OUTCOME) == [desk.alice.id]

    def test_a_case_that_is_broken_holds_up_no_other(
        self, desk: Asked, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.clock.advance(timedelta(seconds=60))
        sound, move = desk.request(desk.alice, desk.world.alan).case, SqlCases.move

        def move_or_fail(cases: SqlCases, case_id: CaseId, **how: Any) -> Case | None:
            if case_id == desk.asked_for.id:
                raise LookupError("broken")
            return move(cases, case_id, **how)

        monkeypatch.setattr(SqlCases, "move", move_or_fail)
        desk.clock.advance(CONFIRM_WITHIN)
        with pytest.RaisesGroup(LookupError):
            desk.deciding.expire_due()
        assert desk.now_in is CaseState.AWAITING_CONFIRMATION
        assert desk.case(sound.id).state is CaseState.EXPIRED
        assert desk.told(NoticeKind.OUTCOME) == [desk.alice.id]

    def test_a_case_without_a_deadline_never_expires(self) -> None:
        desk = Desk()
        desk.add_case(CaseState.AWAITING_CONFIRMATION, confirm_by=None)
        desk.clock.advance(timedelta(days=400))
        assert desk.deciding.expire_due() == 0


def test_whoever_is_gone_is_not_told() -> None:
    database = FakeDatabase()
    world = seed(database.unit_of_work)
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, state=CaseState.COMPLETED)
    database.remove("contacts", id=world.bob.id)
    with database.unit_of_work() as uow:
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_RESET, case=case, now=NOON)
        assert uow.outbox.due(NOON, limit=10) == ()
        assert owners_of(uow, uow.contacts.get(world.bob.id)) == []
