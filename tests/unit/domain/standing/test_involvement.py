"""Who had a hand in what led to a set-up or a report, over in-memory cases."""

from datetime import datetime, timedelta

import pytest

from bot.domain.model.cases import REPORT_WITHIN, Case, CaseState, HandOver, Proof
from bot.domain.model.ids import CaseId, ContactId, HandOverId, SessionId
from bot.domain.standing.involvement import admins_behind, involved_in_report
from tests.fakes import NOON, FakeDatabase, a_case, a_suspension

BOB, MALLORY, ALICE, ALAN = (ContactId(name) for name in ("bob", "mallory", "alice", "alan"))
LONG_AGO = NOON - REPORT_WITHIN
OF_LATE = LONG_AGO + timedelta(seconds=1)
CARRIED_OUT = {
    CaseState.COMPLETED,
    CaseState.LAPSED,
    CaseState.VETOED,
    CaseState.FAILED,
    CaseState.SUPERSEDED,
}


class Cases:
    """Bob's cases, each a minute later than the one before, the last a minute before noon."""

    def __init__(self) -> None:
        self.database = FakeDatabase()
        self.database.let_dangle()  # none of these people is stored
        self.added: list[Case] = []

    def add(
        self,
        admin: ContactId | None,
        state: CaseState,
        *,
        re_enrolled_at: datetime | None = None,
        opened_at: datetime | None = None,
    ) -> Case:
        at = opened_at or NOON - timedelta(minutes=10 - len(self.added))
        case = a_case(
            subscriber_id=BOB,
            admin_id=admin,
            state=state,
            opened_at=at,
            re_enrolled_at=re_enrolled_at,
        )
        with self.database.unit_of_work() as uow:
            assert uow.cases.add(case)
            uow.commit()
        self.added.append(case)
        return case

    def hand_over(self, case: Case, by: ContactId | None) -> None:
        hand_over = HandOver(
            id=HandOverId(f"hand_{by}"),
            case_id=case.id,
            session_id=SessionId("ses_1"),
            handed_over_by=by,
            proof=Proof.IN_PERSON,
            handed_over_at=NOON,
        )
        with self.database.unit_of_work() as uow:
            uow.cases.add_hand_over(hand_over)
            uow.commit()

    def take_over(self, case: Case, by: ContactId) -> None:
        with self.database.unit_of_work() as uow:
            assert uow.cases.take_over(case.id, by=by, from_=case.in_charge_id)
            uow.commit()

    def behind(self, case: Case) -> set[ContactId]:
        with self.database.unit_of_work() as uow:
            return set(admins_behind(uow, case))

    def parties(self, case_id: CaseId | None) -> set[ContactId]:
        """Who had a hand, where that case is reported at noon."""
        with self.database.unit_of_work() as uow:
            return set(
                involved_in_report(uow, a_suspension(BOB, case_id=case_id, suspended_at=NOON))
            )


@pytest.fixture
def cases() -> Cases:
    return Cases()


class TestAdminsBehind:
    def test_a_case_with_an_admin_stands_for_itself(self, cases: Cases) -> None:
        """Else two administrators who reset in turn would leave nobody to hand a code over."""
        cases.add(MALLORY, CaseState.SUPERSEDED)
        assert cases.behind(cases.add(ALICE, CaseState.COMPLETED)) == {ALICE}

    def test_the_operators_case_has_the_admins_of_those_whose_place_it_took(
        self, cases: Cases
    ) -> None:
        cases.add(MALLORY, CaseState.SUPERSEDED)
        cases.add(ALICE, CaseState.DECLINED)
        cases.add(None, CaseState.SUPERSEDED)
        assert cases.behind(cases.add(None, CaseState.COMPLETED)) == {MALLORY}

    def test_an_enrolment_ends_what_was_before_it(self, cases: Cases) -> None:
        cases.add(MALLORY, CaseState.SUPERSEDED)
        cases.add(ALICE, CaseState.RE_ENROLLED)
        assert cases.behind(cases.add(None, CaseState.COMPLETED)) == set()

    def test_a_reset_that_failed_counts_beside_another_admins(self, cases: Cases) -> None:
        cases.add(MALLORY, CaseState.FAILED)
        assert cases.behind(cases.add(ALICE, CaseState.EXECUTING)) == {MALLORY, ALICE}


class TestParties:
    def test_nobody_where_no_case_was_reported(self, cases: Cases) -> None:
        cases.add(MALLORY, CaseState.COMPLETED)
        assert cases.parties(None) == set()
        assert cases.parties(CaseId("case_404")) == set()

    def test_its_admin_whoever_took_it_over_and_whoever_handed_its_code_over(
        self, cases: Cases
    ) -> None:
        case = cases.add(MALLORY, CaseState.VETOED)
        cases.take_over(case, ALICE)
        cases.hand_over(case, ALAN)
        cases.hand_over(case, None)
        assert cases.parties(case.id) == {MALLORY, ALICE, ALAN}

    @pytest.mark.parametrize("state", sorted(set(CaseState) - {CaseState.RE_ENROLLED}))
    def test_another_case_that_was_carried_out_may_have_been_meant(
        self, cases: Cases, state: CaseState
    ) -> None:
        reported = cases.add(ALICE, CaseState.VETOED, re_enrolled_at=OF_LATE)
        cases.hand_over(cases.add(MALLORY, state), ALAN)
        meant = {MALLORY, ALAN} if state in CARRIED_OUT else set()
        assert cases.parties(reported.id) == {ALICE} | meant

    def test_one_of_later_was_not_meant(self, cases: Cases) -> None:
        """A reset that failed half-way after the report may be asked for again."""
        reported = cases.add(ALICE, CaseState.VETOED)
        cases.add(MALLORY, CaseState.FAILED, opened_at=NOON + timedelta(seconds=1))
        assert cases.parties(reported.id) == {ALICE}

    def test_though_the_clock_has_gone_back_the_case_itself_counts(self, cases: Cases) -> None:
        opened_at = NOON + timedelta(hours=1)
        reported = cases.add(ALICE, CaseState.VETOED, opened_at=opened_at)
        assert cases.parties(reported.id) == {ALICE}

    @pytest.mark.parametrize(("at", "counts"), [(LONG_AGO, False), (OF_LATE, True)])
    def test_an_enrolment_that_had_stood_for_thirty_days_ends_what_was_before_it(
        self, cases: Cases, at: datetime, *, counts: bool
    ) -> None:
        cases.add(MALLORY, CaseState.SUPERSEDED)
        cases.add(ALAN, CaseState.RE_ENROLLED, re_enrolled_at=at)
        reported = cases.add(ALICE, CaseState.VETOED)
        assert cases.parties(reported.id) == ({ALICE, ALAN, MALLORY} if counts else {ALICE})

    def test_one_that_was_reported_does_not(self, cases: Cases) -> None:
        """The operator reinstated Bob, who reports the operator's case too."""
        cases.add(MALLORY, CaseState.SUPERSEDED, re_enrolled_at=LONG_AGO)
        reported = cases.add(None, CaseState.VETOED)
        assert cases.parties(reported.id) == {MALLORY}
