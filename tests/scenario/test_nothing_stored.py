"""Nothing can be stored while somebody waits: said at once, in time, and nothing changed."""

import sqlite3
from contextlib import closing
from time import monotonic

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.resets.deciding import DecidingService
from tests.office import Office

SLACK_WAITS = 3.0
SENTENCE = "Something went wrong inside Rekey. Nothing was changed."


def test_at_yes_which_may_be_said_again(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    with office.rekey.database.unit_of_work():  # whoever writes holds off all others
        assert office.as_(alice).click(block, "reset_yes").ok
        assert SENTENCE in office.ephemerals(alice)[-1]
    office.deliver()
    assert sum(SENTENCE in told for told in office.ephemerals(alice) + office.dm(alice)) == 1
    assert office.as_(alice).click(block, "reset_yes").ok
    assert office.cases(bob)[0].state is CaseState.COMPLETED


def test_at_the_command(office: Office) -> None:
    with office.rekey.database.unit_of_work():
        delivery = office.type(office.world.alice, "<@U01BOB>")
    assert delivery.ok
    assert SENTENCE in delivery.body


@pytest.mark.parametrize("ailment", ["server_error", "drop"])
def test_what_slack_did_not_take_at_once_leaves_later(
    office: Office, monkeypatch: pytest.MonkeyPatch, ailment: str
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise LookupError

    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    monkeypatch.setattr(DecidingService, "confirm", break_down)
    getattr(office.slack.faults, ailment)("response_url")
    assert office.as_(alice).click(block, "reset_yes").ok
    office.deliver()
    assert SENTENCE in office.ephemerals(alice)[-1]


def test_a_locked_database_leaves_time_to_say_so(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    path = office.settings["REKEY_DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        began = monotonic()
        assert office.as_(alice).click(block, "reset_yes").ok
        assert monotonic() - began < SLACK_WAITS
    assert SENTENCE in office.ephemerals(alice)[-1]
