"""The forms: what is filled in badly, and what is tampered with, each under its field."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.domain.model.cases import CaseState, Proof
from bot.domain.model.people import Role
from playground.slack.model import Delivery, Json, View
from tests.fakes import Person
from tests.office import CHANNEL, Office
from tests.scenario.changes import (
    ask_for_help,
    errors_in,
    filled,
    forge,
    give_roles,
    hand_over_form,
    submission,
    unbind_slack,
)

Values = Mapping[str, Json | None]
NOTHING_CHOSEN: Json = {"selected_option": None}


def chosen(value: str) -> Json:
    return {"selected_option": {"value": value}}


def typed(value: str | None) -> Json:
    return {"value": value}


def resubmit(
    office: Office, who: Person, view: View, states: Values, *, metadata: str | None = None
) -> Delivery:
    """Send the form with those states, whatever Slack's client would say; None leaves one out."""
    given = {block: state for block, state in states.items() if state is not None}
    payload = submission(office, who, view, given)
    for block in states.keys() - given.keys():
        payload["view"]["state"]["values"].pop(block, None)
    if metadata is not None:
        payload["view"]["private_metadata"] = metadata
    return forge(office, payload)


def administer_both_accounts(office: Office) -> None:
    world = office.world
    both = {world.acme.id: Role.ADMINISTRATOR, world.globex.id: Role.ADMINISTRATOR}
    give_roles(office, world.alice, both)


class TestPicker:
    @pytest.fixture
    def picker(self, office: Office) -> View:
        """Return the picker before Alice; Bob is not in Slack."""
        unbind_slack(office, office.world.bob)
        assert office.type(office.world.alice, "").ok
        return office.as_(office.world.alice).modal

    def test_goes_on_to_the_code_and_to_a_case(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        assert office.type(office.world.alice, "").ok
        assert alice.modal.callback_id == "reset_pick"
        assert alice.submit(alice.modal, {"subscriber": "U01BOB"}).ok
        assert alice.modal.callback_id == "reset_verify"
        assert office.fill(office.world.alice, alice.modal).ok
        office.deliver()
        office.press(office.world.alice, "reset_yes")
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED

    def test_own_waiting_case_is_told_and_asked_again(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        first = office.request(office.world.alice, office.world.bob)
        office.type(office.world.alice, "")
        with office.refused():
            assert alice.submit(alice.modal, {"subscriber": "U01BOB"}).ok
        assert alice.modal.callback_id != "reset_verify"
        assert office.confirm_block(office.world.alice).ts != first.ts

    def test_nobody_stands_under_the_first_field(self, office: Office, picker: View) -> None:
        with office.refused("slack:reset:mention_missing"):
            refused = office.as_(office.world.alice).submit(picker, {})
        assert refused.errors.keys() == {"subscriber"}

    def test_two_people_stand_under_the_second_field(self, office: Office, picker: View) -> None:
        alice, bob = office.as_(office.world.alice), office.world.bob
        alice.suggest(picker, "contact", "bob")
        with office.refused("slack:reset:several_mentions"):
            refused = alice.submit(picker, {"subscriber": "U01ALAN", "contact": bob.id})
        assert refused.errors.keys() == {"contact"}

    @pytest.mark.parametrize(
        ("whom", "tag"),
        [
            ("carol", "outranked"),
            ("dana", "no_shared_account"),
            ("nobody", "subscriber_not_a_contact"),
        ],
    )
    def test_forged_contact_stands_under_its_field(
        self, office: Office, picker: View, whom: str, tag: str
    ) -> None:
        contact = {"carol": office.world.carol.id, "dana": office.world.dana.id}.get(whom, "con_x")
        with office.refused(f"slack:reset:{tag}"):
            answer = resubmit(office, office.world.alice, picker, {"contact": chosen(contact)})
        assert list(errors_in(answer)) == ["contact"]


class TestAccount:
    def test_is_chosen_when_several_are_possible(self, office: Office) -> None:
        administer_both_accounts(office)
        alice, globex = office.world.alice, office.world.globex
        assert office.fill(alice, office.ask(alice, office.world.bob), account=globex.id).ok
        assert office.cases(office.world.bob)[0].account_id == globex.id

    @pytest.mark.parametrize("account", [None, "globex-2", "initech", "' OR 1=1"])
    def test_that_was_not_offered(self, office: Office, account: str | None) -> None:
        administer_both_accounts(office)
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        given = chosen(account) if account else NOTHING_CHOSEN
        with office.refused("slack:reset:account_refused"):
            answer = resubmit(office, alice, view, filled(office, alice, account=given))
        assert list(errors_in(answer)) == ["account"]

    def test_of_others_is_refused_although_the_subscriber_belongs_to_it(
        self, office: Office
    ) -> None:
        """The view has no field for an account, since there is one."""
        alice, globex = office.world.alice, office.world.globex
        view = office.ask(alice, office.world.bob)
        assert "account" not in [block.get("block_id") for block in view.blocks]
        assert "Globex" not in view.shown
        with office.refused("slack:reset:account_refused"):
            states = filled(office, alice, account=chosen(globex.id))
            answer = resubmit(office, alice, view, states)
        assert list(errors_in(answer)) == ["code"]


class TestFields:
    def test_well_filled_in_by_forgery_is_taken(self, office: Office) -> None:
        """The forgeries below are refused for what they hold, not for being forged."""
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        states = filled(office, alice, ticket=typed(" HD-42 "))
        answer = resubmit(office, alice, view, states)
        assert (answer.status, answer.body) == (200, "")
        (case,) = office.cases(office.world.bob)
        assert (case.proof, case.reason, case.ticket) == (Proof.VIDEO, "Lost the phone", "HD-42")

    @pytest.mark.parametrize(
        ("field", "states", "tag"),
        [
            ("reason", (typed("   "), typed(None), None), "reason_missing"),
            ("reason", (typed("x" * 501),), "reason_too_long"),
            ("proof", (NOTHING_CHOSEN, chosen("he sounded right"), {}, None), "proof_missing"),
            ("ticket", (typed("x" * 101),), "ticket_unfit"),
            ("code", (typed(None), None), "code_malformed"),
        ],
    )
    def test_badly_filled_in(
        self, office: Office, field: str, states: tuple[Json | None, ...], tag: str
    ) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        for state in states:
            with office.refused(f"slack:reset:{tag}"):
                answer = resubmit(office, alice, view, {**filled(office, alice), field: state})
            assert list(errors_in(answer)) == [field]

    def test_reason_that_holds_a_code(self, office: Office) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        for reason in (
            *("my code is 123456", "123 456", "code 123-456, please", "1 2 3 4 5 6", "12 34 56"),
            *(
                "he read me \u0661\u0662\u0663\u0664\u0665\u0666",
                "\uff11\uff12\uff13\uff14\uff15\uff16",
            ),
        ):
            with office.refused("slack:reset:reason_holds_code"):
                assert list(office.fill(alice, view, reason=reason).errors) == ["reason"]
        assert office.type(alice, "<@U01BOB> he says 123456").ok
        assert office.as_(alice).modal.values["reason"]["value"]["value"] is None

    @pytest.mark.parametrize(
        ("field", "state", "tag"),
        [
            ("proof", NOTHING_CHOSEN, "proof_missing"),
            ("proof", chosen("by_post"), "proof_missing"),
            ("sign_in", NOTHING_CHOSEN, "sign_in_missing"),
            ("sign_in", chosen("session_x"), "sign_in_missing"),
            ("code", typed(None), "code_malformed"),
        ],
    )
    def test_of_a_hand_over(self, office: Office, field: str, state: Json, tag: str) -> None:
        alan, bob = office.world.alan, office.world.bob
        office.reset(office.world.alice, bob)
        for _ in range(2):
            office.browser().password(bob)
        office.deliver()
        view, _ = hand_over_form(office, alan)
        (sign_in,) = [b for b in view.blocks if b.get("block_id") == "sign_in"]
        well = {
            "proof": chosen("video"),
            "code": typed(alan.code(office.clock)),
            "sign_in": chosen(sign_in["element"]["options"][0]["value"]),
        }
        with office.refused(f"slack:hand_over:{tag}"):
            answer = resubmit(office, alan, view, {**well, field: state})
        assert list(errors_in(answer)) == [field]
        assert '"response_action": "update"' in resubmit(office, alan, view, well).body

    @pytest.mark.parametrize(
        ("field", "state", "tag"),
        [
            ("reason", typed("code 123456"), "reason_holds_code"),
            ("reason", typed("  "), "reason_missing"),
            ("account", chosen("elsewhere"), "account_refused"),
        ],
    )
    def test_of_ones_own_request(self, office: Office, field: str, state: Json, tag: str) -> None:
        bob = office.world.bob
        assert office.type(bob, "ask").ok
        view = office.as_(bob).modal
        well = {"account": chosen("acme"), "reason": typed("Lost it")}
        with office.refused(f"slack:request:{tag}"):
            answer = resubmit(office, bob, view, {**well, field: state})
        assert list(errors_in(answer)) == [field]
        office.as_(bob).close_all()
        ask_for_help(office, bob)


class TestTampering:
    @pytest.mark.parametrize(
        ("carried", "tag"),
        [
            ({"subscriber": "U01CAROL"}, "outranked"),
            ({"subscriber": "U01DANA"}, "no_shared_account"),
            ({"subscriber": "U01ALICE"}, "oneself_refused"),
            ({"subscriber": "U01GUEST"}, "guest_refused"),
            ({"subscriber": "U99NOBODY"}, "unknown_person"),
            ({"subscriber": None}, "unknown_person"),
            ({}, "unknown_person"),
        ],
        ids=str,
    )
    def test_other_subscriber_is_settled_anew(
        self, office: Office, carried: dict[str, Any], tag: str
    ) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        with office.refused(f"slack:reset:{tag}"):
            states = filled(office, alice)
            answer = resubmit(office, alice, view, states, metadata=json.dumps(carried))
        assert list(errors_in(answer)) == ["code"]

    def test_somebody_elses_modal_is_ones_own_request(self, office: Office) -> None:
        """The actor is whom Slack names; a view proves nothing."""
        world = office.world
        view = office.ask(world.alice, world.bob)
        with office.refused("slack:reset:oneself_refused"):
            answer = resubmit(office, world.bob, view, filled(office, world.alice))
        assert list(errors_in(answer)) == ["code"]
        assert office.records()[-1].actor == world.bob.id

    def test_another_persons_sign_in_gets_no_code_of_bobs_form(self, office: Office) -> None:
        world = office.world
        for admin, person in ((world.alice, world.bob), (world.carol, world.alice)):
            office.reset(admin, person)
            office.browser().password(person)
            office.deliver()
        view, values = hand_over_form(office, world.alan)
        with office.rekey.database.unit_of_work() as uow:
            (foreign,) = uow.sessions.waiting_of(world.alice.id, now=office.clock.now())
        for sign_in in (foreign.id, "session_of_nobody"):
            metadata = json.dumps({"subscriber": "U01BOB", "sign_in": sign_in})
            states = {"proof": chosen("video"), "code": typed(values["code"])}
            with office.refused("slack:hand_over:sign_in_missing"):
                answer = resubmit(office, world.alan, view, states, metadata=metadata)
            assert list(errors_in(answer)) == ["code"]


class TestShortcut:
    """The one on a message is about whoever wrote it, and what it says is no reason."""

    def test_of_a_message_resets_its_author(self, office: Office) -> None:
        world, alice = office.world, office.as_(office.world.alice)
        message = office.as_(world.bob).say("Lost it, says U01ALAN 123456", channel=CHANNEL)
        assert alice.shortcut("reset_message", message).ok
        assert "Lost it" not in str(alice.modal.spec)
        assert office.fill(world.alice, alice.modal).ok
        office.deliver()
        assert "reset_yes" in alice.dm[-1].action_ids
        office.press(world.alice, "reset_yes")
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED

    def test_of_a_message_says_that_ones_own_case_waits(self, office: Office) -> None:
        alice = office.as_(office.world.alice)
        office.request(office.world.alice, office.world.bob)
        message = office.as_(office.world.bob).say("Help", channel=CHANNEL)
        assert alice.shortcut("reset_message", message).ok
        assert alice.modal.callback_id != "reset_verify"
        office.deliver()
        assert "reset_yes" in alice.dm[-1].action_ids
        assert len(office.cases(office.world.bob)) == 1

    def test_of_what_an_app_wrote_is_refused(self, office: Office) -> None:
        """Even where it names the person in whose place it wrote."""
        alice, bob = office.as_(office.world.alice), office.as_(office.world.bob)
        payload = alice.shortcut("reset_message", bob.say("Help", channel=CHANNEL)).payload
        alice.close_all()
        ask_for_help(office, office.world.bob)  # so that Rekey writes to Alice
        for written in (
            {"bot_id": "B01APP", "user": "U01BOB"},
            {"bot_id": "B01APP"},
            {"subtype": "bot_message", "text": "hi"},
        ):
            with office.refused("slack:reset:bot_refused"):
                assert forge(office, payload | {"message": written}).status == 200
        with office.refused("slack:reset:bot_refused"):
            assert alice.shortcut("reset_message", alice.dm[-1]).ok
        assert alice.modals == []
