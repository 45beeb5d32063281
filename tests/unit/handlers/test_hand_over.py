"""Handing a set-up code over: the command, the picker, the modal."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.texts import NOT_OPENED
from bot.domain.model.cases import CaseState
from playground.slack import Delivery, View
from tests.unit.handlers.house import House, submission_body

SET_UP_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


@pytest.fixture
def session_id(house: House) -> str:
    """Have Bob wait for a set-up code after a reset by Alice."""
    house.add_case(CaseState.COMPLETED)
    return house.add_waiting_session()


@pytest.fixture
def modal(house: House, session_id: str) -> View:
    del session_id
    assert house.alan.command("/reset-2fa", "hand-over @bob").ok
    return house.alan.modal


def fill(house: House, modal: View, **values: str | None) -> Delivery:
    filled = {"proof": "called_back", "code": house.world.alan.code(house.clock), **values}
    return house.alan.submit(modal, filled)


def told(delivery: Delivery) -> str:
    answer = json.loads(delivery.body)
    assert answer["response_type"] == "ephemeral"
    return str(answer["text"])


class TestCommand:
    def test_opens_the_form(self, house: House, modal: View) -> None:
        del house
        assert modal.callback_id == "hand_over_verify"
        assert "bob@acme.example" in modal.shown
        assert "Firefox on Linux" in modal.shown

    @pytest.mark.parametrize("words", ["handover @bob", "HAND-OVER  <@U01BOB|bob> please"])
    @pytest.mark.usefixtures("session_id")
    def test_is_understood_in_other_words_too(self, house: House, words: str) -> None:
        assert house.alan.command("/reset-2fa", words).ok
        assert house.alan.modal.callback_id == "hand_over_verify"

    def test_a_refusal_is_told_and_recorded(self, house: House) -> None:
        delivery = house.alan.command("/reset-2fa", "hand-over @bob")
        assert "No sign-in of this person waits" in told(delivery)
        assert house.tags == ["slack:hand_over:nobody_waits"]
        assert house.alan.modals == []

    @pytest.mark.usefixtures("session_id")
    def test_the_admin_of_the_reset_is_refused(self, house: House) -> None:
        delivery = house.alice.command("/reset-2fa", "hand-over @bob")
        assert "somebody else has to hand over" in told(delivery)
        assert house.tags == ["slack:hand_over:hand_over_by_admin"]

    @pytest.mark.usefixtures("session_id")
    def test_an_expired_trigger_is_no_fault(self, house: House) -> None:
        late = house.alan.command("/reset-2fa", "hand-over @bob", trigger_age=timedelta(seconds=4))
        assert told(late) == NOT_OPENED

    def test_several_people_are_refused(self, house: House) -> None:
        delivery = house.alan.command("/reset-2fa", "hand-over @bob @alice")
        assert "several people" in told(delivery)


class TestPicker:
    def test_a_person_leads_to_the_form(self, house: House, session_id: str) -> None:
        assert house.alan.command("/reset-2fa", "hand-over").ok
        assert house.alan.modal.callback_id == "hand_over_pick"
        assert house.alan.submit(house.alan.modal, {"subscriber": house.bob.id}).ok
        assert house.alan.modal.callback_id == "hand_over_verify"
        assert json.loads(house.alan.modal.spec["private_metadata"])["sign_in"] == session_id

    @pytest.mark.usefixtures("session_id")
    def test_a_contact_who_is_not_in_slack_leads_to_the_form_and_the_code(
        self, house: House
    ) -> None:
        contacts, bob = house.database.state.contacts, house.world.bob
        contacts[bob.id] = replace(contacts[bob.id], slack=None)
        house.alan.command("/reset-2fa", "hand-over")
        house.alan.suggest(house.alan.modal, "contact", "bob")
        assert house.alan.submit(house.alan.modal, {"contact": bob.id}).ok
        assert fill(house, house.alan.modal).ok
        assert SET_UP_CODE.search(house.alan.modal.shown)

    def test_a_refusal_stands_under_its_field(self, house: House) -> None:
        house.alan.command("/reset-2fa", "hand-over")
        delivery = house.alan.submit(house.alan.modal, {"subscriber": house.bob.id})
        assert "waits" in delivery.errors["subscriber"]

    def test_a_fault_stands_under_its_field(self, house: House) -> None:
        house.alan.command("/reset-2fa", "hand-over")
        house.workspace.available = False
        delivery = house.alan.submit(house.alan.modal, {"subscriber": house.bob.id})
        assert "could not reach Slack" in delivery.errors["subscriber"]


class TestForm:
    def test_the_code_takes_the_place_of_the_form_and_stands_nowhere_else(
        self, house: House, modal: View
    ) -> None:
        assert fill(house, modal).ok
        (code,) = set(SET_UP_CODE.findall(house.alan.modal.shown))
        assert house.alan.modal.title == "A set-up code to give"
        house.sender.drain()
        written = repr((house.database.state, [m.blocks for m in house.slack.workspace.messages]))
        assert code not in written
        assert house.tags == ["slack:code:accepted", "slack:set_up_code:handed_over"]

    def test_the_subscriber_and_the_admin_are_told(self, house: House, modal: View) -> None:
        fill(house, modal)
        house.sender.drain()
        assert "shown to Alan Ames" in house.bob.dm[-1].shown
        assert house.bob.dm[-1].action_ids == ["reset_report"]
        assert "Alan Ames saw a set-up code of Bob Brown" in house.alice.dm[-1].shown

    def test_a_wrong_code_stands_under_the_code_and_counts(self, house: House, modal: View) -> None:
        assert "wrong" in fill(house, modal, code="000000").errors["code"]
        assert house.tags == ["slack:hand_over:code_wrong"]
        assert house.alan.modals == [modal]

    def test_a_sign_in_that_ended_stands_under_the_code(self, house: House, modal: View) -> None:
        with house.database.unit_of_work() as uow:
            uow.sessions.end_all(house.world.bob.id, now=house.clock.now())
            uow.commit()
        assert "waits" in fill(house, modal).errors["code"]

    def test_a_fault_stands_under_the_code(self, house: House, modal: View) -> None:
        house.workspace.available = False
        assert "could not reach Slack" in fill(house, modal).errors["code"]

    def test_of_several_sign_ins_the_chosen_one_gets_the_code(
        self, house: House, session_id: str
    ) -> None:
        other = house.add_waiting_session()
        house.alan.command("/reset-2fa", "hand-over @bob")
        assert fill(house, house.alan.modal, sign_in=session_id).ok
        with house.database.unit_of_work() as uow:
            waiting = uow.sessions.waiting_of(house.world.bob.id, now=house.clock.now())
        codes = {session.id: session.set_up_code_expires_at is not None for session in waiting}
        assert codes == {session_id: True, other: False}

    def test_the_code_is_for_the_sign_in_that_was_shown_though_another_came(
        self, house: House, session_id: str, modal: View
    ) -> None:
        other = house.add_waiting_session()
        assert fill(house, modal).ok
        with house.database.unit_of_work() as uow:
            waiting = uow.sessions.waiting_of(house.world.bob.id, now=house.clock.now())
        codes = {session.id: session.set_up_code_expires_at is not None for session in waiting}
        assert codes == {session_id: True, other: False}


class TestForged:
    """What Slack's client would not have sent."""

    def submit(self, house: House, session_id: str | None, **values: object) -> Delivery:
        state = {
            "proof": {"value": {"selected_option": {"value": "video"}}},
            "code": {"value": {"value": house.world.alan.code(house.clock)}},
            **values,
        }
        metadata = json.dumps({"subscriber": "U01BOB", "sign_in": session_id})
        shown = [{"block_id": "sign_in"}] if "sign_in" in values else []
        body = submission_body(
            house,
            "hand_over_verify",
            private_metadata=metadata,
            state={"values": state},
            blocks=shown,
        )
        body["user"] = {"id": house.alan.id, "team_id": house.slack.team_id}
        return house.interact(body)

    def test_without_forging_it_is_taken(self, house: House, session_id: str) -> None:
        assert '"response_action": "update"' in self.submit(house, session_id).body

    @pytest.mark.parametrize(
        ("values", "under"),
        [
            ({"proof": {"value": {"selected_option": None}}}, "proof"),
            ({"proof": {"value": {"selected_option": {"value": "by_post"}}}}, "proof"),
            ({"sign_in": {"value": {"selected_option": {"value": "session_x"}}}}, "sign_in"),
            ({"sign_in": {"value": {"selected_option": None}}}, "sign_in"),
            ({"code": {"value": {"value": None}}}, "code"),
        ],
    )
    def test_a_refusal_stands_under_its_field(
        self, house: House, session_id: str, values: dict[str, object], under: str
    ) -> None:
        carried = None if "sign_in" in values else session_id
        delivery = self.submit(house, carried, **values)
        assert f'"errors": {{"{under}"' in delivery.body

    @pytest.mark.usefixtures("session_id")
    def test_a_sign_in_of_nobodys_stands_under_the_code(self, house: House) -> None:
        assert '"errors": {"code"' in self.submit(house, "session_of_nobody").body
        assert house.tags == ["slack:hand_over:sign_in_missing"]
