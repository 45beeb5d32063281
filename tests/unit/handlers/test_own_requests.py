"""Asking for one's own reset: the form, and the buttons of a request."""

from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.ids import ActionId
from bot.blocks.requests import WITHDRAWN
from bot.blocks.texts import NOT_OPENED
from bot.domain.model.requests import OwnRequest, RequestState
from playground.slack import Message, Person
from tests.unit.handlers.house import HELP_CONTACT, House, click_body, submission_body


def ask(house: House) -> OwnRequest:
    """Fill in the form as Bob; return what was made of it."""
    assert house.bob.command("/reset-2fa", "ask").ok
    modal = house.bob.modal
    assert house.bob.submit(modal, {"account": "acme", "reason": "Lost the phone"}).ok
    house.bob.close_all()
    house.sender.drain()
    return request_of(house)


def request_of(house: House) -> OwnRequest:
    (request,) = house.database.state.requests.values()
    return request


def _no_database(*_args: object) -> None:
    raise RuntimeError("no database")


def offer_to(admin: Person) -> Message:
    """Return the one message that offers the request, as it is now."""
    (offer,) = [m for m in admin.dm if ActionId.REQUEST_TAKE in m.action_ids]
    return offer


def test_the_form_asks_for_a_reason_and_no_way_to_call_back(house: House) -> None:
    assert house.bob.command("/reset-2fa", "ask").ok
    modal = house.bob.modal
    asked = [b["block_id"] for b in modal.spec["blocks"] if b["type"] == "input"]
    assert asked == ["account", "reason"]
    assert "proves nothing" in modal.shown


def test_what_was_asked_is_said_in_the_form_s_place(house: House) -> None:
    house.bob.command("/reset-2fa", "ask")
    assert house.bob.submit(house.bob.modal, {"account": "acme", "reason": "Lost it"}).ok
    assert "Your request was sent" in house.bob.modal.shown
    assert HELP_CONTACT in house.bob.modal.shown
    assert request_of(house).reason == "Lost it"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"account": "acme", "reason": "code 123456"}, "reason"),
        ({"account": "acme", "reason": "   "}, "reason"),
    ],
)
def test_what_cannot_be_used_is_said_under_its_field(
    house: House, values: dict[str, Any], field: str
) -> None:
    house.bob.command("/reset-2fa", "ask")
    refused = house.bob.submit(house.bob.modal, values)
    assert list(refused.errors) == [field]
    assert house.database.state.requests == {}


def test_an_account_that_was_not_offered_is_refused_under_its_field(house: House) -> None:
    view = {
        "user": {"id": house.bob.id, "team_id": house.slack.team_id},
    }
    state = {
        "account": {"value": {"selected_option": {"value": "elsewhere"}}},
        "reason": {"value": {"value": "Lost it"}},
    }
    body = submission_body(
        house,
        "request_reset",
        state={"values": state},
        blocks=[{"block_id": "account", "type": "input"}],
    )
    delivery = house.interact(body | view)
    assert delivery.status == 200
    assert '"account"' in delivery.body
    assert house.database.state.requests == {}


def test_the_command_shows_a_request_that_waits_and_takes_it_back(house: House) -> None:
    ask(house)
    assert house.bob.command("/reset-2fa", "ask").ok
    shown = house.bob.ephemerals[-1]
    assert "Nobody has taken it yet" in shown.shown
    assert house.bob.click(shown, ActionId.REQUEST_WITHDRAW).ok
    house.sender.drain()
    assert request_of(house).state is RequestState.WITHDRAWN
    assert "You have withdrawn" in house.bob.ephemerals[-1].shown
    offer = house.alice.dm[-1]
    assert "has withdrawn the request" in offer.shown
    assert offer.action_ids == []


def test_the_offer_tells_no_reason(house: House) -> None:
    ask(house)
    shown = offer_to(house.alice)
    assert "Bob Brown asks for a reset" in shown.shown
    assert "Lost the phone" not in shown.shown
    assert "+44" not in shown.shown


def test_taking_opens_the_code_modal_with_the_number_on_file(house: House) -> None:
    ask(house)
    assert house.alice.click(offer_to(house.alice), ActionId.REQUEST_TAKE).ok
    modal = house.alice.modal
    assert modal.callback_id == "reset_verify"
    assert "+44 20 7946 0100" in modal.shown
    assert "which proves nothing" in modal.shown
    assert "Lost the phone" in str(modal.spec)
    house.sender.drain()
    assert request_of(house).taken_by == house.world.alice.id
    assert "Alice Archer takes care of your request" in house.bob.dm[-1].shown


def test_the_offer_says_who_took_it_and_lets_nobody_else(house: House) -> None:
    ask(house)
    house.alice.click(offer_to(house.alice), ActionId.REQUEST_TAKE)
    house.sender.drain()
    shown = offer_to(house.alan)
    assert "Alice Archer takes care of the reset that Bob Brown asked for" in shown.shown
    assert house.alan.click(shown, ActionId.REQUEST_TAKE).ok
    house.sender.drain()
    assert "Alice Archer takes care of this request already" in house.alan.ephemerals[-1].shown
    assert house.alan.modals == []


def test_whoever_took_it_goes_on(house: House) -> None:
    ask(house)
    house.alice.click(offer_to(house.alice), ActionId.REQUEST_TAKE)
    house.alice.close_all()
    house.sender.drain()
    assert house.alice.click(offer_to(house.alice), ActionId.REQUEST_TAKE).ok
    assert house.alice.modal.callback_id == "reset_verify"


def test_an_expired_trigger_leaves_the_request_taken_to_go_on_with(house: House) -> None:
    ask(house)
    offer = offer_to(house.alice)
    house.alice.click(offer, ActionId.REQUEST_TAKE, trigger_age=timedelta(seconds=4))
    house.sender.drain()
    assert "do that once more" in house.alice.ephemerals[-1].shown
    assert request_of(house).state is RequestState.TAKEN


def test_a_window_that_slack_does_not_open_leaves_it_taken_too(house: House) -> None:
    assert house.bob.open_home().ok
    assert house.bob.home is not None
    ask(house)
    offer = offer_to(house.alice)
    house.slack.faults.server_error("views.open", status=503)
    assert house.alice.click(offer, ActionId.REQUEST_TAKE).ok
    assert "Alice Archer takes care of it" in house.bob.home.shown
    house.sender.drain()
    assert house.alice.ephemerals[-1].shown == NOT_OPENED
    assert request_of(house).state is RequestState.TAKEN


def test_a_waiting_case_of_ones_own_is_said(house: House) -> None:
    ask(house)
    house.add_case()
    house.alice.click(offer_to(house.alice), ActionId.REQUEST_TAKE)
    assert "already asked to reset" in house.alice.modal.shown


def test_the_button_opens_the_form(house: House) -> None:
    body = click_body(
        house,
        ActionId.REQUEST_ASK,
        "ask",
        trigger_id=house.slack.workspace.issue_trigger(house.bob.id),
    )
    body["user"]["id"] = house.bob.id
    assert house.interact(body).status == 200
    assert house.bob.modal.callback_id == "request_reset"


def test_the_button_says_how_the_request_stands(house: House) -> None:
    ask(house)
    body = click_body(house, ActionId.REQUEST_ASK, "ask")
    body["user"]["id"] = house.bob.id
    body["trigger_id"] = house.slack.workspace.issue_trigger(house.bob.id)
    assert house.interact(body).status == 200
    assert "Nobody has taken it yet" in house.bob.modal.shown


def test_the_button_says_why_not(house: House) -> None:
    body = click_body(house, ActionId.REQUEST_ASK, "ask")
    carol = house.slack.person(house.world.carol.slack.user)
    body["user"]["id"] = carol.id
    body["trigger_id"] = house.slack.workspace.issue_trigger(carol.id)
    assert house.interact(body).status == 200
    assert "Nobody in Slack may reset your 2FA" in carol.modal.shown


def test_withdrawing_somebody_else_s_request_is_refused(house: House) -> None:
    request = ask(house)
    assert house.interact(click_body(house, ActionId.REQUEST_WITHDRAW, request.id)).status == 200
    house.sender.drain()
    assert "There is no such request for you" in house.alice.dm[-1].shown
    assert request_of(house) == request


def test_a_fault_is_said_under_the_reason(house: House) -> None:
    house.bob.command("/reset-2fa", "ask")
    house.workspace.available = False
    refused = house.bob.submit(house.bob.modal, {"account": "acme", "reason": "Lost it"})
    assert "could not reach Slack" in refused.errors["reason"]


class TestHome:
    def test_has_the_button_and_then_how_the_request_stands(self, house: House) -> None:
        assert house.bob.open_home().ok
        assert house.bob.home is not None
        assert ActionId.REQUEST_ASK in str(house.bob.home.spec)
        assert house.bob.click(house.bob.home, ActionId.REQUEST_ASK).ok
        assert house.bob.submit(house.bob.modal, {"account": "acme", "reason": "Lost it"}).ok
        house.bob.close_all()
        assert "Nobody has taken it yet" in house.bob.home.shown
        assert ActionId.REQUEST_ASK not in str(house.bob.home.spec)
        assert house.bob.click(house.bob.home, ActionId.REQUEST_WITHDRAW).ok
        assert ActionId.REQUEST_ASK in str(house.bob.home.spec)
        assert request_of(house).state is RequestState.WITHDRAWN

    @pytest.mark.parametrize("end", ["ask", "withdraw"])
    def test_that_cannot_be_drawn_anew_hides_nothing_of_what_was_done(
        self, house: House, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        """What was asked for, or withdrawn, is stored by then."""
        request = ask(house) if end == "withdraw" else None
        assert house.bob.open_home().ok
        monkeypatch.setattr(house.pages._home, "view", _no_database)  # noqa: SLF001  # as a fault
        if request is None:
            house.bob.command("/reset-2fa", "ask")
            filled = {"account": "acme", "reason": "Lost it"}
            assert house.bob.submit(house.bob.modal, filled).ok
            assert "Your request was sent" in house.bob.modal.shown
        else:
            assert house.bob.home is not None
            assert house.bob.click(house.bob.home, ActionId.REQUEST_WITHDRAW).ok
            house.sender.drain()
            assert house.bob.dm[-1].shown == WITHDRAWN

    def test_is_published_to_nobody_who_has_not_opened_it(self, house: House) -> None:
        ask(house)
        assert house.bob.home is None
