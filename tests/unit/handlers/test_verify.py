"""The code modal's submission."""

from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseState, Proof
from playground.slack import Delivery, View
from tests.unit.handlers.house import House, submission_body

FILLED = {"proof": "video", "reason": "Lost his phone"}


@pytest.fixture
def modal(house: House) -> View:
    house.alice.command("/reset-2fa", "@bob")
    return house.alice.modal


def fill(house: House, modal: View, **values: str | None) -> Delivery:
    code = house.world.alice.code(house.clock)
    return house.alice.submit(modal, {**FILLED, "code": code, **values})


def test_opens_a_case_and_closes_the_modal(house: House, modal: View) -> None:
    code = house.world.alice.code(house.clock)
    delivery = fill(house, modal, code=f" {code[:3]} {code[3:]} ", ticket=" HD-42 ")
    assert delivery.ok
    assert delivery.body == ""
    assert house.alice.modals == []
    (case,) = house.cases
    assert case.state is CaseState.AWAITING_CONFIRMATION
    assert (case.proof, case.reason, case.ticket) == (Proof.VIDEO, "Lost his phone", "HD-42")


def test_confirm_block_comes_where_the_command_was_typed(house: House, modal: View) -> None:
    fill(house, modal)
    house.sender.drain()
    (block,) = house.alice.ephemerals
    assert block.channel == "C0GENERAL"
    assert block.action_ids == ["reset_yes", "reset_no"]
    assert house.alice.dm == []


def test_wrong_code_stands_under_the_code_and_counts(house: House, modal: View) -> None:
    delivery = fill(house, modal, code="000000")
    assert "wrong" in delivery.errors["code"]
    assert house.alice.modals == [modal]
    assert house.tags == ["slack:reset:code_wrong"]
    assert len(house.database.state.attempts) == 1


def test_malformed_code_stands_under_the_code(house: House, modal: View) -> None:
    assert "six digits" in fill(house, modal, code="12345").errors["code"]


def test_throttled_code_says_when_to_try_again(house: House, modal: View) -> None:
    for _ in range(5):
        fill(house, modal, code="000000")
    errors = fill(house, modal).errors
    assert errors == {"code": "Too many wrong codes. Try again in about 5 minutes, at 12:05 UTC."}
    house.clock.advance(timedelta(minutes=5))
    assert fill(house, modal).ok


def test_reason_that_holds_a_code_stands_under_the_reason(house: House, modal: View) -> None:
    assert "code" in fill(house, modal, reason="his code is 123 456").errors["reason"]
    assert house.cases == []


def test_lost_standing_stands_under_the_code(house: House, modal: View) -> None:
    house.workspace.deactivate(house.bob.id)
    assert "deactivated" in fill(house, modal).errors["code"]


def test_fault_stands_under_the_code(house: House, modal: View) -> None:
    house.workspace.available = False
    assert "could not reach Slack" in fill(house, modal).errors["code"]
    assert house.cases == []


class TestForged:
    """What Slack's client would not have sent."""

    def submit(self, house: House, *, blocks: object = (), **values: object) -> Delivery:
        state = {
            "proof": {"value": {"selected_option": {"value": "video"}}},
            "reason": {"value": {"value": "Lost his phone"}},
            "code": {"value": {"value": house.world.alice.code(house.clock)}},
            **values,
        }
        body = submission_body(
            house,
            "reset_verify",
            state={"values": state},
            blocks=list(blocks),  # type: ignore[call-overload]  # any shape
        )
        return house.interact(body)

    def test_without_forging_it_is_taken(self, house: House) -> None:
        assert self.submit(house).body == ""
        assert len(house.cases) == 1

    @pytest.mark.parametrize(
        ("block", "value", "under"),
        [
            ("proof", {"value": {"selected_option": None}}, "proof"),
            ("proof", {"value": {"selected_option": {"value": "by_post"}}}, "proof"),
            ("proof", {"value": {}}, "proof"),
            ("reason", {"value": {"value": None}}, "reason"),
            ("reason", {"value": {"value": " \n"}}, "reason"),
            ("reason", {"value": {"value": "x" * 501}}, "reason"),
            ("ticket", {"value": {"value": "x" * 101}}, "ticket"),
            ("code", {"value": {"value": None}}, "code"),
            ("account", {"value": {"selected_option": {"value": "globex"}}}, "code"),
        ],
    )
    def test_refusal_stands_under_its_field(
        self, house: House, block: str, value: object, under: str
    ) -> None:
        delivery = self.submit(house, **{block: value})
        assert f'"errors": {{"{under}"' in delivery.body
        assert house.cases == []
        assert len(house.tags) == 1

    def test_account_that_is_not_offered_stands_under_the_account_where_shown(
        self, house: House
    ) -> None:
        account = {"value": {"selected_option": {"value": "globex"}}}
        delivery = self.submit(house, account=account, blocks=[{"block_id": "account"}])
        assert '"errors": {"account"' in delivery.body
