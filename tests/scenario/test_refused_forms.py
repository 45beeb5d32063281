"""The picker and the code modal: the flow, what is filled in badly, and what is tampered with."""

import json
from typing import Any

import pytest

from bot.domain.model.cases import CaseState, Proof
from bot.domain.model.people import Role
from playground.slack.model import Delivery, View
from tests.fakes import Person
from tests.office import Office
from tests.scenario.changes import (
    errors_in,
    filled,
    forge,
    give_roles,
    submission,
    suspend,
)


def pick(office: Office, admin: Person, user: str) -> Delivery:
    """Type the bare command, and choose that person in the picker."""
    assert office.type(admin, "").ok
    slack = office.as_(admin)
    assert slack.modal.callback_id == "reset_pick"
    return slack.submit(slack.modal, {"subscriber": user})


def administer_both_accounts(office: Office) -> None:
    world = office.world
    both = {world.acme.id: Role.ADMINISTRATOR, world.globex.id: Role.ADMINISTRATOR}
    give_roles(office, world.alice, both)


class TestPicker:
    def test_goes_on_to_the_code_and_to_a_case(self, office: Office) -> None:
        alice = office.world.alice
        assert pick(office, alice, "U01BOB").ok
        view = office.as_(alice).modal
        assert view.callback_id == "reset_verify"
        assert "Bob Brown" in view.shown
        assert office.fill(alice, view).ok
        office.deliver()
        assert office.as_(alice).click(office.confirm_block(alice), "reset_yes").ok
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED

    @pytest.mark.parametrize(
        ("user", "tag", "words"),
        [
            ("U01ALICE", "oneself_refused", "Nobody resets their own 2FA"),
            ("U01CAROL", "outranked", "a higher role than you do"),
            ("U01DANA", "no_shared_account", "You administer no account"),
            ("U01GUEST", "guest_refused", "Guests of the workspace"),
            ("U01ROBOT", "bot_refused", "That is a bot"),
            ("U01EXT", "external_refused", "another workspace"),
            ("U01STRANGER", "subscriber_not_a_contact", "no contact bound"),
        ],
    )
    def test_refusal_stands_under_the_field(
        self, office: Office, user: str, tag: str, words: str
    ) -> None:
        with office.refused(f"slack:reset:{tag}"):
            delivery = pick(office, office.world.alice, user)
        assert list(delivery.errors) == ["subscriber"]
        assert words in delivery.errors["subscriber"]

    def test_opens_for_anybody_but_shows_nothing(self, office: Office) -> None:
        """Who may do what is settled as soon as somebody is named."""
        with office.refused("slack:reset:not_an_administrator"):
            delivery = pick(office, office.world.bob, "U01ALICE")
        assert "Only an administrator or owner" in delivery.errors["subscriber"]

    def test_own_waiting_case_is_told_and_asked_again(self, office: Office) -> None:
        alice = office.world.alice
        first = office.request(alice, office.world.bob)
        with office.refused():
            assert pick(office, alice, "U01BOB").ok
        assert "answer Yes or No" in office.as_(alice).modal.shown
        assert office.confirm_block(alice).ts != first.ts

    def test_nobody_chosen(self, office: Office) -> None:
        alice = office.world.alice
        office.type(alice, "")
        view = office.as_(alice).modal
        with office.refused("slack:reset:mention_missing"):
            answer = forge(office, submission(office, alice, view, {"subscriber": {}}))
        assert list(errors_in(answer)) == ["subscriber"]


class TestAccount:
    def test_is_chosen_when_several_are_possible(self, office: Office) -> None:
        administer_both_accounts(office)
        alice, globex = office.world.alice, office.world.globex
        view = office.ask(alice, office.world.bob)
        assert office.fill(alice, view, account=globex.id).ok
        (case,) = office.cases(office.world.bob)
        assert case.account_id == globex.id
        office.deliver()
        assert "Globex Inc" in office.confirm_block(alice).shown

    def test_is_not_asked_for_when_there_is_one(self, office: Office) -> None:
        view = office.ask(office.world.alice, office.world.bob)
        assert "account" not in [block.get("block_id") for block in view.blocks]
        assert "Globex" not in view.shown

    @pytest.mark.parametrize("account", [None, "globex-2", "initech", "' OR 1=1"])
    def test_that_was_not_offered(self, office: Office, account: str | None) -> None:
        administer_both_accounts(office)
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        chosen = {"selected_option": {"value": account} if account else None}
        states = filled(office, alice, account=chosen)
        with office.refused("slack:reset:account_refused"):
            answer = forge(office, submission(office, alice, view, states))
        assert list(errors_in(answer)) == ["account"]

    def test_of_others_is_refused_although_the_subscriber_belongs_to_it(
        self, office: Office
    ) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        foreign = {"selected_option": {"value": office.world.globex.id}}
        states = filled(office, alice, account=foreign)
        with office.refused("slack:reset:account_refused"):
            answer = forge(office, submission(office, alice, view, states))
        assert list(errors_in(answer)) == ["code"]  # the view has no field for an account
        assert office.cases(office.world.bob) == ()


class TestFields:
    @pytest.mark.parametrize(
        "reason",
        [
            "my code is 123456",
            "123 456",
            "code 123-456, please",
            "1 2 3 4 5 6",
            "12 34 56",
            "he read me ١٢٣٤٥٦",
            "full-width １２３４５６",  # noqa: RUF001  # digits of another script are the point
        ],
    )
    def test_reason_that_holds_a_code(self, office: Office, reason: str) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        with office.refused("slack:reset:reason_holds_code"):
            delivery = office.fill(alice, view, reason=reason)
        assert list(delivery.errors) == ["reason"]
        assert "digits that look like a code" in delivery.errors["reason"]

    def test_reason_that_holds_a_code_is_not_even_filled_in(self, office: Office) -> None:
        alice = office.world.alice
        assert office.type(alice, "<@U01BOB> he says 123456").ok
        assert office.as_(alice).modal.values["reason"]["value"]["value"] is None

    @pytest.mark.parametrize("reason", ["ticket 12345", "call 020 7946 0100", "order 1234567"])
    def test_reason_with_other_digits_is_taken(self, office: Office, reason: str) -> None:
        alice = office.world.alice
        assert office.fill(alice, office.ask(alice, office.world.bob), reason=reason).ok
        assert office.cases(office.world.bob)[0].reason == reason

    @pytest.mark.parametrize(
        ("states", "field", "tag"),
        [
            ({"reason": {"value": "   "}}, "reason", "reason_missing"),
            ({"reason": {"value": None}}, "reason", "reason_missing"),
            ({"reason": None}, "reason", "reason_missing"),
            ({"reason": {"value": "x" * 501}}, "reason", "reason_too_long"),
            ({"proof": {"selected_option": None}}, "proof", "proof_missing"),
            ({"proof": None}, "proof", "proof_missing"),
            (
                {"proof": {"selected_option": {"value": "he sounded right"}}},
                "proof",
                "proof_missing",
            ),
            ({"code": {"value": None}}, "code", "code_malformed"),
            ({"code": None}, "code", "code_malformed"),
        ],
    )
    def test_badly_filled_in(
        self, office: Office, states: dict[str, Any], field: str, tag: str
    ) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        payload = submission(office, alice, view, filled(office, alice, **states))
        for block in view.values.keys() - filled(office, alice, **states).keys():
            payload["view"]["state"]["values"].pop(block)
        with office.refused(f"slack:reset:{tag}"):
            answer = forge(office, payload)
        assert list(errors_in(answer)) == [field]

    def test_well_filled_in_by_the_same_means_is_taken(self, office: Office) -> None:
        """The forgeries above are refused for what they hold, not for being forged."""
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        answer = forge(office, submission(office, alice, view, filled(office, alice)))
        assert (answer.status, answer.body) == (200, "")
        (case,) = office.cases(office.world.bob)
        assert (case.proof, case.reason) == (Proof.VIDEO, "Lost the phone")


class TestTampering:
    def resubmit(self, office: Office, view: View, metadata: str) -> Delivery:
        alice = office.world.alice
        payload = submission(office, alice, view, filled(office, alice))
        payload["view"]["private_metadata"] = metadata
        return forge(office, payload)

    @pytest.mark.parametrize(
        ("user", "tag"),
        [
            ("U01CAROL", "outranked"),
            ("U01DANA", "no_shared_account"),
            ("U01ALICE", "oneself_refused"),
            ("U01GUEST", "guest_refused"),
            ("U99NOBODY", "unknown_person"),
            (None, "unknown_person"),
        ],
    )
    def test_other_subscriber_is_settled_anew(
        self, office: Office, user: str | None, tag: str
    ) -> None:
        view = office.ask(office.world.alice, office.world.bob)
        with office.refused(f"slack:reset:{tag}"):
            answer = self.resubmit(office, view, json.dumps({"subscriber": user}))
        assert list(errors_in(answer)) == ["code"]

    @pytest.mark.parametrize(
        "metadata", ["", "{", "[]", "7", '{"subscriber": 7}', '{"contact": 7}']
    )
    def test_other_shape_is_malformed(self, office: Office, metadata: str) -> None:
        view = office.ask(office.world.alice, office.world.bob)
        with office.refused():
            assert self.resubmit(office, view, metadata).status == 400

    def test_address_to_answer_to_cannot_be_anything(self, office: Office) -> None:
        view = office.ask(office.world.alice, office.world.bob)
        for url in ("file:///etc/passwd", "gopher://x", 7, "http://a b"):
            metadata = json.dumps({"subscriber": "U01BOB", "response_url": url})
            with office.refused():
                assert self.resubmit(office, view, metadata).status == 400

    def test_somebody_elses_modal_is_ones_own_request(self, office: Office) -> None:
        """The actor is whom Slack names; a view proves nothing."""
        world = office.world
        view = office.ask(world.alice, world.bob)
        payload = submission(office, world.bob, view, filled(office, world.alice))
        with office.refused("slack:reset:oneself_refused"):
            assert list(errors_in(forge(office, payload))) == ["code"]
        assert office.records()[-1].actor == world.bob.id


def test_suspended_between_picker_and_code(office: Office) -> None:
    alice = office.world.alice
    assert office.type(alice, "").ok
    suspend(office, alice)
    with office.refused("slack:reset:admin_suspended"):
        delivery = office.as_(alice).submit(office.as_(alice).modal, {"subscriber": "U01BOB"})
    assert "Your own sign-in is suspended" in delivery.errors["subscriber"]
