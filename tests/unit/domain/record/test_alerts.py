"""Alerts: which ones, to whom, how often."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.model.audit import Source
from bot.domain.model.cases import Case, CaseKind, CaseState
from bot.domain.model.errors import CodeWrong
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind, Role
from bot.domain.record.alerts import AGAIN_WITHIN, AN_HOUR, Alert
from bot.domain.record.journal import OPERATOR, Journal
from tests.fakes import NOON, Person
from tests.office.desk import ALERT_AFTER, AUDIT_CHANNEL, Desk

A_DAY = timedelta(days=1)


class House(Desk):
    def raised(self) -> list[Notice]:
        return [message.notice for message in self.messages(NoticeKind.ALERT)]

    def recorded(self) -> int:
        return sum(tag.endswith(":alert:raised") for tag in self.tags())

    def reset_before(self, **changes: Any) -> Case:
        """Store a reset of Bob, by Alan, that was completed yesterday."""
        values: dict[str, Any] = {
            "admin_id": self.alan.id,
            "state": CaseState.RE_ENROLLED,
            "completed_at": NOON - A_DAY,
            "re_enrolled_at": NOON,
        }
        return self.add_case(**(values | changes))

    def done(self, number: int, *, before: timedelta = timedelta(minutes=5)) -> None:
        """Have Alice's resets of other people been completed already."""
        for _ in range(number):
            self.add_case(
                CaseState.SUPERSEDED,
                subscriber_id=self.alan.id,
                completed_at=NOON - before,
            )

    def wrong(self, times: int, *, admin: Person | None = None) -> None:
        for _ in range(times):
            with pytest.raises(CodeWrong):
                self.request(
                    admin or self.alice, self.bob, code="000000", account_id=AccountId("acme")
                )


@pytest.fixture
def house() -> House:
    return House()


class TestWrongCodes:
    def test_the_fifth_alerts_the_other_owners_and_the_audit_channel(self, house: House) -> None:
        house.wrong(4)
        assert house.raised() == []
        house.wrong(1)
        assert house.told(NoticeKind.ALERT) == [house.carol.id, AUDIT_CHANNEL]
        notice = house.raised()[0]
        assert (notice.subject_id, notice.case_id) == (house.alice.id, None)
        assert notice.facts == {
            "what": Alert.WRONG_CODES,
            "count": "5",
            "minutes": "5",
            "door": "slack",
            "at": NOON.isoformat(),
        }

    def test_it_is_recorded_before_the_refusal(self, house: House) -> None:
        house.wrong(5)
        record, refusal = house.records()[-2:]
        assert (record.tag, refusal.tag) == ("slack:alert:raised", "slack:reset:code_wrong")
        assert (record.actor, record.subscriber) == (house.alice.id, house.alice.id)
        assert record.slack_user == house.alice.slack.user
        assert record.details == {"alert": "wrong_codes", "count": "5"}

    def test_five_over_a_long_time_are_nobodys_alarm(self, house: House) -> None:
        for _ in range(5):
            house.wrong(1)
            house.clock.advance(timedelta(minutes=4))
        assert house.raised() == []

    def test_twenty_in_an_hour_are_too_many_however_slow(self, house: House) -> None:
        alices = house.alice.authenticator_id
        assert alices is not None
        with house.unit_of_work() as uow:
            for n in range(19):
                at = NOON - timedelta(minutes=6) - timedelta(minutes=2 * n)
                uow.attempts.record(AttemptKind.CODE, alices, at=at)
            uow.commit()
        house.wrong(1)
        facts = house.raised()[0].facts
        assert (facts["count"], facts["minutes"]) == ("20", "60")

    def test_once_an_hour_is_enough(self, house: House) -> None:
        house.wrong(5)
        house.clock.advance(timedelta(minutes=6))
        house.wrong(5)
        assert (len(house.raised()), house.recorded()) == (2, 1)
        house.clock.advance(AN_HOUR)
        house.wrong(5)
        assert (len(house.raised()), house.recorded()) == (4, 2)

    def test_owners_of_every_account_of_theirs_are_told_once_but_not_of_their_own(
        self, house: House
    ) -> None:
        house.give_only(house.alice, acme=Role.ADMINISTRATOR, globex=Role.MEMBER)
        house.give_only(house.carol, acme=Role.OWNER, globex=Role.OWNER)
        house.wrong(5)
        told = [house.carol.id, house.dana.id, AUDIT_CHANNEL]
        assert house.told(NoticeKind.ALERT) == told
        house.wrong(5, admin=house.carol)
        assert house.told(NoticeKind.ALERT) == [*told, house.dana.id, AUDIT_CHANNEL]

    def test_without_anybody_to_tell_it_is_recorded_all_the_same(self) -> None:
        house = House(audit_channel=None)
        house.wrong(5, admin=house.carol)
        assert (house.raised(), house.recorded()) == ([], 1)


class TestManyResets:
    @pytest.mark.parametrize(
        ("number", "before"), [(ALERT_AFTER - 1, timedelta(minutes=5)), (ALERT_AFTER, AN_HOUR)]
    )
    def test_as_many_as_are_usual_in_an_hour_alert_nobody(
        self, house: House, number: int, before: timedelta
    ) -> None:
        house.done(number, before=before)
        house.reset(house.alice, house.bob)
        assert house.raised() == []

    def test_one_more_alerts_the_owners_of_what_they_administer_and_the_channel_once_an_hour(
        self, house: House
    ) -> None:
        house.give_only(house.alice, acme=Role.ADMINISTRATOR, globex=Role.MEMBER)
        house.done(ALERT_AFTER)
        case = house.reset(house.alice, house.bob)
        assert house.told(NoticeKind.ALERT) == [house.carol.id, AUDIT_CHANNEL]
        notice = house.raised()[0]
        assert (notice.subject_id, notice.case_id) == (house.alice.id, case.id)
        count = str(ALERT_AFTER + 1)
        assert (notice.facts["what"], notice.facts["count"]) == (Alert.MANY_RESETS, count)
        *_, last = [record.tag for record in house.records() if record.case == case.id]
        assert last == "slack:alert:raised"
        house.reset(house.alice, house.alan)
        kinds = [notice.facts["what"] for notice in house.raised()]
        assert kinds.count(Alert.MANY_RESETS) == 2


AT_THE_CONSOLE = {"kind": CaseKind.OPERATOR, "admin_id": None, "opened_at": NOON - A_DAY}


class TestSecondReset:
    def test_a_second_one_within_thirty_days_alerts_every_account_of_theirs(
        self, house: House
    ) -> None:
        house.reset_before()
        case = house.reset(house.alice, house.bob)
        assert house.told(NoticeKind.ALERT) == [house.carol.id, house.dana.id, AUDIT_CHANNEL]
        notice = house.raised()[0]
        assert (notice.subject_id, notice.case_id) == (house.bob.id, case.id)
        assert (notice.facts["what"], notice.facts["count"]) == (Alert.SECOND_RESET, "2")
        assert house.recorded() == 1

    def test_an_owner_who_does_it_is_not_told(self, house: House) -> None:
        house.reset_before()
        house.reset(house.carol, house.bob)
        assert house.told(NoticeKind.ALERT) == [house.dana.id, AUDIT_CHANNEL]

    @pytest.mark.parametrize(
        "before",
        [
            pytest.param({"completed_at": NOON - AGAIN_WITHIN}, id="longer-ago"),
            pytest.param(
                {"completed_at": None, "re_enrolled_at": None, "state": CaseState.DECLINED},
                id="never-confirmed",
            ),
            pytest.param({"kind": CaseKind.FIRST_SET_UP}, id="first-set-up"),
            pytest.param({**AT_THE_CONSOLE, "re_enrolled_at": NOON - A_DAY}, id="enrolment"),
        ],
    )
    def test_what_was_no_reset_of_late_does_not_count(
        self, house: House, before: dict[str, Any]
    ) -> None:
        house.reset_before(**before)
        house.reset(house.alice, house.bob)
        assert (house.raised(), house.recorded()) == ([], 0)

    def test_one_by_the_operator_counts(self, house: House) -> None:
        house.reset_before(**AT_THE_CONSOLE)
        house.reset(house.alice, house.bob)
        assert house.recorded() == 1

    def test_after_one_by_the_operator_every_owner_is_told(self, house: House) -> None:
        house.reset_before()
        by_operator = house.add_case(kind=CaseKind.OPERATOR, admin_id=None)
        with house.unit_of_work() as uow:
            journal = Journal(uow=uow, source=Source.OPERATOR, actor=OPERATOR, now=NOON)
            house.alerts.reset_completed(journal, by_operator)
            uow.commit()
        assert house.told(NoticeKind.ALERT) == [house.carol.id, house.dana.id, AUDIT_CHANNEL]
        assert house.tags() == ["operator:alert:raised"]
