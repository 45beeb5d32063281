"""The picker of a person of the workspace, or of a contact who is not in it."""

import json

import pytest

from bot.blocks.modals import Context
from bot.blocks.picker import hand_over_picker, reset_picker, suggestions
from bot.domain.model.reset_form import Named
from playground.slack.block_elements import SUGGESTIONS
from tests.unit.blocks.rules import assert_view_is_valid, by_block, words_of
from tests.unit.blocks.samples import BOB, LONGEST, WIDEST, hostile_contact

CONTEXT = Context(
    subscriber=Named(), response_url="https://hooks.slack.example/1", reason="Lost his phone"
)


def test_asks_for_a_person_or_a_contact_and_keeps_the_reason() -> None:
    view = reset_picker(CONTEXT)
    assert_view_is_valid(view)
    assert view["callback_id"] == "reset_pick"
    blocks = by_block(view)
    kinds = {name: block["element"]["type"] for name, block in blocks.items()}
    assert kinds == {"subscriber": "users_select", "contact": "external_select"}
    assert {block["element"]["action_id"] for block in blocks.values()} == {"value"}
    assert all(block["optional"] for block in blocks.values())
    carried = json.loads(view["private_metadata"])
    assert carried["reason"] == "Lost his phone"
    assert carried["response_url"] == CONTEXT.response_url


def test_a_search_begins_with_two_characters() -> None:
    element = by_block(reset_picker(CONTEXT))["contact"]["element"]
    assert element["min_query_length"] == 2


def test_that_of_a_hand_over_says_so() -> None:
    view = hand_over_picker()
    assert_view_is_valid(view)
    assert view["callback_id"] == "hand_over_pick"
    assert "Who waits for a set-up code?" in words_of(view)


def test_contacts_are_offered_by_name_and_e_mail_under_their_id() -> None:
    (offer,) = suggestions([BOB])
    assert offer["text"]["text"] == "Bob Brown (bob@acme.example)"
    assert offer["value"] == BOB.id


@pytest.mark.parametrize("text", [LONGEST, WIDEST, "", "x" * 255], ids=repr)
def test_hostile_names_stay_within_limits(text: str) -> None:
    options = suggestions([hostile_contact(text, key=f"con_{n}") for n in range(20)])
    assert list(SUGGESTIONS({"options": options}, "")) == []
    assert all(option["text"]["type"] == "plain_text" for option in options)
