"""`OperatorHandOverService` over in-memory ports."""

import re

import pytest

from bot.domain.model.errors import (
    ContactNotFound,
    NobodyWaits,
    ReasonHoldsCode,
    ReasonMissing,
    SignInMissing,
    SubscriberSuspended,
)
from bot.domain.model.ids import SessionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, SessionStage
from bot.domain.set_up.handing_over import HandedOver
from tests.fakes import NOON, FakeDatabase, a_suspension
from tests.office.portal import ADDRESS, BROWSER, House

OPERATOR = Operator(user="root", host="rekey-1")
WHO = {"operator_user": "root", "operator_host": "rekey-1"}


class TestOperatorHandOver:
    @pytest.fixture(autouse=True)
    def _house(self) -> None:
        self.database = FakeDatabase()
        self.house = House(self.database.unit_of_work, audit_channel="C01AUDIT")
        self.bob = self.house.world.bob
        self.case = self.house.reset(self.bob)
        self.service = self.house.operator_hand_over

    def hand_over(
        self,
        email: str | None = None,
        *,
        session_id: SessionId | None = None,
        reason: str = "Lost in the mountains",
    ) -> HandedOver:
        return self.service.hand_over(
            email or self.bob.email, session_id=session_id, reason=reason, operator=OPERATOR
        )

    def test_the_code_fits_the_one_sign_in_that_waits(self) -> None:
        waiting = self.house.waiting(self.bob)
        handed_over = self.hand_over()
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", handed_over.shown.code)
        assert (handed_over.subscriber.id, handed_over.shown.session.id) == (
            self.bob.id,
            waiting.session.id,
        )
        accepted = self.house.set_up.accept_code(waiting.token, handed_over.shown.code)
        assert accepted.session.stage is SessionStage.SETTING_UP

    def test_of_several_sign_ins_one_has_to_be_named(self) -> None:
        first, second = self.house.waiting(self.bob), self.house.waiting(self.bob)
        with pytest.raises(SignInMissing):
            self.hand_over()
        listed = [session.id for session in self.service.waiting(self.bob.email)]
        assert sorted(listed) == sorted([first.session.id, second.session.id])
        assert self.hand_over(session_id=first.session.id).shown.session.id == first.session.id

    def test_a_sign_in_that_does_not_wait_is_refused(self) -> None:
        self.house.waiting(self.bob)
        with pytest.raises(SignInMissing):
            self.hand_over(session_id=SessionId("session_of_nobody"))

    def test_is_recorded_with_who_that_was_and_why(self) -> None:
        waiting = self.house.waiting(self.bob)
        self.hand_over()
        record = self.database.records()[-1]
        assert record.tag == "operator:set_up_code:handed_over"
        assert (record.actor, record.subscriber) == ("operator", self.bob.id)
        assert (record.case, record.account) == (self.case.id, self.case.account_id)
        assert record.details == {
            "session": waiting.session.id,
            "browser": BROWSER,
            "address": ADDRESS,
            "subscriber": self.bob.email,
            "reason": "Lost in the mountains",
            **WHO,
        }
        with self.database.unit_of_work() as uow:
            (kept,) = uow.cases.hand_overs_of(self.case.id)
        assert (kept.handed_over_by, kept.proof, kept.handed_over_at) == (None, None, NOON)

    def test_the_person_the_owners_and_the_channel_are_told(self) -> None:
        self.house.waiting(self.bob)
        self.hand_over()
        (own,) = self.house.notices(NoticeKind.SUBSCRIBER_HANDED_OVER)
        assert (own.contact_id, own.subject_id, own.case_id) == (self.bob.id, None, self.case.id)
        others = self.house.notices(NoticeKind.OPERATOR_ACTED)
        world = self.house.world
        assert [other.contact_id or other.slack_address for other in others] == [
            world.carol.id,
            world.dana.id,
            "C01AUDIT",
        ]
        assert {other.facts["act"] for other in others} == {"showed a set-up code"}

    def test_nobody_waits(self) -> None:
        with pytest.raises(NobodyWaits):
            self.hand_over()
        record = self.database.records()[-1]
        assert record.tag == "operator:set_up_code:nobody_waits"
        assert (record.subscriber, record.details) == (
            self.bob.id,
            {"email": self.bob.email, **WHO},
        )

    def test_a_suspended_contact_is_refused(self) -> None:
        self.house.waiting(self.bob)
        with self.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(self.bob.id))
            uow.commit()
        with pytest.raises(SubscriberSuspended):
            self.hand_over()

    def test_an_address_that_is_nobodys(self) -> None:
        with pytest.raises(ContactNotFound):
            self.hand_over("nobody@acme.example")
        assert self.service.waiting("nobody@acme.example") == ()

    @pytest.mark.parametrize(
        ("reason", "refusal"), [(" ", ReasonMissing), ("code 123 456", ReasonHoldsCode)]
    )
    def test_a_reason_that_cannot_be_kept_shows_nothing(
        self, reason: str, refusal: type[Exception]
    ) -> None:
        self.house.waiting(self.bob)
        with pytest.raises(refusal):
            self.hand_over(reason=reason)
        assert self.house.notices(NoticeKind.OPERATOR_ACTED) == []

    def test_a_code_that_cannot_be_stored_is_not_shown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.house.waiting(self.bob)
        monkeypatch.setattr(
            "bot.domain.operator.hand_overs.issue_set_up_code", lambda *_a, **_k: None
        )
        with pytest.raises(SignInMissing):
            self.hand_over()
