"""Lapses: whoever has not set 2FA up in time is suspended, but for an account's last owner."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Role, SuspensionCause
from bot.domain.record.journal import SWEEP
from storage.cases import SqlCases
from storage.contacts import SqlContacts
from tests.fakes import NOON, Person, a_case, a_session, a_suspension, bind
from tests.office.desk import (
    AUDIT_CHANNEL,
    REMIND_AFTER,
    SUSPEND_AFTER,
    Desk,
    silence_about,
)


class _Base:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob, self.dana = self.world.alice, self.world.bob, self.world.dana

    def at(self, since: timedelta) -> int:
        self.desk.clock.at = NOON + since
        return self.desk.lapses.lapse_due()

    def suspended(self, person: Person) -> bool:
        with self.desk.database.unit_of_work() as uow:
            return uow.suspensions.current(person.id) is not None

    def completed(self, person: Person, *, kind: CaseKind = CaseKind.RESET) -> Case:
        """Store a case that was completed at noon, and require the set-up."""
        case = a_case(
            subscriber_id=person.id,
            admin_id=self.alice.id if kind is CaseKind.RESET else None,
            kind=kind,
            state=CaseState.COMPLETED,
            completed_at=NOON,
        )
        with self.desk.database.unit_of_work() as uow:
            uow.cases.add(case)
            uow.contacts.set_set_up_required(person.id, required=True)
            uow.commit()
        return case


class TestLapseDue(_Base):
    @pytest.fixture(autouse=True)
    def _reset(self, _desk: None) -> None:
        self.case = self.desk.reset(self.alice, self.bob)
        self.before = len(self.desk.tags())

    def test_nothing_lapses_before_its_time(self) -> None:
        assert self.at(SUSPEND_AFTER - timedelta(seconds=1)) == 0
        assert self.desk.case(self.case.id).state is CaseState.COMPLETED
        assert not self.suspended(self.bob)

    def test_suspends_and_ends_every_session(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            epoch = uow.contacts.raise_sign_in_epoch(self.bob.id)
            later = NOON + SUSPEND_AFTER + timedelta(days=1)
            session = a_session(self.bob.id, sign_in_epoch=epoch, expires_at=later)
            uow.sessions.add(session, token_hash="x")
            uow.commit()
        assert self.at(SUSPEND_AFTER) == 1
        assert self.desk.case(self.case.id).state is CaseState.LAPSED
        with self.desk.database.unit_of_work() as uow:
            (suspension,) = uow.suspensions.of(self.bob.id)
            bob = uow.contacts.get(self.bob.id)
            records = list(uow.audit.records())[self.before :]
        assert (suspension.cause, suspension.case_id, suspension.suspended_by) == (
            SuspensionCause.LAPSED,
            self.case.id,
            None,
        )
        assert bob is not None
        assert bob.suspended
        assert bob.sign_in_epoch == epoch + 1
        assert [(r.tag, r.actor, r.case) for r in records] == [
            ("sweep:case:lapsed", SWEEP, self.case.id),
            ("sweep:suspension:added", SWEEP, self.case.id),
            ("sweep:session:ended", SWEEP, self.case.id),
        ]

    def test_tells_the_subscriber_and_whoever_can_lift_it(self) -> None:
        self.at(SUSPEND_AFTER)
        assert self.desk.told(NoticeKind.SUBSCRIBER_LAPSED) == [self.bob.id]
        told = self.desk.told(NoticeKind.LAPSED)
        assert told[0] == self.alice.id
        world = self.world
        everybody = [self.alice.id, world.alan.id, world.carol.id, world.dana.id, AUDIT_CHANNEL]
        assert sorted(told) == sorted(everybody)

    def test_happens_once(self) -> None:
        self.at(SUSPEND_AFTER)
        assert self.at(SUSPEND_AFTER + timedelta(days=1)) == 0
        assert self.desk.told(NoticeKind.SUBSCRIBER_LAPSED) == [self.bob.id]

    def test_whoever_turns_out_to_have_re_enrolled_is_not_suspended(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP")
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            uow.commit()
        assert self.at(SUSPEND_AFTER) == 0
        assert self.desk.case(self.case.id).state is CaseState.RE_ENROLLED
        assert self.desk.tags(since=self.before) == ["sweep:case:re_enrolled"]
        assert not self.suspended(self.bob)

    def test_whoever_is_suspended_already_is_left_as_they_are(self) -> None:
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.bob.id, cause=SuspensionCause.OPERATOR))
            uow.commit()
        assert self.at(SUSPEND_AFTER) == 0
        assert self.desk.case(self.case.id).state is CaseState.COMPLETED
        assert self.desk.tags(since=self.before) == []

    def test_whoever_is_gone_is_left_alone(self) -> None:
        self.desk.database.remove("contacts", id=self.bob.id)
        assert self.at(SUSPEND_AFTER) == 0

    def test_a_directory_that_does_not_show_the_end_of_sessions_undoes_it_all(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.sessions.SqlSessions.open_count", lambda *_, **__: 1)
        with pytest.RaisesGroup(DirectoryUnavailableError):
            self.at(SUSPEND_AFTER)
        assert self.desk.case(self.case.id).state is CaseState.COMPLETED
        assert not self.suspended(self.bob)

    def test_a_case_that_cannot_lapse_holds_up_no_other(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = self.desk.reset(self.alice, self.world.alan)
        silence_about(monkeypatch, self.bob.id)
        with pytest.RaisesGroup(DirectoryUnavailableError):
            self.at(SUSPEND_AFTER + timedelta(hours=1))
        assert self.desk.case(self.case.id).state is CaseState.COMPLETED
        assert self.desk.case(later.id).state is CaseState.LAPSED
        assert not self.suspended(self.bob)
        assert self.suspended(self.world.alan)

    def test_whoever_enrols_between_the_look_and_the_lapse_is_not_suspended(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its case is closed already, so that no other is opened for the enrolment."""
        with self.desk.database.unit_of_work() as uow:
            bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP")
            uow.contacts.set_set_up_required(self.bob.id, required=False)
            uow.commit()

        def enrolled_first(_contacts: SqlContacts, _contact_id: ContactId) -> None:
            (case,) = self.desk.database.rows("cases")
            self.desk.database.change("cases", case.id, state=CaseState.RE_ENROLLED)

        monkeypatch.setattr(SqlContacts, "hold", enrolled_first)
        assert self.at(SUSPEND_AFTER) == 0
        assert not self.suspended(self.bob)
        assert self.desk.tags(since=self.before) == []

    def test_of_two_sweeps_at_once_one_suspends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The rival has moved the case between our look at it and our update."""
        move = SqlCases.move

        def rival_first(cases: SqlCases, case_id: CaseId, **how: Any) -> Case | None:
            move(cases, case_id, **how)
            return move(cases, case_id, **how)

        monkeypatch.setattr(SqlCases, "move", rival_first)
        assert self.at(SUSPEND_AFTER) == 0
        assert self.desk.told(NoticeKind.SUBSCRIBER_LAPSED) == []
        assert not self.suspended(self.bob)


class TestLastOwner(_Base):
    def test_is_reported_once_and_goes_on(self) -> None:
        case = self.completed(self.dana)
        assert self.at(SUSPEND_AFTER) == 0
        assert self.at(SUSPEND_AFTER + timedelta(minutes=1)) == 0
        assert self.desk.case(case.id).state is CaseState.COMPLETED
        assert self.desk.case(case.id).spared_at == NOON + SUSPEND_AFTER
        assert not self.suspended(self.dana)
        assert self.desk.tags() == ["sweep:suspension:spared"]
        assert self.desk.told(NoticeKind.SPARED) == [self.alice.id, AUDIT_CHANNEL]
        assert self.desk.told(NoticeKind.SUBSCRIBER_LAPSED) == []

    def test_a_suspended_owner_is_no_other_owner(self) -> None:
        self.give_globex_to(self.world.carol)
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.world.carol.id))
            uow.commit()
        self.completed(self.dana)
        assert self.at(SUSPEND_AFTER) == 0
        assert self.desk.told(NoticeKind.SPARED) != []

    def test_lapses_after_all_once_there_is_another_owner(self) -> None:
        case = self.completed(self.dana)
        self.at(SUSPEND_AFTER)
        self.give_globex_to(self.world.carol)
        assert self.at(SUSPEND_AFTER + timedelta(minutes=1)) == 1
        assert self.desk.case(case.id).state is CaseState.LAPSED

    def give_globex_to(self, person: Person) -> None:
        self.desk.database.give(person.id, globex=Role.OWNER)


@pytest.mark.parametrize("kind", [CaseKind.FIRST_SET_UP, CaseKind.OPERATOR])
class TestOtherKinds(_Base):
    def test_lapse_like_any_other(self, kind: CaseKind) -> None:
        case = self.completed(self.bob, kind=kind)
        assert self.at(SUSPEND_AFTER) == 1
        assert self.desk.case(case.id).state is CaseState.LAPSED
        told = self.desk.told(NoticeKind.LAPSED)
        assert sorted(told) == sorted(
            [
                *(p.id for p in (self.world.carol, self.alice, self.world.alan, self.dana)),
                AUDIT_CHANNEL,
            ]
        )


class TestReminders(_Base):
    """They name the day."""

    def facts(self, kind: NoticeKind) -> list[dict[str, str]]:
        return [dict(message.notice.facts) for message in self.desk.messages(kind)]

    def remind(self, since: timedelta) -> None:
        self.desk.clock.at = NOON + since
        self.desk.reminders.remind_due()

    def test_name_the_day_to_subscriber_admin_and_owners(self) -> None:
        case = self.desk.reset(self.alice, self.bob)
        self.remind(REMIND_AFTER[-1])
        day = (NOON + SUSPEND_AFTER).isoformat()
        assert self.facts(NoticeKind.SUBSCRIBER_REMINDED) == [{"suspend_on": day}]
        assert self.facts(NoticeKind.OWNER_REMINDED) == [{"suspend_on": day}] * 2
        assert self.facts(NoticeKind.ADMIN_DIGEST) == [{case.id: day}]

    def test_name_no_day_to_the_last_owner(self) -> None:
        case = self.completed(self.dana)
        with self.desk.database.unit_of_work() as uow:
            uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=NOON)
            uow.commit()
        self.remind(REMIND_AFTER[-1])
        assert self.facts(NoticeKind.SUBSCRIBER_REMINDED) == [{}]
        assert self.facts(NoticeKind.ADMIN_DIGEST) == [{}]

    def test_wait_while_the_subscriber_is_suspended(self) -> None:
        self.desk.reset(self.alice, self.bob)
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.bob.id, cause=SuspensionCause.OPERATOR))
            uow.commit()
        self.remind(REMIND_AFTER[0])
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == []
        with self.desk.database.unit_of_work() as uow:
            uow.suspensions.lift(self.bob.id, lifted_by="operator", now=self.desk.clock.now())
            uow.commit()
        self.remind(REMIND_AFTER[0])
        assert self.desk.told(NoticeKind.SUBSCRIBER_REMINDED) == [self.bob.id]


def test_never_is_never() -> None:
    desk = Desk(suspend_after=None)
    bob = desk.world.bob
    desk.reset(desk.world.alice, bob)
    desk.clock.advance(timedelta(days=4000))
    assert desk.lapses.lapse_due() == 0
    assert not desk.contact(bob).suspended
