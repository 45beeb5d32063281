"""`status`, and the buttons beside a case."""

import json
from datetime import timedelta

import pytest

from bot.blocks.texts import NOT_OPENED
from bot.domain.model.cases import Case, CaseState
from playground.slack import Message
from tests.fakes import Person
from tests.unit.handlers.house import HELP_CONTACT, House, click_body


def shown_to(house: House, person: Person) -> Message:
    """Type `status @bob`; return the answer."""
    slack = house.slack.person(person.slack.user)
    assert slack.command("/reset-2fa", "status @bob").ok
    return slack.ephemerals[-1]


@pytest.fixture
def case(house: House) -> Case:
    return house.add_case(CaseState.COMPLETED)


def test_status_shows_the_case_with_its_buttons(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    assert "2FA cases of Bob Brown" in shown.shown
    assert shown.action_ids == ["case_remind", "case_take_over", "case_details"]
    assert case.id in str(shown.blocks)


def test_status_of_nobody_is_ones_own(house: House) -> None:
    answer = json.loads(house.bob.command("/reset-2fa", "status").body)
    assert answer["response_type"] == "ephemeral"
    assert "Your 2FA is set up" in answer["text"]
    assert HELP_CONTACT in answer["text"]


def test_remind_replaces_the_status(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    assert house.alan.click(shown, "case_remind").ok
    house.sender.drain()
    assert "Bob Brown was reminded" in shown.shown
    assert "2FA cases of Bob Brown" in shown.shown
    assert "still to be set up" in house.bob.dm[-1].shown
    assert house.cases == [case]


def test_take_over_replaces_the_status(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    assert house.alan.click(shown, "case_take_over").ok
    house.sender.drain()
    assert shown.action_ids == ["case_remind", "case_details"]
    assert house.cases[0].in_charge_id == house.world.alan.id
    assert house.cases[0].id == case.id


def test_cancel_replaces_the_status(house: House) -> None:
    house.add_case()
    shown = shown_to(house, house.world.alan)
    assert house.alan.click(shown, "case_cancel").ok
    house.sender.drain()
    assert "You cancelled the case" in shown.shown
    assert house.states == [CaseState.CANCELLED]


def test_a_button_elsewhere_leaves_its_message_alone(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    click = house.alan.click(shown, "case_details").payload
    house.alan.close_all()
    click["actions"][0] |= {"action_id": "case_remind", "block_id": "elsewhere"}
    assert house.interact(click).status == 200
    house.sender.drain()
    assert "was reminded" not in shown.shown
    assert "Bob Brown was reminded" in house.alan.ephemerals[-1].shown
    assert house.cases == [case]


def test_details_open_a_modal_that_can_only_be_closed(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    assert house.alan.click(shown, "case_details").ok
    assert "Case details" in house.alan.modal.title
    assert case.id in house.alan.modal.shown
    assert "submit" not in house.alan.modal.spec


def test_details_without_time_to_open_them_say_so(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    late = house.alan.click(shown, "case_details", trigger_age=timedelta(seconds=4))
    assert late.ok
    house.sender.drain()
    assert "did not open the window" in house.alan.ephemerals[-1].shown
    assert house.cases == [case]


def test_details_that_slack_does_not_open_say_so_and_no_more(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    house.slack.faults.garbage("views.open")
    assert house.alan.click(shown, "case_details").ok
    house.sender.drain()
    assert house.alan.ephemerals[-1].shown == NOT_OPENED
    assert house.tags[-1] == "slack:case:shown"
    assert house.cases == [case]


@pytest.mark.parametrize(
    "action_id", ["case_remind", "case_take_over", "case_cancel", "case_details"]
)
def test_refusal_is_told_to_whoever_pressed(house: House, case: Case, action_id: str) -> None:
    body = click_body(house, action_id, "case_unknown")
    assert house.interact(body).status == 200
    house.sender.drain()
    assert "no such case" in house.alice.dm[-1].shown
    assert house.cases == [case]
    assert house.tags == ["slack:case:case_not_found"]


def test_fault_is_told_and_changes_nothing(house: House, case: Case) -> None:
    shown = shown_to(house, house.world.alan)
    house.workspace.available = False
    assert house.alan.click(shown, "case_take_over").ok
    house.sender.drain()
    assert "could not reach Slack" in house.alan.ephemerals[-1].shown
    assert house.cases == [case]
