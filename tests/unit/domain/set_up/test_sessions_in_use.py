"""How long whoever is signed in stays so: while it is used, and no longer than its lifetime."""

from datetime import timedelta

import pytest

from bot.domain.model.errors import SessionGone
from tests.fakes import NOON, FakeDatabase
from tests.office.portal import House

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
DAY = 8 * HOUR
OFTEN_ENOUGH = [timedelta(minutes=minutes) for minutes in range(50, 470, 50)]
NEW_PASSWORD = "eight unrelated words in a row"


@pytest.fixture
def house() -> House:
    return House(FakeDatabase().unit_of_work)


def holds(house: House, token: str) -> bool:
    """Come with it: that is use."""
    try:
        house.sign_in.session_of(token)
    except SessionGone:
        return False
    return True


@pytest.mark.parametrize("after", [HOUR, 2 * DAY])
def test_session_ends_where_nobody_uses_it_for_an_hour(house: House, after: timedelta) -> None:
    token = house.signed_in(house.world.bob).token
    house.clock.advance(HOUR - SECOND)
    assert holds(house, token)
    assert not house.sign_in.was_left_unused(token)
    house.clock.advance(after)
    assert not holds(house, token)
    assert house.sign_in.was_left_unused(token)


def test_session_ends_with_its_lifetime_however_much_it_is_used(house: House) -> None:
    token = house.signed_in(house.world.bob).token
    while house.clock.at < NOON + DAY:
        assert holds(house, token)
        house.clock.advance(timedelta(minutes=4))
    assert not holds(house, token)
    assert not house.sign_in.was_left_unused(token)


def test_session_that_is_used_holds_to_its_last_second(house: House) -> None:
    token = house.signed_in(house.world.bob).token
    for after in (*OFTEN_ENOUGH, DAY - timedelta(minutes=3), DAY - SECOND):
        house.clock.at = NOON + after
        assert holds(house, token)


def test_use_is_stored_once_in_a_while(house: House) -> None:
    token = house.signed_in(house.world.bob).token
    expires_at = []
    for _ in range(3):
        house.clock.advance(timedelta(minutes=4))
        assert holds(house, token)
        expires_at.append(house.sign_in.session_of(token).session.expires_at)
    began, again = NOON + HOUR, NOON + HOUR + timedelta(minutes=8)
    assert expires_at == [began, again, again]


def test_use_prolongs_nothing_before_the_sign_in_is_done(house: House) -> None:
    token = house.begin(house.world.bob).token
    house.clock.advance(timedelta(minutes=9))
    assert holds(house, token)
    house.clock.advance(timedelta(minutes=1))
    assert not holds(house, token)
    assert not house.sign_in.was_left_unused(token)


def test_session_that_was_ended_was_not_left_unused(house: House) -> None:
    token = house.signed_in(house.world.bob).token
    house.sign_in.sign_out(token)
    house.clock.advance(2 * HOUR)
    assert not house.sign_in.was_left_unused(token)
    assert not house.sign_in.was_left_unused("made up")


def test_changed_password_gives_no_longer_life(house: House) -> None:
    bob = house.world.bob
    token = house.signed_in(bob).token
    for after in OFTEN_ENOUGH:
        house.clock.at = NOON + after
        assert holds(house, token)
    renewed = house.sign_in.change_password(token, bob.password, NEW_PASSWORD)
    house.clock.at = NOON + DAY - SECOND
    assert holds(house, renewed.token)
    house.clock.at = NOON + DAY
    assert not holds(house, renewed.token)
