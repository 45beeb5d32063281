"""Finding contacts by name or e-mail."""

import pytest

from bot.domain.desk.searching import MOST_FOUND
from bot.domain.proving import totp
from tests.fakes import a_slack_identity, bind
from tests.office.desk import Desk
from tests.unit.domain.desk.unfit import UNFIT, Arrange


@pytest.fixture
def desk() -> Desk:
    return Desk()


def found(desk: Desk, user: str, words: str) -> list[str]:
    return [contact.username for contact in desk.search.search(a_slack_identity(user), words)]


@pytest.mark.parametrize(
    ("user", "words", "usernames"),
    [
        ("U01ALICE", "Brown", ["bob"]),
        ("U01ALICE", "BOB@", ["bob"]),
        ("U01ALICE", "acme.example", ["alan", "bob", "carol", "zoe"]),  # nor Alice herself
        ("U01ALICE", "zoe", ["zoe"]),  # who is not in Slack
        ("U01DANA", "acme.example", ["bob"]),
    ],
)
def test_people_of_the_accounts_that_one_administers_are_found(
    desk: Desk, user: str, words: str, usernames: list[str]
) -> None:
    desk.hire("zoe")
    desk.store(lambda uow: bind(uow, desk.dana.id, totp.new_shared_secret()))
    assert found(desk, user, words) == usernames
    assert desk.tags() == []


def test_twenty_are_found_at_most(desk: Desk) -> None:
    desk.hire(*(f"aa{number:02}" for number in range(MOST_FOUND + 1)))
    assert len(found(desk, "U01ALICE", "")) == MOST_FOUND


@pytest.mark.parametrize("arrange", [arrange for arrange, _ in UNFIT])
def test_whoever_may_not_act_finds_nobody_and_that_is_not_recorded(
    desk: Desk, arrange: Arrange
) -> None:
    assert found(desk, "U01ALAN", "bob") == ["bob"]
    arrange(desk)
    assert found(desk, "U01ALAN", "bob") == []
    assert desk.tags() == []
