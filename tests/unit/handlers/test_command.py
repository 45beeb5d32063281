"""`/reset-2fa`: the modal, the picker, help, or why not."""

import json
from datetime import timedelta

import pytest

from bot.blocks.texts import NOT_OPENED
from playground.slack import Delivery
from tests.unit.handlers.house import HELP_CONTACT, House


def told(delivery: Delivery) -> str:
    """What the acknowledgement said to that person alone."""
    answer = json.loads(delivery.body)
    assert answer["response_type"] == "ephemeral"
    return str(answer["text"])


def test_mention_opens_the_code_modal(house: House) -> None:
    delivery = house.alice.command("/reset-2fa", "@bob lost his phone")
    assert delivery.ok
    assert delivery.body == ""
    modal = house.alice.modal
    assert modal.callback_id == "reset_verify"
    assert "bob@acme.example" in modal.shown
    assert modal.values["reason"]["value"]["value"] == "lost his phone"


def test_nothing_in_the_modal_is_sent_before_both_people_are_settled(house: House) -> None:
    delivery = house.bob.command("/reset-2fa", "@alice")
    assert "administrator" in told(delivery)
    assert house.bob.modals == []
    assert house.tags == ["slack:reset:not_an_administrator"]


def test_help(house: House) -> None:
    text = told(house.alice.command("/reset-2fa", "help"))
    assert "/reset-2fa @person" in text
    assert HELP_CONTACT in text
    assert house.tags == []


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("bob lost his phone", "slack:reset:mention_missing"),
        ("status bob", "slack:reset:mention_missing"),
        ("@bob @alan", "slack:reset:several_mentions"),
        ("<@U0NOBODY>", "slack:reset:unknown_person"),
        ("@nobody", "slack:reset:mention_missing"),
        ("@alice", "slack:reset:oneself_refused"),
    ],
)
def test_what_cannot_be_used_is_told_and_recorded(house: House, typed: str, tag: str) -> None:
    assert told(house.alice.command("/reset-2fa", typed))
    assert house.tags == [tag]
    assert house.alice.modals == []


def test_a_plain_name_is_the_directorys_user_name(house: House) -> None:
    house.slack.workspace.members["U01BOB"].handle = "robert"  # whatever he calls himself in Slack
    assert house.alice.command("/reset-2fa", "@bob lost his phone").ok
    assert "Bob Brown" in str(house.alice.modal.spec["blocks"])


def test_names_of_others_are_inert(house: House) -> None:
    house.add_case()
    row = house.database.state.contacts[house.world.alice.id]
    object.__setattr__(row, "name", "<!channel> & co")
    delivery = house.alan.command("/reset-2fa", "@bob")
    assert "&lt;!channel&gt; &amp; co" in told(delivery)


def test_own_waiting_case_is_asked_again(house: House) -> None:
    case = house.add_case()
    delivery = house.alice.command("/reset-2fa", "@bob")
    assert "12:05 UTC" in told(delivery)
    house.sender.drain()
    assert house.alice.ephemerals[-1].action_ids == ["reset_yes", "reset_no"]
    assert house.cases == [case]


def test_expired_trigger_is_no_fault(house: House) -> None:
    late = house.alice.command("/reset-2fa", "@bob", trigger_age=timedelta(seconds=4))
    assert told(late) == NOT_OPENED
    assert house.alice.command("/reset-2fa", "@bob").ok
    assert house.alice.modal


@pytest.mark.parametrize("kind", ["internal_error", "5xx", "drop", "garbage", "limit"])
def test_slack_that_opens_nothing_is_told(house: House, kind: str) -> None:
    faults = house.slack.faults
    {
        "internal_error": lambda: faults.fail("views.open", error="internal_error"),
        "5xx": lambda: faults.server_error("views.open"),
        "drop": lambda: faults.drop("views.open"),
        "garbage": lambda: faults.garbage("views.open"),
        "limit": lambda: faults.rate_limit("views.open"),
    }[kind]()
    assert told(house.alice.command("/reset-2fa", "@bob")) == NOT_OPENED
    assert house.cases == []


def test_slack_that_knows_nobody_now_is_a_recorded_fault(house: House) -> None:
    house.workspace.available = False
    assert "could not reach Slack" in told(house.alice.command("/reset-2fa", "@bob"))
    assert house.tags == ["slack:reset:workspace_unavailable_error"]


class TestPicker:
    def test_leads_to_the_code_modal(self, house: House) -> None:
        assert house.alice.command("/reset-2fa").ok
        picker = house.alice.modal
        assert house.alice.submit(picker, {"subscriber": house.bob.id}).ok
        assert house.alice.modal.callback_id == "reset_verify"
        carried = json.loads(house.alice.modal.spec["private_metadata"])
        assert carried["subscriber"] == house.bob.id
        assert carried["response_url"].startswith("http")

    def test_refusal_stands_under_its_field(self, house: House) -> None:
        house.alice.command("/reset-2fa")
        delivery = house.alice.submit(house.alice.modal, {"subscriber": house.alice.id})
        assert "own 2FA" in delivery.errors["subscriber"]
        assert house.tags == ["slack:reset:oneself_refused"]

    def test_own_waiting_case_is_told(self, house: House) -> None:
        house.add_case()
        house.alice.command("/reset-2fa")
        assert house.alice.submit(house.alice.modal, {"subscriber": house.bob.id}).ok
        assert "already asked" in house.alice.modal.shown

    def test_fault_stands_under_its_field(self, house: House) -> None:
        house.alice.command("/reset-2fa")
        house.workspace.available = False
        delivery = house.alice.submit(house.alice.modal, {"subscriber": house.bob.id})
        assert "could not reach Slack" in delivery.errors["subscriber"]
