"""A clock that was moved: a day ahead, or an hour back, under a program that goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.people import Operator
from tests.faults.site import COMPLETED, until
from tests.office import Office

ANN = Operator(user="ann", host="console")
REMINDED = "Your 2FA is still to be set up"
SOON = 30
"""Seconds in which a message leaves that waits for nothing, on a machine that does much else."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        yield office


def heard(office: Office, words: str) -> int:
    """Return how many messages with these words Bob has had."""
    return sum(words in m.text for m in office.as_(office.world.bob).dm)


def all_has_left(office: Office) -> bool:
    """Whether no message waits, nor is on its way."""
    with office.rekey.database.snapshot() as uow:
        return not uow.outbox.due(office.clock.now() + timedelta(days=2), limit=1)


def test_reminders_come_once_however_it_moves(office: Office) -> None:
    office.reset(office.world.alice, office.world.bob)
    for days, expected in ((1, 1), (-1, 1), (1, 1), (2, 2), (-3, 2), (3, 2), (5, 3), (-5, 3)):
        office.move(days=days)
        office.sweep()
        office.sweep()
        assert heard(office, REMINDED) == expected, days
    assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED


def test_question_that_a_jump_ended_stays_ended(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    office.move(days=1)
    office.sweep()
    office.move(days=-1)
    office.as_(alice).click(block, "reset_yes")
    assert office.cases(bob)[0].state is CaseState.EXPIRED
    office.move(minutes=1)
    assert office.request(alice, bob)  # a new one may be asked at once


def test_question_lives_no_longer_than_its_deadline_once_the_clock_was_put_back(
    office: Office,
) -> None:
    """Its deadline is an instant, so it waits longer by what the clock was wrong, and then ends."""
    alice, bob = office.world.alice, office.world.bob
    office.request(alice, bob)
    office.move(hours=-1)
    office.sweep()
    assert office.cases(bob)[0].state is CaseState.AWAITING_CONFIRMATION
    office.move(hours=1, minutes=6)
    office.sweep()
    assert office.cases(bob)[0].state is CaseState.EXPIRED


def test_code_that_was_used_stays_used(office: Office) -> None:
    alice, bob, dana = office.world.alice, office.world.bob, office.world.alan
    code = alice.code(office.clock)
    assert office.fill(alice, office.ask(alice, bob), code=code).ok
    view = office.ask(alice, dana)
    for hours in (-1, 1):
        office.move(hours=hours)
        assert list(office.fill(alice, view, code=code).errors) == ["code"]
        assert list(office.fill(alice, view).errors) == ["code"]  # nor one of a step before it
    office.move(minutes=1)
    assert office.fill(alice, view).ok


def test_wrong_codes_count_however_it_moves(office: Office) -> None:
    """Put back, the clock lets nobody guess anew; they wait until the same instant as before."""
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    for _ in range(5):
        office.fill(alice, view, code="000000")
    for hours in (-1, 1):
        office.move(hours=hours)
        refused = office.fill(alice, view)
        assert "Too many wrong codes" in refused.errors["code"]
    office.move(minutes=6)
    assert office.fill(alice, view).ok


def test_session_ends_at_its_instant(office: Office) -> None:
    browser = office.browser()
    browser.password(office.world.bob)
    assert browser.code(office.world.bob.code(office.clock)).path == "/portal/"
    office.move(hours=-1)
    assert browser.open("/portal/").path == "/portal/"
    office.move(hours=1, days=1)
    assert browser.open("/portal/").path == "/portal/sign-in"
    office.move(days=-1)
    assert browser.open("/portal/").path in {"/portal/", "/portal/sign-in"}


@pytest.mark.parametrize("moved", [{"days": 1}, {"hours": -1}])
def test_messages_leave_at_once(office: Office, moved: dict[str, float]) -> None:
    """The sender runs, and sleeps by a clock that is moved beneath it."""
    block = office.request(office.world.alice, office.world.bob)
    office.rekey.outbox.start()
    try:
        office.as_(office.world.alice).click(block, "reset_yes")
        until(lambda: all_has_left(office), seconds=SOON)  # else `response_url`s run out
        assert heard(office, COMPLETED) == 1
        office.move(**moved)
        office.suspensions.suspend(office.world.bob.email, reason="a call", operator=ANN)
        office.slack.wait_for(lambda: heard(office, "suspended") == 1, timeout=SOON)
    finally:
        office.rekey.outbox.stop(SOON)
    assert heard(office, COMPLETED) == 1


def test_messages_that_waited_leave_once_it_is_right_again(office: Office) -> None:
    block = office.request(office.world.alice, office.world.bob)
    office.slack.faults.rate_limit("chat.postMessage", retry_after=2)
    office.as_(office.world.alice).click(block, "reset_yes")
    office.deliver()
    for hours in (-1, 1):
        office.move(hours=hours)
        office.sweep()
    office.move(minutes=1)
    office.sweep()
    assert heard(office, COMPLETED) == 1
