"""Slack out of reach while somebody waits: no answer is a no, in one sentence; nothing changed."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.model.cases import CaseState
from playground.slack.faults import Faults
from tests.office import Office
from tests.scenario.changes import answer_to, answer_to_click

SENTENCE = "Rekey could not reach Slack to make sure who is who. Nothing was changed."
TAG = "slack:reset:workspace_unavailable_error"
LATE = timedelta(seconds=4)
Fault = Callable[[Faults, str], object]

FAULTS: dict[str, Fault] = {
    "internal_error": lambda faults, method: faults.fail(method, error="internal_error"),
    "token_revoked": lambda faults, method: faults.fail(method, error="token_revoked"),
    "rate limit": lambda faults, method: faults.rate_limit(method, retry_after=30),
    "5xx": lambda faults, method: faults.server_error(method, status=503),
    "garbage": lambda faults, method: faults.garbage(method),
    "dropped": lambda faults, method: faults.drop(method),
    "dropped after": lambda faults, method: faults.drop(method, after=True),
    "slow": lambda faults, method: faults.hold(method),
}
every_fault = pytest.mark.parametrize("fault", list(FAULTS.values()), ids=list(FAULTS))


@pytest.fixture
def patience() -> None:
    """Nobody has more than in earnest: giving up in time is what this is about."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path) as office:
        yield office


@every_fault
def test_at_the_command(office: Office, fault: Fault) -> None:
    alice = office.world.alice
    fault(office.slack.faults, "users.info")
    with office.refused(TAG):
        assert SENTENCE in answer_to(office, alice, "<@U01BOB>")
    office.slack.faults.clear()
    assert office.ask(alice, office.world.bob)


def test_at_the_command_when_only_the_subscriber_cannot_be_asked_about(office: Office) -> None:
    alice = office.world.alice
    held = office.slack.faults.hold("users.info")  # the first call, about the admin, passes
    held.release()
    office.slack.faults.fail("users.info", error="internal_error")
    with office.refused(TAG):
        assert SENTENCE in answer_to(office, alice, "<@U01BOB>")


def test_at_the_picker(office: Office) -> None:
    alice = office.world.alice
    office.type(alice, "")
    office.slack.faults.fail("users.info", error="fatal_error")
    with office.refused(TAG):
        delivery = office.as_(alice).submit(office.as_(alice).modal, {"subscriber": "U01BOB"})
    assert list(delivery.errors) == ["subscriber"]
    assert SENTENCE in delivery.errors["subscriber"]


@pytest.mark.parametrize("name", ["internal_error", "rate limit", "5xx", "dropped"])
def test_at_the_code_which_is_not_spent(office: Office, name: str) -> None:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    FAULTS[name](office.slack.faults, "users.info")
    with office.refused(TAG):
        delivery = office.fill(alice, view)
    assert list(delivery.errors) == ["code"]
    assert SENTENCE in delivery.errors["code"]
    assert office.fill(alice, view).ok


@pytest.mark.parametrize("name", ["internal_error", "rate limit", "5xx", "dropped"])
def test_at_yes_which_may_be_said_again(office: Office, name: str) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    FAULTS[name](office.slack.faults, "users.info")
    with office.refused(TAG):
        assert SENTENCE in answer_to_click(office, alice, block, "reset_yes")
    assert "reset_yes" in block.action_ids
    assert office.as_(alice).click(block, "reset_yes").ok
    assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED


def test_no_needs_no_slack(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    office.slack.faults.fail("users.info", error="internal_error", times=None)
    assert office.as_(alice).click(block, "reset_no").ok
    assert office.cases(office.world.bob)[0].state is CaseState.DECLINED


@pytest.mark.parametrize("text", ["<@U01BOB>", ""])
def test_window_whose_trigger_has_expired(office: Office, text: str) -> None:
    """No fault: Slack gave three seconds, and they were over before the bot could use them."""
    alice = office.as_(office.world.alice)
    with office.refused():
        delivery = alice.command("/reset-2fa", text, channel="C01HELPDESK", trigger_age=LATE)
    assert delivery.ok
    assert "Please do that once more" in office.ephemerals(office.world.alice)[-1]
    assert alice.modals == []


@every_fault
def test_window_that_cannot_be_opened(office: Office, fault: Fault) -> None:
    alice = office.world.alice
    fault(office.slack.faults, "views.open")
    with office.refused():
        delivery = office.type(alice, "<@U01BOB>")
    assert delivery.ok
    assert "Slack did not open the window" in office.ephemerals(alice)[-1]
    assert office.cases(office.world.bob) == ()


def test_token_that_slack_takes_no_longer(office: Office) -> None:
    office.ask(office.world.alice, office.world.bob)
    office.slack.tokens.bot_error = "account_inactive"
    with office.refused(TAG):
        assert SENTENCE in answer_to(office, office.world.alan, "<@U01BOB>")


def test_from_the_first_request_on(office: Office) -> None:
    """Before Slack has said once whose token it is, every act is answered with one sentence."""
    office.slack.faults.fail("auth.test", error="internal_error", times=None)
    alice = office.as_(office.world.alice)
    with office.refused():
        delivery = alice.command("/reset-2fa", "<@U01BOB>", channel="C01HELPDESK")
    assert delivery.status == 200
    assert "Nothing was changed" in delivery.body
    office.slack.faults.clear()
    assert office.ask(office.world.alice, office.world.bob)
