"""What waits in somebody's accounts, and what of it is theirs."""

from datetime import timedelta

import pytest

from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import (
    AdminSuspended,
    GuestRefused,
    NoAuthenticator,
    NotAContact,
    NotAnAdministrator,
    Refusal,
    WorkspaceUnavailableError,
)
from bot.domain.model.ids import AccountId, CaseId
from bot.domain.model.pressed import Pressed
from bot.domain.model.views import CaseAct, CaseList
from tests.fakes import Person, a_case, a_member, a_slack_identity, a_suspension
from tests.office.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()


def add(
    desk: Desk,
    *,
    subscriber: Person | None = None,
    admin: Person | None = None,
    account_id: AccountId | None = None,
    state: CaseState = CaseState.COMPLETED,
) -> Case:
    case = a_case(
        subscriber_id=(subscriber or desk.world.bob).id,
        admin_id=(admin or desk.world.alice).id,
        account_id=account_id or desk.world.acme.id,
        state=state,
        completed_at=desk.clock.now(),
    )
    with desk.database.unit_of_work() as uow:
        assert uow.cases.add(case)
        uow.commit()
    return case


def ids(listed: CaseList) -> list[CaseId]:
    return [case.view.case.id for case in listed.cases]


class TestPending:
    def test_lists_what_waits_in_the_accounts_that_one_administers(self, desk: Desk) -> None:
        first = add(desk, state=CaseState.VETOED)
        add(desk, account_id=desk.world.globex.id)
        add(desk, state=CaseState.DECLINED)
        second = add(desk, admin=desk.world.carol, subscriber=desk.world.alice)
        desk.clock.advance(timedelta(hours=1))
        listed = desk.case_lists.pending(desk.world.alan.slack)
        assert ids(listed) == [first.id, second.id]
        assert (listed.more, listed.as_of) == (False, desk.clock.now())
        assert desk.tags() == ["slack:status:listed"]

    def test_leaves_out_whoever_one_could_not_reset(self, desk: Desk) -> None:
        world = desk.world
        add(desk, subscriber=world.carol)  # outranks Alan
        add(desk, subscriber=world.alan)
        seen = add(desk)
        listed = desk.case_lists.pending(world.alan.slack)
        assert (ids(listed), listed.total) == ([seen.id], 1)

    def test_leaves_out_whoever_has_left_the_account(self, desk: Desk) -> None:
        add(desk, subscriber=desk.world.dana)
        assert ids(desk.case_lists.pending(desk.world.alan.slack)) == []

    def test_shows_ten_and_says_that_there_are_more(self, desk: Desk) -> None:
        cases = [add(desk) for _ in range(MOST_LISTED)]
        assert desk.case_lists.pending(desk.world.alan.slack).more is False
        add(desk)
        listed = desk.case_lists.pending(desk.world.alan.slack)
        assert ids(listed) == [case.id for case in cases]
        assert (listed.total, listed.at_least, listed.more) == (MOST_LISTED + 1, False, True)

    def test_shows_whoever_may_never_come_back_behind_the_others(self, desk: Desk) -> None:
        stalled = [
            add(desk, state=state)
            for state in (CaseState.LAPSED, CaseState.FAILED, CaseState.LAPSED)
        ]
        others = [
            add(desk, state=state)
            for state in (CaseState.COMPLETED, CaseState.AWAITING_CONFIRMATION, CaseState.VETOED)
        ]
        listed = desk.case_lists.pending(desk.world.alan.slack)
        assert ids(listed) == [case.id for case in (*others, *stalled)]

    def test_says_that_there_may_be_more_than_were_looked_through(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.domain.desk.case_lists.MOST_READ", 2)
        seen = add(desk)
        add(desk, subscriber=desk.world.alan)
        listed = desk.case_lists.pending(desk.world.alan.slack)
        assert (ids(listed), listed.more) == ([seen.id], True)


class TestMine:
    def test_lists_what_one_asked_for_or_took_over(self, desk: Desk) -> None:
        world = desk.world
        asked, given, taken = add(desk), add(desk), add(desk, admin=world.carol)
        desk.case_work.take_over(Pressed(actor=world.alan.slack, value=given.id))
        desk.case_work.take_over(Pressed(actor=world.alice.slack, value=taken.id))
        listed = desk.case_lists.mine(world.alice.slack)
        assert ids(listed) == [asked.id, taken.id]
        assert all(CaseAct.TAKE_OVER not in case.acts for case in listed.cases)
        assert ids(desk.case_lists.mine(world.alan.slack)) == [given.id]


class TestWhoMay:
    def refused(self, desk: Desk, person: Person, refusal: type[Refusal]) -> None:
        for asked in (desk.case_lists.pending, desk.case_lists.mine):
            with pytest.raises(refusal):
                asked(person.slack)
        assert desk.tags() == [f"slack:case:{refusal.tag}"] * 2

    def test_not_a_member(self, desk: Desk) -> None:
        self.refused(desk, desk.world.bob, NotAnAdministrator)

    def test_not_who_is_suspended(self, desk: Desk) -> None:
        with desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(desk.world.alan.id))
            uow.commit()
        self.refused(desk, desk.world.alan, AdminSuspended)

    def test_not_who_has_no_authenticator(self, desk: Desk) -> None:
        self.refused(desk, desk.world.dana, NoAuthenticator)

    def test_not_a_guest(self, desk: Desk) -> None:
        user = desk.world.alan.slack.user
        desk.workspace.members[user] = a_member(user, is_guest=True)
        self.refused(desk, desk.world.alan, GuestRefused)

    def test_not_a_stranger(self, desk: Desk) -> None:
        desk.workspace.members["U01NEW"] = a_member("U01NEW")
        with pytest.raises(NotAContact):
            desk.case_lists.pending(a_slack_identity("U01NEW"))
        assert desk.tags() == ["slack:case:not_a_contact"]

    def test_not_without_slack(self, desk: Desk) -> None:
        desk.workspace.available = False
        with pytest.raises(WorkspaceUnavailableError):
            desk.case_lists.mine(desk.world.alan.slack)
        assert desk.tags() == ["slack:case:workspace_unavailable_error"]
