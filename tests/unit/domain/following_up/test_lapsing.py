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
from tests.fakes import NOON, Person, a_session, bind
from tests.office.desk import (
    AUDIT_CHANNEL,
    REMIND_AFTER,
    SUSPEND_AFTER,
    Desk,
    silence_about,
)

MINUTE = timedelta(minutes=1)


class House(Desk):
    def lapse_at(self, since: timedelta) -> int:
        self.clock.at = NOON + since
        return self.lapses.lapse_due()

    def remind_at(self, since: timedelta) -> None:
        self.clock.at = NOON + since
        self.reminders.remind_due()

    def suspended(self, person: Person) -> bool:
        return self.contact(person).suspended

    def completed(self, person: Person, *, kind: CaseKind = CaseKind.RESET) -> Case:
        """Store a case that was completed at noon, and require the set-up."""
        self.require_set_up(person)
        admin_id = self.alice.id if kind is CaseKind.RESET else None
        return self.add_case(subscriber_id=person.id, admin_id=admin_id, kind=kind)

    def enrol_bob(self) -> None:
        self.store(lambda uow: bind(uow, self.bob.id, "JBSWY3DPEHPK3PXP"))
        self.require_set_up(self.bob, required=False)

    def facts(self, kind: NoticeKind) -> list[dict[str, str]]:
        return [dict(message.notice.facts) for message in self.messages(kind)]


@pytest.fixture
def house() -> House:
    return House()


class TestLapseDue:
    @pytest.fixture(autouse=True)
    def _reset(self, house: House) -> None:
        self.case = house.reset(house.alice, house.bob)
        self.before = len(house.tags())

    def nothing_was_done(self, house: House) -> None:
        assert house.case(self.case.id).state is CaseState.COMPLETED
        assert not house.suspended(house.bob)
        assert house.told(NoticeKind.SUBSCRIBER_LAPSED) == []
        assert house.tags(since=self.before) == []

    def test_nothing_lapses_before_its_time(self, house: House) -> None:
        assert house.lapse_at(SUSPEND_AFTER - timedelta(seconds=1)) == 0
        self.nothing_was_done(house)

    def test_suspends_and_ends_every_session_once(self, house: House) -> None:
        bob = house.bob
        with house.unit_of_work() as uow:
            epoch = uow.contacts.raise_sign_in_epoch(bob.id)
            later = NOON + SUSPEND_AFTER + timedelta(days=1)
            session = a_session(bob.id, sign_in_epoch=epoch, expires_at=later)
            uow.sessions.add(session, token_hash="x")
            uow.commit()
        assert house.lapse_at(SUSPEND_AFTER) == 1
        assert house.case(self.case.id).state is CaseState.LAPSED
        (suspension,) = house.database.rows("suspensions", contact_id=bob.id)
        assert (suspension.cause, suspension.case_id, suspension.suspended_by) == (
            SuspensionCause.LAPSED,
            self.case.id,
            None,
        )
        contact = house.contact(bob)
        assert (contact.suspended, contact.sign_in_epoch) == (True, epoch + 1)
        assert [(r.tag, r.actor, r.case) for r in house.records()[self.before :]] == [
            ("sweep:case:lapsed", SWEEP, self.case.id),
            ("sweep:suspension:added", SWEEP, self.case.id),
            ("sweep:session:ended", SWEEP, self.case.id),
        ]
        assert house.lapse_at(SUSPEND_AFTER + timedelta(days=1)) == 0
        assert house.told(NoticeKind.SUBSCRIBER_LAPSED) == [bob.id]
        assert house.told(NoticeKind.LAPSED)[0] == house.alice.id  # who asked for it comes first

    def test_whoever_turns_out_to_have_re_enrolled_is_not_suspended(self, house: House) -> None:
        house.enrol_bob()
        assert house.lapse_at(SUSPEND_AFTER) == 0
        assert house.case(self.case.id).state is CaseState.RE_ENROLLED
        assert house.tags(since=self.before) == ["sweep:case:re_enrolled"]
        assert not house.suspended(house.bob)

    def test_whoever_is_suspended_already_is_left_as_they_are(self, house: House) -> None:
        house.suspend_for(SuspensionCause.OPERATOR, house.bob)
        assert house.lapse_at(SUSPEND_AFTER) == 0
        assert house.case(self.case.id).state is CaseState.COMPLETED
        assert house.tags(since=self.before) == []

    def test_whoever_is_gone_is_left_alone(self, house: House) -> None:
        house.database.remove("contacts", id=house.bob.id)
        assert house.lapse_at(SUSPEND_AFTER) == 0

    def test_a_directory_that_does_not_show_the_end_of_sessions_undoes_it_all(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("storage.sessions.SqlSessions.open_count", lambda *_, **__: 1)
        with pytest.RaisesGroup(DirectoryUnavailableError):
            house.lapse_at(SUSPEND_AFTER)
        self.nothing_was_done(house)

    def test_a_case_that_cannot_lapse_holds_up_no_other(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = house.reset(house.alice, house.alan)
        silence_about(monkeypatch, house.bob.id)
        with pytest.RaisesGroup(DirectoryUnavailableError):
            house.lapse_at(SUSPEND_AFTER + timedelta(hours=1))
        assert house.case(self.case.id).state is CaseState.COMPLETED
        assert house.case(later.id).state is CaseState.LAPSED
        assert not house.suspended(house.bob)
        assert house.suspended(house.alan)

    def test_whoever_enrols_between_the_look_and_the_lapse_is_not_suspended(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its case is closed already, so that no other is opened for the enrolment."""
        house.enrol_bob()

        def enrolled_first(_contacts: SqlContacts, _contact_id: ContactId) -> None:
            house.database.change("cases", self.case.id, state=CaseState.RE_ENROLLED)

        monkeypatch.setattr(SqlContacts, "hold", enrolled_first)
        assert house.lapse_at(SUSPEND_AFTER) == 0
        assert not house.suspended(house.bob)
        assert house.tags(since=self.before) == []

    def test_of_two_sweeps_at_once_one_suspends(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The rival has moved the case between our look at it and our update."""
        move = SqlCases.move

        def rival_first(cases: SqlCases, case_id: CaseId, **how: Any) -> Case | None:
            move(cases, case_id, **how)
            return move(cases, case_id, **how)

        monkeypatch.setattr(SqlCases, "move", rival_first)
        assert house.lapse_at(SUSPEND_AFTER) == 0
        assert house.told(NoticeKind.SUBSCRIBER_LAPSED) == []
        assert not house.suspended(house.bob)


class TestLastOwner:
    def test_is_reported_once_and_lapses_only_when_there_is_another_owner(
        self, house: House
    ) -> None:
        dana, carol = house.dana, house.carol
        case = house.completed(dana)
        for since in (SUSPEND_AFTER, SUSPEND_AFTER + MINUTE):
            assert house.lapse_at(since) == 0
        assert house.case(case.id).state is CaseState.COMPLETED
        assert house.case(case.id).spared_at == NOON + SUSPEND_AFTER
        assert not house.suspended(dana)
        assert house.tags() == ["sweep:suspension:spared"]
        assert house.told(NoticeKind.SPARED) == [house.alice.id, AUDIT_CHANNEL]
        assert house.told(NoticeKind.SUBSCRIBER_LAPSED) == []
        house.database.give(carol.id, globex=Role.OWNER)
        assert house.lapse_at(SUSPEND_AFTER + 2 * MINUTE) == 1
        assert house.case(case.id).state is CaseState.LAPSED

    def test_a_suspended_owner_is_no_other_owner(self, house: House) -> None:
        house.database.give(house.carol.id, globex=Role.OWNER)
        house.suspend_for(SuspensionCause.VETOED, house.carol)
        house.completed(house.dana)
        assert house.lapse_at(SUSPEND_AFTER) == 0
        assert house.told(NoticeKind.SPARED) != []


@pytest.mark.parametrize("kind", CaseKind)
def test_every_kind_lapses_and_is_told_to_the_subscriber_and_whoever_can_lift_it(
    house: House, kind: CaseKind
) -> None:
    case = house.completed(house.bob, kind=kind)
    assert house.lapse_at(SUSPEND_AFTER) == 1
    assert house.case(case.id).state is CaseState.LAPSED
    assert house.told(NoticeKind.SUBSCRIBER_LAPSED) == [house.bob.id]
    told, world = house.told(NoticeKind.LAPSED), house.world
    everybody = [p.id for p in (world.carol, world.alice, world.alan, world.dana)]
    assert sorted(told) == sorted([*everybody, AUDIT_CHANNEL])


class TestReminders:
    def test_name_the_day_to_subscriber_admin_and_owners(self, house: House) -> None:
        case = house.reset(house.alice, house.bob)
        house.remind_at(REMIND_AFTER[-1])
        day = (NOON + SUSPEND_AFTER).isoformat()
        assert house.facts(NoticeKind.SUBSCRIBER_REMINDED) == [{"suspend_on": day}]
        assert house.facts(NoticeKind.OWNER_REMINDED) == [{"suspend_on": day}] * 2
        assert house.facts(NoticeKind.ADMIN_DIGEST) == [{case.id: day}]

    def test_name_no_day_to_the_last_owner(self, house: House) -> None:
        case = house.completed(house.dana)
        house.store(
            lambda uow: uow.cases.schedule_reminder(case.id, sent_before=0, sent=0, next_at=NOON)
        )
        house.remind_at(REMIND_AFTER[-1])
        assert house.facts(NoticeKind.SUBSCRIBER_REMINDED) == [{}]
        assert house.facts(NoticeKind.ADMIN_DIGEST) == [{}]

    def test_wait_while_the_subscriber_is_suspended(self, house: House) -> None:
        bob = house.bob
        house.reset(house.alice, bob)
        house.suspend_for(SuspensionCause.OPERATOR, bob)
        house.remind_at(REMIND_AFTER[0])
        assert house.told(NoticeKind.SUBSCRIBER_REMINDED) == []
        house.store(lambda uow: uow.suspensions.lift(bob.id, lifted_by="operator", now=NOON))
        house.remind_at(REMIND_AFTER[0])
        assert house.told(NoticeKind.SUBSCRIBER_REMINDED) == [bob.id]


def test_never_is_never() -> None:
    house = House(suspend_after=None)
    house.reset(house.alice, house.bob)
    assert house.lapse_at(timedelta(days=4000)) == 0
    assert not house.suspended(house.bob)
