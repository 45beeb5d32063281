"""Yes and No."""

import pytest

from bot.domain.model.cases import Case, CaseState
from playground.slack import Message
from tests.unit.handlers.house import House, click_body


@pytest.fixture
def case(house: House) -> Case:
    return house.add_case()


@pytest.fixture
def block(house: House, case: Case) -> Message:
    """Return the confirm block of `case`, which is sent again at a repeated command."""
    assert house.cases == [case]
    house.alice.command("/reset-2fa", "@bob")
    house.sender.drain()
    return house.alice.ephemerals[-1]


def test_yes_resets_and_replaces_the_block(house: House, block: Message) -> None:
    delivery = house.alice.click(block, "reset_yes")
    assert delivery.ok
    assert delivery.body == ""
    assert house.states == [CaseState.COMPLETED]
    house.sender.drain()
    assert block.action_ids == []
    assert "was reset" in block.shown
    assert "was reset" in house.alice.dm[-1].shown
    assert house.bob.dm[0].action_ids == ["open_set_up", "reset_report"]


def test_no_declines(house: House, block: Message) -> None:
    assert house.alice.click(block, "reset_no").ok
    assert house.states == [CaseState.DECLINED]
    house.sender.drain()
    assert "not reset" in block.shown


@pytest.mark.parametrize("action_id", ["reset_yes", "reset_no"])
def test_somebody_else_is_told_so_and_changes_nothing(
    house: House, block: Message, case: Case, action_id: str
) -> None:
    assert house.alan.click(block, action_id, even_if_unseen=True).ok
    house.sender.drain()
    assert "Somebody else" in house.alan.ephemerals[-1].shown
    assert house.cases == [case]
    assert house.tags[-1] == "slack:reset:not_your_case"


def test_second_click_is_told_so(house: House, block: Message) -> None:
    seen = block.as_seen()
    house.alice.click(block, "reset_yes")
    assert house.alice.click(seen, "reset_no").ok
    house.sender.drain()
    assert any("decided before" in m.shown for m in house.alice.ephemerals)
    assert house.states == [CaseState.COMPLETED]


def test_refusal_without_a_response_url_goes_by_dm(house: House) -> None:
    assert house.interact(click_body(house, "reset_yes", "case_unknown")).status == 200
    house.sender.drain()
    assert "no such case" in house.alice.dm[0].shown


def test_fault_is_told_and_leaves_the_case_waiting(
    house: House, block: Message, case: Case
) -> None:
    house.workspace.available = False
    assert house.alice.click(block, "reset_yes").ok
    house.sender.drain()
    assert "could not reach Slack" in house.alice.ephemerals[-1].shown
    assert house.cases == [case]
