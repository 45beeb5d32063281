"""The cases that wait, as whoever administers their accounts sees them."""

from datetime import timedelta

import pytest

from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import CaseId
from bot.domain.model.pressed import Pressed
from bot.domain.model.views import CaseAct, CaseList
from tests.office.desk import Desk
from tests.unit.domain.desk.unfit import UNFIT, Arrange, Why


@pytest.fixture
def desk() -> Desk:
    return Desk()


def ids(listed: CaseList) -> list[CaseId]:
    return [case.view.case.id for case in listed.cases]


class TestPending:
    def test_lists_what_waits_in_the_accounts_that_one_administers(self, desk: Desk) -> None:
        first = desk.add_case(CaseState.VETOED)
        desk.add_case(account_id=desk.world.globex.id)
        desk.add_case(CaseState.DECLINED)
        second = desk.add_case(admin_id=desk.carol.id, subscriber_id=desk.alice.id)
        desk.clock.advance(timedelta(hours=1))
        listed = desk.case_lists.pending(desk.alan.slack)
        assert ids(listed) == [first.id, second.id]
        assert (listed.more, listed.as_of) == (False, desk.clock.now())
        assert desk.tags() == ["slack:status:listed"]

    def test_leaves_out_whoever_one_could_not_reset(self, desk: Desk) -> None:
        world = desk.world
        for unseen in (world.carol, world.alan, world.dana):  # outranks Alan; himself; has left
            desk.add_case(subscriber_id=unseen.id)
        seen = desk.add_case()
        listed = desk.case_lists.pending(world.alan.slack)
        assert (ids(listed), listed.total) == ([seen.id], 1)

    def test_shows_ten_and_says_that_there_are_more(self, desk: Desk) -> None:
        cases = [desk.add_case() for _ in range(MOST_LISTED)]
        assert desk.case_lists.pending(desk.alan.slack).more is False
        desk.add_case()
        listed = desk.case_lists.pending(desk.alan.slack)
        assert ids(listed) == [case.id for case in cases]
        assert (listed.total, listed.at_least, listed.more) == (MOST_LISTED + 1, False, True)

    def test_shows_whoever_may_never_come_back_behind_the_others(self, desk: Desk) -> None:
        late = [CaseState.LAPSED, CaseState.FAILED, CaseState.LAPSED]
        soon = [CaseState.COMPLETED, CaseState.AWAITING_CONFIRMATION, CaseState.VETOED]
        stalled, others = ([desk.add_case(s).id for s in states] for states in (late, soon))
        assert ids(desk.case_lists.pending(desk.alan.slack)) == [*others, *stalled]

    def test_says_that_there_may_be_more_than_were_looked_through(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.domain.desk.case_lists.MOST_READ", 2)
        seen = desk.add_case()
        desk.add_case(subscriber_id=desk.alan.id)
        listed = desk.case_lists.pending(desk.alan.slack)
        assert (ids(listed), listed.more) == ([seen.id], True)


def test_mine_are_those_that_one_asked_for_or_took_over(desk: Desk) -> None:
    alice, alan = desk.alice, desk.alan
    asked, given = desk.add_case(), desk.add_case()
    taken = desk.add_case(admin_id=desk.carol.id)
    desk.case_work.take_over(Pressed(actor=alan.slack, value=given.id))
    desk.case_work.take_over(Pressed(actor=alice.slack, value=taken.id))
    listed = desk.case_lists.mine(alice.slack)
    assert ids(listed) == [asked.id, taken.id]
    assert all(CaseAct.TAKE_OVER not in case.acts for case in listed.cases)
    assert ids(desk.case_lists.mine(alan.slack)) == [given.id]


@pytest.mark.parametrize(("arrange", "refusal"), UNFIT)
def test_whoever_may_look_after_nothing_is_refused(
    desk: Desk, arrange: Arrange, refusal: Why
) -> None:
    arrange(desk)
    for asked in (desk.case_lists.pending, desk.case_lists.mine):
        with pytest.raises(refusal):
            asked(desk.alan.slack)
    assert desk.tags() == [f"slack:case:{refusal.tag}"] * 2
