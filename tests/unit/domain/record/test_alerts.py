"""Alerts: which ones, to whom, how often."""

from datetime import timedelta

import pytest

from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import CodeWrong
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind, Role
from bot.domain.record.alerts import AGAIN_WITHIN, AN_HOUR, Alert
from bot.domain.record.journal import OPERATOR, Journal
from tests.fakes import NOON, Person, a_case
from tests.office.desk import ALERT_AFTER, AUDIT_CHANNEL, Desk


class Base:
    @pytest.fixture(autouse=True)
    def _desk(self) -> None:
        self.desk = Desk()
        self.world = self.desk.world
        self.alice, self.bob, self.carol = self.world.alice, self.world.bob, self.world.carol

    def alerts(self) -> list[Notice]:
        return [message.notice for message in self.desk.messages(NoticeKind.ALERT)]

    def told(self) -> list[str]:
        return self.desk.told(NoticeKind.ALERT)

    def raised(self) -> int:
        return sum(tag.endswith(":alert:raised") for tag in self.desk.tags())

    def give(self, person: Person, **roles: Role) -> None:
        self.desk.database.remove("memberships", contact_id=person.id)
        self.desk.database.give(person.id, **roles)

    def add_case(self, **changes: object) -> Case:
        values = {
            "subscriber_id": self.bob.id,
            "admin_id": self.world.alan.id,
            "state": CaseState.RE_ENROLLED,
            "completed_at": NOON - timedelta(days=1),
            "re_enrolled_at": NOON,
        }
        case = a_case(**(values | changes))  # type: ignore[arg-type]  # each is given by its name
        with self.desk.database.unit_of_work() as uow:
            uow.cases.add(case)
            uow.commit()
        return case


class TestWrongCodes(Base):
    def wrong(self, times: int, *, admin: Person | None = None) -> None:
        for _ in range(times):
            with pytest.raises(CodeWrong):
                self.desk.request(admin or self.alice, self.bob, code="000000")

    def test_the_fifth_alerts_the_other_owners_and_the_audit_channel(self) -> None:
        self.wrong(4)
        assert self.alerts() == []
        self.wrong(1)
        assert self.told() == [self.carol.id, AUDIT_CHANNEL]
        notice = self.alerts()[0]
        assert notice.subject_id == self.alice.id
        assert notice.case_id is None
        assert notice.facts == {
            "what": Alert.WRONG_CODES,
            "count": "5",
            "minutes": "5",
            "door": "slack",
            "at": NOON.isoformat(),
        }

    def test_it_is_recorded_before_the_refusal(self) -> None:
        self.wrong(5)
        assert self.desk.tags()[-2:] == ["slack:alert:raised", "slack:reset:code_wrong"]
        with self.desk.database.unit_of_work() as uow:
            record = list(uow.audit.records())[-2]
        assert (record.actor, record.subscriber) == (self.alice.id, self.alice.id)
        assert record.slack_user == self.alice.slack.user
        assert record.details == {"alert": "wrong_codes", "count": "5"}

    def test_five_over_a_long_time_are_nobodys_alarm(self) -> None:
        for _ in range(5):
            self.wrong(1)
            self.desk.clock.advance(timedelta(minutes=4))
        assert self.alerts() == []

    def test_twenty_in_an_hour_are_too_many_however_slow(self) -> None:
        assert self.alice.authenticator_id is not None
        with self.desk.database.unit_of_work() as uow:
            for n in range(19):
                at = NOON - timedelta(minutes=6) - timedelta(minutes=2 * n)
                uow.attempts.record(AttemptKind.CODE, self.alice.authenticator_id, at=at)
            uow.commit()
        self.wrong(1)
        assert (self.alerts()[0].facts["count"], self.alerts()[0].facts["minutes"]) == ("20", "60")

    def test_once_an_hour_is_enough(self) -> None:
        self.wrong(5)
        self.desk.clock.advance(timedelta(minutes=6))
        self.wrong(5)
        assert (len(self.alerts()), self.raised()) == (2, 1)
        self.desk.clock.advance(AN_HOUR)
        self.wrong(5)
        assert (len(self.alerts()), self.raised()) == (4, 2)

    def test_an_owner_is_not_told_of_their_own(self) -> None:
        self.wrong(5, admin=self.carol)
        assert self.told() == [AUDIT_CHANNEL]

    def test_owners_of_every_account_of_theirs_are_told_once(self) -> None:
        self.give(self.alice, acme=Role.ADMINISTRATOR, globex=Role.MEMBER)
        self.give(self.carol, acme=Role.OWNER, globex=Role.OWNER)
        for _ in range(5):
            with pytest.raises(CodeWrong):
                self.desk.request(self.alice, self.bob, code="000000", account_id=AccountId("acme"))
        assert self.told() == [self.carol.id, self.world.dana.id, AUDIT_CHANNEL]

    def test_without_anybody_to_tell_it_is_recorded_all_the_same(self) -> None:
        self.desk = Desk(audit_channel=None)
        self.world = self.desk.world
        self.bob = self.world.bob
        self.wrong(5, admin=self.world.carol)
        assert (self.alerts(), self.raised()) == ([], 1)


class TestManyResets(Base):
    def done(self, number: int, *, before: timedelta = timedelta(minutes=5)) -> None:
        """Have Alice's resets of other people been completed already."""
        for _ in range(number):
            self.add_case(
                subscriber_id=self.world.alan.id,
                admin_id=self.alice.id,
                completed_at=NOON - before,
                state=CaseState.SUPERSEDED,
            )

    def test_as_many_as_are_usual_alert_nobody(self) -> None:
        self.done(ALERT_AFTER - 1)
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() == []

    def test_one_more_alerts_the_owners_and_the_audit_channel(self) -> None:
        self.done(ALERT_AFTER)
        case = self.desk.reset(self.alice, self.bob)
        assert self.told() == [self.carol.id, AUDIT_CHANNEL]
        notice = self.alerts()[0]
        assert (notice.subject_id, notice.case_id) == (self.alice.id, case.id)
        assert (notice.facts["what"], notice.facts["count"]) == (
            Alert.MANY_RESETS,
            str(ALERT_AFTER + 1),
        )
        with self.desk.database.unit_of_work() as uow:
            tags = [record.tag for record in uow.audit.records(case=case.id)]
        assert tags[-1] == "slack:alert:raised"

    def test_what_was_done_more_than_an_hour_ago_does_not_count(self) -> None:
        self.done(ALERT_AFTER, before=AN_HOUR)
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() == []

    def test_once_an_hour_is_enough(self) -> None:
        self.done(ALERT_AFTER)
        self.desk.reset(self.alice, self.bob)
        self.desk.reset(self.alice, self.world.alan)
        kinds = [notice.facts["what"] for notice in self.alerts()]
        assert kinds.count(Alert.MANY_RESETS) == 2

    def test_only_owners_of_accounts_that_they_administer_are_told(self) -> None:
        self.give(self.alice, acme=Role.ADMINISTRATOR, globex=Role.MEMBER)
        self.done(ALERT_AFTER)
        self.desk.reset(self.alice, self.bob)
        assert self.told() == [self.carol.id, AUDIT_CHANNEL]


class TestSecondReset(Base):
    def test_a_second_one_within_thirty_days_alerts_every_account_of_theirs(self) -> None:
        self.add_case()
        case = self.desk.reset(self.alice, self.bob)
        assert self.told() == [self.carol.id, self.world.dana.id, AUDIT_CHANNEL]
        notice = self.alerts()[0]
        assert (notice.subject_id, notice.case_id) == (self.bob.id, case.id)
        assert (notice.facts["what"], notice.facts["count"]) == (Alert.SECOND_RESET, "2")
        assert self.raised() == 1

    def test_the_first_one_alerts_nobody(self) -> None:
        self.desk.reset(self.alice, self.bob)
        assert (self.alerts(), self.raised()) == ([], 0)

    def test_one_that_is_longer_ago_does_not_count(self) -> None:
        self.add_case(completed_at=NOON - AGAIN_WITHIN)
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() == []

    def test_an_owner_who_does_it_is_not_told(self) -> None:
        self.add_case()
        self.desk.reset(self.carol, self.bob)
        assert self.told() == [self.world.dana.id, AUDIT_CHANNEL]

    def test_a_reset_that_was_never_confirmed_does_not_count(self) -> None:
        self.add_case(completed_at=None, re_enrolled_at=None, state=CaseState.DECLINED)
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() == []

    def test_a_first_set_up_was_no_reset(self) -> None:
        self.add_case(kind=CaseKind.FIRST_SET_UP)
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() == []

    def test_an_enrolment_at_the_console_was_no_reset(self) -> None:
        at = NOON - timedelta(days=1)
        self.add_case(
            kind=CaseKind.OPERATOR, admin_id=None, opened_at=at, completed_at=at, re_enrolled_at=at
        )
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() == []

    def test_after_one_by_the_operator_every_owner_is_told(self) -> None:
        self.add_case()
        by_operator = self.add_case(
            kind=CaseKind.OPERATOR,
            admin_id=None,
            state=CaseState.COMPLETED,
            completed_at=NOON,
            re_enrolled_at=None,
        )
        with self.desk.database.unit_of_work() as uow:
            journal = Journal(uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=NOON)
            self.desk.alerts.reset_completed(journal, by_operator)
            uow.commit()
        assert self.told() == [self.carol.id, self.world.dana.id, AUDIT_CHANNEL]
        assert self.desk.tags() == ["operator:alert:raised"]

    def test_a_reset_by_the_operator_was_one(self) -> None:
        at = NOON - timedelta(days=1)
        self.add_case(kind=CaseKind.OPERATOR, admin_id=None, opened_at=at, completed_at=at)
        self.desk.reset(self.alice, self.bob)
        assert self.alerts() != []
