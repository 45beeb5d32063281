"""Reminders: each step once, the latest only, never after re-enrolment."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import CaseId
from bot.domain.model.notices import NoticeKind
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.cases import SqlCases
from storage.unit_of_work import SqlUnitOfWork
from tests.fakes import NOON, bind
from tests.office.desk import REMIND_AFTER, Desk, silence_about

FIRST, SECOND, LAST = REMIND_AFTER


class TestRemindDue:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.alice, self.bob = self.desk.alice, self.desk.bob
        self.case: Case = self.desk.reset(self.alice, self.bob)

    def at(self, since: timedelta) -> int:
        self.desk.clock.at = NOON + since
        return self.desk.reminders.remind_due()

    def test_each_step_reminds_once_and_the_last_one_the_owners_too(self) -> None:
        for step in (FIRST, SECOND):
            assert self.at(step - timedelta(seconds=1)) == 0
            assert self.at(step) == 1
            assert self.at(step + timedelta(hours=1)) == 0
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [self.bob.id] * 2
        assert self.desk.told(NoticeKind.ADMIN_DIGEST) == [self.alice.id] * 2
        assert self.desk.told(NoticeKind.OWNER_REMINDED) == []
        assert self.desk.tags().count("sweep:reminder:sent") == 2
        assert self.at(LAST) == 1
        owners = [self.desk.carol.id, self.desk.dana.id]
        assert self.desk.told(NoticeKind.OWNER_REMINDED) == owners
        assert self.at(timedelta(days=300)) == 0

    def test_after_an_outage_the_latest_step_only(self) -> None:
        assert self.at(SECOND + timedelta(hours=5)) == 1
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [self.bob.id]
        assert self.desk.case(self.case.id).reminders_sent == 2
        assert self.at(LAST) == 1

    @pytest.mark.parametrize("at_once", [1, 100])
    def test_one_digest_for_all_stale_cases_of_an_admin(
        self, monkeypatch: pytest.MonkeyPatch, at_once: int
    ) -> None:
        monkeypatch.setattr("bot.domain.batches.AT_ONCE", at_once)
        other = self.desk.reset(self.alice, self.desk.alan)
        assert self.at(FIRST + timedelta(minutes=5)) == 2
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [self.bob.id, self.desk.alan.id]
        (digest,) = self.desk.messages(NoticeKind.ADMIN_DIGEST)
        assert digest.notice.contact_id == self.alice.id
        assert set(digest.notice.facts) == {self.case.id, other.id}

    def test_a_digest_that_was_rolled_back_is_not_taken_for_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.domain.batches.AT_ONCE", 1)
        self.desk.reset(self.alice, self.desk.alan)
        commit, faults = SqlUnitOfWork.commit, [DirectoryUnavailableError()]

        def commit_at_last(uow: SqlUnitOfWork) -> None:
            if faults:
                raise faults.pop()
            commit(uow)

        monkeypatch.setattr(SqlUnitOfWork, "commit", commit_at_last)
        self.at(FIRST + timedelta(minutes=5))
        assert self.desk.told(NoticeKind.ADMIN_DIGEST) == [self.alice.id]

    def test_a_digest_dates_the_first_of_many_cases(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.domain.following_up.reminders.MOST_DATED", 1)
        self.desk.reset(self.alice, self.desk.alan)
        self.at(FIRST + timedelta(minutes=5))
        (digest,) = self.desk.messages(NoticeKind.ADMIN_DIGEST)
        assert set(digest.notice.facts) == {self.case.id}

    def test_never_after_re_enrolment_which_is_read_back(self) -> None:
        self.desk.store(lambda uow: bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP"))
        self.desk.require_set_up(self.bob, required=False)
        assert self.at(FIRST) == 0
        assert self.desk.case(self.case.id).state is CaseState.RE_ENROLLED
        assert self.desk.tags()[-1] == "sweep:case:re_enrolled"
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == []
        assert self.desk.told(NoticeKind.SUBSCRIBER_ENROLLED) == [self.bob.id]
        assert self.desk.told(NoticeKind.ADMIN_ENROLLED) == [self.alice.id]

    def test_set_up_that_is_no_longer_required_is_not_yet_re_enrolment(self) -> None:
        self.desk.require_set_up(self.bob, required=False)
        assert self.at(FIRST) == 1

    def test_a_subscriber_who_is_gone_is_not_taken_for_re_enrolled(self) -> None:
        self.desk.database.remove("contacts", id=self.bob.id)
        assert self.at(LAST) == 0
        assert self.desk.case(self.case.id).state is CaseState.COMPLETED

    def test_a_case_without_an_admin_makes_no_digest(self) -> None:
        case = self.desk.add_case(subscriber_id=self.desk.dana.id, admin_id=None)
        at = NOON + SECOND
        self.desk.store(
            lambda uow: uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=at)
        )
        self.at(FIRST)
        assert self.at(SECOND) == 2
        assert self.desk.told(NoticeKind.ADMIN_DIGEST) == [self.alice.id] * 2

    def test_of_two_sweeps_at_once_one_reminds(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The rival has counted the step between our look at what is due and our update."""
        schedule = SqlCases.schedule_reminder

        def rival_first(cases: SqlCases, case_id: CaseId, **how: Any) -> bool:
            schedule(cases, case_id, **how)
            return schedule(cases, case_id, **how)

        monkeypatch.setattr(SqlCases, "schedule_reminder", rival_first)
        assert self.at(FIRST) == 0
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == []
        assert self.desk.told(NoticeKind.ADMIN_DIGEST) == []

    def test_whoever_enrols_between_the_look_and_the_reminder_gets_no_other_case(self) -> None:
        """The rival has closed the case once the directory is asked."""
        directory = self.desk.make_directory

        def enrolled_meanwhile(uow: UnitOfWork) -> Directory:
            bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP")
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            completed = {CaseState.COMPLETED}
            uow.cases.move(self.case.id, states=completed, to=CaseState.RE_ENROLLED, now=NOON)
            found: Directory = directory(uow)
            return found

        self.desk.make_directory = enrolled_meanwhile
        assert self.at(FIRST) == 0
        assert [case.id for case in self.desk.cases(self.bob)] == [self.case.id]
        assert self.desk.told(NoticeKind.SUBSCRIBER_ENROLLED) == []

    def test_a_case_that_is_broken_holds_up_no_other_reminder(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = self.desk.reset(self.alice, self.desk.alan)
        silence_about(monkeypatch, self.bob.id)
        with pytest.RaisesGroup(DirectoryUnavailableError):
            self.at(FIRST + timedelta(minutes=5))
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [self.desk.alan.id]
        assert self.desk.told(NoticeKind.ADMIN_DIGEST) == [self.alice.id]
        assert self.desk.case(self.case.id).reminders_sent == 0
        assert self.desk.case(later.id).reminders_sent == 1
