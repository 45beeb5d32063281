"""The sign-in of a deployment that asks for no set-up code (`REKEY_SET_UP_CODE=off`)."""

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import SessionGone
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import AuthenticatorState, SessionStage
from bot.domain.proving import totp
from tests.fakes import NOON, FakeDatabase
from tests.office.portal import House


@pytest.fixture
def house() -> House:
    return House(FakeDatabase().unit_of_work, set_up_code_required=False)


def test_password_alone_leads_to_the_shared_secret(house: House) -> None:
    case = house.reset(house.world.bob)
    signed = house.begin(house.world.bob)
    assert signed.session.stage is SessionStage.SETTING_UP
    assert house.states(house.world.bob) == {AuthenticatorState.PENDING}
    assert len("".join(house.set_up.form(signed.token).key_groups)) == 32
    assert house.notices(NoticeKind.SET_UP_WAITING) == []
    assert house.cases(house.world.bob) == (case,)
    assert house.tags() == ["portal:sign_in:password_accepted"]


def test_setting_up_closes_the_case_and_tells_both(house: House) -> None:
    case = house.reset(house.world.bob)
    signed = house.begin(house.world.bob)
    house.set_up.bind(signed.token, house.first_code(signed))
    (closed,) = house.cases(house.world.bob)
    assert (closed.id, closed.state) == (case.id, CaseState.RE_ENROLLED)
    assert [n.contact_id for n in house.notices(NoticeKind.SUBSCRIBER_ENROLLED)] == [
        house.world.bob.id
    ]
    assert [n.contact_id for n in house.notices(NoticeKind.ADMIN_ENROLLED)] == [
        house.world.alice.id
    ]


def test_first_set_up_opens_a_case_of_its_own(house: House) -> None:
    bob = house.world.bob
    with house.unit_of_work() as uow:
        uow.authenticators.invalidate_all(bob.id, now=NOON)
        uow.commit()
    house.begin(bob)
    (case,) = house.cases(bob)
    assert (case.kind, case.state) == (CaseKind.FIRST_SET_UP, CaseState.COMPLETED)
    assert house.tags() == ["portal:sign_in:password_accepted", "portal:case:completed"]


def test_second_sign_in_overtakes_the_first(house: House) -> None:
    house.reset(house.world.bob)
    first, second = house.begin(house.world.bob), house.begin(house.world.bob)
    with pytest.raises(SessionGone):
        house.set_up.form(first.token)
    house.set_up.bind(second.token, house.first_code(second))
    assert house.states(house.world.bob) == {AuthenticatorState.ACTIVE}


def test_who_has_nothing_to_set_up_signs_in_as_ever(house: House) -> None:
    bob = house.world.bob
    begun = house.begin(bob)
    assert begun.session.stage is SessionStage.AWAITING_CODE
    code = totp.code_at(bob.secret or "", totp.step_at(house.clock.now()))
    assert house.sign_in.verify_code(begun.token, code).session.stage is SessionStage.SIGNED_IN
