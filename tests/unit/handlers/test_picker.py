"""The picker: a person of the workspace, or a contact who is not in it."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.desk.searching import SearchService
from playground.slack import View
from tests.unit.handlers.house import House


@pytest.fixture
def picker(house: House) -> View:
    """Return the picker before Alice; Bob is not in Slack."""
    contacts = house.database.state.contacts
    bob = house.world.bob
    contacts[bob.id] = replace(contacts[bob.id], slack=None)
    assert house.alice.command("/reset-2fa").ok
    return house.alice.modal


def suggestion_body(house: House, **fields: Any) -> dict[str, Any]:
    return {
        "type": "block_suggestion",
        "user": {"id": house.alice.id, "team_id": house.slack.team_id},
        "team": {"id": house.slack.team_id},
        "action_id": "value",
        "block_id": "contact",
        "value": "bob",
        **fields,
    }


class TestSearching:
    def test_offers_contacts_by_name_and_e_mail(self, house: House, picker: View) -> None:
        (offer,) = house.alice.suggest(picker, "contact", "Brown")
        assert offer["text"]["text"] == "Bob Brown (bob@acme.example)"
        assert offer["value"] == house.world.bob.id
        assert house.tags == []

    def test_a_member_is_offered_nobody(self, house: House) -> None:
        house.bob.command("/reset-2fa")
        assert house.bob.suggest(house.bob.modal, "contact", "alice") == []

    def test_nobody_is_offered_while_slack_does_not_answer(
        self, house: House, picker: View
    ) -> None:
        house.workspace.available = False
        assert house.alice.suggest(picker, "contact", "bob") == []

    @pytest.mark.parametrize(
        "fields",
        [
            {"value": None},
            {"value": ["bob"]},
            {"user": None},
            {"user": {}},
            {"team": "T", "user": {"id": "U01ALICE"}},
            {"action_id": 7},
        ],
    )
    def test_what_slack_never_sends_is_malformed(
        self, house: House, fields: dict[str, Any]
    ) -> None:
        assert house.interact(suggestion_body(house)).status == 200
        assert house.interact(suggestion_body(house, **fields)).status == 400

    def test_a_bug_offers_nobody(
        self, house: House, picker: View, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(SearchService, "search", lambda *_: 1 / 0)
        assert house.alice.suggest(picker, "contact", "bob") == []


class TestChoosing:
    def test_a_contact_leads_to_the_code_modal(self, house: House, picker: View) -> None:
        house.alice.suggest(picker, "contact", "bob")
        assert house.alice.submit(picker, {"contact": house.world.bob.id}).ok
        modal = house.alice.modal
        assert modal.callback_id == "reset_verify"
        assert "Bob Brown is not in Slack" in modal.shown
        carried = json.loads(modal.spec["private_metadata"])
        assert (carried["subscriber"], carried["contact"]) == (None, house.world.bob.id)
        assert carried["response_url"].startswith("http")

    def test_the_reset_of_a_contact_is_asked_for(self, house: House, picker: View) -> None:
        house.alice.suggest(picker, "contact", "bob")
        house.alice.submit(picker, {"contact": house.world.bob.id})
        filled = {"proof": "called_back", "reason": "Lost", "code": code_of(house)}
        assert house.alice.submit(house.alice.modal, filled).ok
        assert [case.subscriber_id for case in house.cases] == [house.world.bob.id]

    def test_nobody_is_refused_under_the_first_field(self, house: House, picker: View) -> None:
        delivery = house.alice.submit(picker, {})
        assert delivery.errors.keys() == {"subscriber"}
        assert house.tags == ["slack:reset:mention_missing"]

    def test_both_are_refused_under_the_second_field(self, house: House, picker: View) -> None:
        house.alice.suggest(picker, "contact", "bob")
        both = {"subscriber": house.alan.id, "contact": house.world.bob.id}
        delivery = house.alice.submit(picker, both)
        assert "several people" in delivery.errors["contact"]
        assert house.tags == ["slack:reset:several_mentions"]

    def test_a_refusal_stands_under_the_contact(self, house: House, picker: View) -> None:
        house.alice.suggest(picker, "contact", "carol")
        delivery = house.alice.submit(picker, {"contact": house.world.carol.id})
        assert "higher role" in delivery.errors["contact"]
        assert house.tags == ["slack:reset:outranked"]

    def test_a_forged_contact_is_refused(self, house: House, picker: View) -> None:
        dana = {"text": {"type": "plain_text", "text": "x"}, "value": house.world.dana.id}
        live = house.alice.modal
        live.offered["contact"] = [dana, {**dana, "value": "con_nobody"}]
        outside = house.alice.submit(picker, {"contact": house.world.dana.id})
        assert "no account" in outside.errors["contact"]
        unknown = house.alice.submit(picker, {"contact": "con_nobody"})
        assert "no contact" in unknown.errors["contact"]
        assert house.tags == [
            "slack:reset:no_shared_account",
            "slack:reset:subscriber_not_a_contact",
        ]


def code_of(house: House) -> str:
    return house.world.alice.code(house.clock)
