"""The operator's own hand-over of a set-up code."""

import re

import pytest

from bot.domain.model import errors
from bot.domain.model.ids import SessionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Operator, SessionStage
from bot.domain.set_up.handing_over import HandedOver
from tests.fakes import NOON, FakeDatabase, a_suspension
from tests.office.portal import ADDRESS, BROWSER, House

OPERATOR = Operator(user="root", host="rekey-1")


class Console(House):
    """Bob was reset, and has to set 2FA up."""

    def __init__(self) -> None:
        super().__init__(FakeDatabase().unit_of_work, audit_channel="C01AUDIT")
        self.bob = self.world.bob
        self.done = self.reset(self.bob)

    def show_code(
        self,
        *,
        email: str = "bob@acme.example",
        session_id: SessionId | None = None,
        reason: str = "Lost in the mountains",
    ) -> HandedOver:
        return self.operator_hand_over.hand_over(
            email, session_id=session_id, reason=reason, operator=OPERATOR
        )


@pytest.fixture
def console() -> Console:
    return Console()


def test_the_code_fits_the_one_sign_in_that_waits(console: Console) -> None:
    waiting = console.waiting(console.bob)
    handed_over = console.show_code()
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", handed_over.shown.code)
    assert handed_over.subscriber.id == console.bob.id
    assert handed_over.shown.session.id == waiting.session.id
    accepted = console.set_up.accept_code(waiting.token, handed_over.shown.code)
    assert accepted.session.stage is SessionStage.SETTING_UP


def test_of_several_sign_ins_one_that_waits_has_to_be_named(console: Console) -> None:
    first, second = (console.waiting(console.bob).session.id for _ in range(2))
    for named in (None, SessionId("session_of_nobody")):
        with pytest.raises(errors.SignInMissing):
            console.show_code(session_id=named)
    listed = {session.id for session in console.operator_hand_over.waiting(console.bob.email)}
    assert listed == {first, second}
    assert console.show_code(session_id=first).shown.session.id == first


def test_it_is_recorded_with_who_that_was_and_why(console: Console) -> None:
    waiting = console.waiting(console.bob)
    console.show_code()
    record = console.records()[-1]
    assert record.tag == "operator:set_up_code:handed_over"
    assert (record.actor, record.subscriber) == ("operator", console.bob.id)
    assert (record.case, record.account) == (console.done.id, console.done.account_id)
    assert record.details == {
        "session": waiting.session.id,
        "browser": BROWSER,
        "address": ADDRESS,
        "subscriber": console.bob.email,
        "reason": "Lost in the mountains",
        **OPERATOR.details(),
    }
    with console.unit_of_work() as uow:
        (kept,) = uow.cases.hand_overs_of(console.done.id)
    assert (kept.handed_over_by, kept.proof, kept.handed_over_at) == (None, None, NOON)


def test_the_person_the_owners_and_the_channel_are_told(console: Console) -> None:
    console.waiting(console.bob)
    console.show_code()
    (own,) = console.notices(NoticeKind.SUBSCRIBER_HANDED_OVER)
    assert (own.contact_id, own.subject_id) == (console.bob.id, None)
    assert own.case_id == console.done.id
    others = console.notices(NoticeKind.OPERATOR_ACTED)
    told = [other.contact_id or other.slack_address for other in others]
    assert told == [console.carol.id, console.dana.id, "C01AUDIT"]
    assert {other.facts["act"] for other in others} == {"showed a set-up code"}


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({}, errors.NobodyWaits),
        ({"email": "nobody@acme.example"}, errors.ContactNotFound),
        ({"reason": " "}, errors.ReasonMissing),
        ({"reason": "code 123 456"}, errors.ReasonHoldsCode),
    ],
)
def test_what_is_refused_shows_nothing_and_is_recorded(
    console: Console, asked: dict[str, str], refusal: type[errors.Refusal]
) -> None:
    if asked:
        console.waiting(console.bob)
    with pytest.raises(refusal):
        console.show_code(**asked)  # type: ignore[arg-type]  # no session is named here
    record = console.records()[-1]
    assert record.tag == f"operator:set_up_code:{refusal.tag}"
    assert (record.details or {}).items() >= OPERATOR.details().items()
    assert console.notices(NoticeKind.OPERATOR_ACTED) == []
    assert console.operator_hand_over.waiting("nobody@acme.example") == ()


def test_a_suspended_contact_is_refused(console: Console) -> None:
    console.waiting(console.bob)
    with console.unit_of_work() as uow:
        uow.suspensions.add(a_suspension(console.bob.id))
        uow.commit()
    with pytest.raises(errors.SubscriberSuspended):
        console.show_code()


def test_a_code_that_cannot_be_stored_is_not_shown(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    console.waiting(console.bob)
    issue = "bot.domain.operator.hand_overs.issue_set_up_code"
    monkeypatch.setattr(issue, lambda *_, **__: None)
    with pytest.raises(errors.SignInMissing):
        console.show_code()
