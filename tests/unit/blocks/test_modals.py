"""What the modals ask for and carry; their words stand in `docs/reference/views.md`."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.blocks import hand_over, modals, picker
from bot.blocks.elements import View
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Account
from bot.domain.model.reset_form import Named
from bot.domain.set_up.handing_over import HandedOver
from tests.unit.blocks.rules import as_json, assert_view_is_valid, by_block, words_of
from tests.unit.blocks.samples import BOB, HELP_CONTACT, LONGEST, case_view, form, session
from tests.unit.blocks.variants import (
    ACME,
    CONTEXT,
    GLOBEX,
    LATER,
    NAMED,
    hand_over_form,
    shown_code,
)

PROOFS = ["in_person", "video", "called_back", "manager"]


def accounts(count: int, name: str = "Account") -> tuple[Account, ...]:
    return tuple(replace(ACME, id=AccountId(f"a{n}"), name=f"{name} {n}") for n in range(count))


def reset_form(*given: Account, **context: Any) -> View:
    return modals.code_modal(form(*given), replace(CONTEXT, **context))


def options(view: View, block: str) -> list[str]:
    return [option["value"] for option in by_block(view)[block]["element"]["options"]]


@pytest.mark.parametrize(
    ("view", "callback", "blocks", "optional"),
    [
        (
            reset_form(*accounts(2)),
            "reset_verify",
            ["account", "proof", "reason", "ticket", "code"],
            ["ticket"],
        ),
        (reset_form(), "reset_verify", ["proof", "reason", "ticket", "code"], ["ticket"]),
        (
            hand_over.hand_over_modal(hand_over_form(2), NAMED),
            "hand_over_verify",
            ["sign_in", "proof", "code"],
            [],
        ),
        (
            hand_over.hand_over_modal(hand_over_form(), NAMED),
            "hand_over_verify",
            ["proof", "code"],
            [],
        ),
        (
            picker.reset_picker(CONTEXT),
            "reset_pick",
            ["subscriber", "contact"],
            ["subscriber", "contact"],
        ),
        (
            picker.hand_over_picker(),
            "hand_over_pick",
            ["subscriber", "contact"],
            ["subscriber", "contact"],
        ),
        (modals.report_confirm(case_view()), "reset_report_confirm", [], []),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_ids_are_those_of_the_contract(
    view: View, callback: str, blocks: list[str], optional: list[str]
) -> None:
    assert_view_is_valid(view)
    assert view["callback_id"] == callback
    inputs = {name: block for name, block in by_block(view).items() if block["type"] == "input"}
    assert list(inputs) == blocks
    assert [name for name, block in inputs.items() if block["optional"]] == optional
    assert {block["element"]["action_id"] for block in inputs.values()} <= {"value"}


@pytest.mark.parametrize("view", [reset_form(), hand_over.hand_over_modal(hand_over_form(), NAMED)])
def test_a_proof_has_to_be_chosen_among_four(view: View) -> None:
    assert options(view, "proof") == PROOFS
    assert "initial_option" not in by_block(view)["proof"]["element"]


class TestAccount:
    def test_options_carry_the_accounts_ids(self) -> None:
        assert options(reset_form(*accounts(2)), "account") == ["a0", "a1"]

    def test_more_than_a_menu_holds_are_grouped(self) -> None:
        view = reset_form(*accounts(250, name=LONGEST))
        assert_view_is_valid(view)
        groups = by_block(view)["account"]["element"]["option_groups"]
        assert [len(group["options"]) for group in groups] == [100, 100, 50]

    @pytest.mark.parametrize("count", [2, 250])
    def test_the_one_that_is_known_is_chosen(self, count: int) -> None:
        last = AccountId(f"a{count - 1}")
        view = reset_form(*accounts(count), account_id=last)
        assert_view_is_valid(view)
        assert by_block(view)["account"]["element"]["initial_option"]["value"] == last

    def test_none_is_chosen_where_another_is_known(self) -> None:
        view = reset_form(*accounts(2), account_id=AccountId("elsewhere"))
        assert "initial_option" not in by_block(view)["account"]["element"]


class TestReason:
    def test_what_was_typed_is_filled_in(self) -> None:
        reason = by_block(reset_form())["reason"]["element"]
        assert (reason["initial_value"], reason["max_length"]) == ("Lost his phone", 500)

    @pytest.mark.parametrize("reason", ["", "  ", "code 123456", "123 456", "１２３４５６"])  # noqa: RUF001  # full-width digits are digits too
    def test_nothing_that_is_empty_or_holds_a_code_is_filled_in(self, reason: str) -> None:
        assert "initial_value" not in by_block(reset_form(reason=reason))["reason"]["element"]


@pytest.mark.parametrize("required", [False, True])
def test_a_ticket_is_asked_for_only_where_one_is_required(*, required: bool) -> None:
    view = modals.code_modal(replace(form(), ticket_required=required), CONTEXT)
    ticket = by_block(view)["ticket"]
    assert ticket["optional"] is not required
    assert ("hint" in ticket) is required


class TestMetadata:
    def test_holds_the_way_back_and_no_reason_that_the_form_shows(self) -> None:
        assert json.loads(reset_form()["private_metadata"]) == {
            "subscriber": "U0BOB",
            "contact": None,
            "response_url": CONTEXT.response_url,
            "reason": "",
            "sign_in": None,
        }

    def test_of_the_picker_holds_the_reason(self) -> None:
        carried = json.loads(picker.reset_picker(CONTEXT)["private_metadata"])
        assert (carried["reason"], carried["response_url"]) == (
            "Lost his phone",
            CONTEXT.response_url,
        )

    def test_an_overlong_response_url_is_left_out(self) -> None:
        dumped = modals.Context(response_url="https://x/" + "y" * 3000).dump()
        assert json.loads(dumped)["response_url"] is None

    def test_a_report_carries_its_case(self) -> None:
        assert modals.report_confirm(case_view())["private_metadata"] == case_view().case.id

    def test_a_contact_who_is_not_in_slack_is_carried_by_id(self) -> None:
        named = Named(contact_id=ContactId("con_bob"))
        view = hand_over.hand_over_modal(hand_over_form(), named)
        carried = json.loads(view["private_metadata"])
        assert (carried["subscriber"], carried["contact"]) == (None, "con_bob")

    @pytest.mark.parametrize(("count", "carried"), [(1, "sign_in_0"), (2, None)])
    def test_the_only_sign_in_is_carried_and_of_several_none(
        self, count: int, carried: str | None
    ) -> None:
        view = hand_over.hand_over_modal(hand_over_form(count), NAMED)
        assert json.loads(view["private_metadata"])["sign_in"] == carried


def test_of_several_sign_ins_one_has_to_be_chosen() -> None:
    view = hand_over.hand_over_modal(hand_over_form(2), NAMED)
    assert options(view, "sign_in") == ["sign_in_0", "sign_in_1"]
    assert "initial_option" not in by_block(view)["sign_in"]["element"]


def test_a_case_of_an_account_that_is_not_shared_is_told_of_in_no_detail() -> None:
    given = hand_over_form()
    assert given.case is not None
    elsewhere = replace(given, case=replace(given.case, account=GLOBEX))
    shown = words_of(hand_over.hand_over_modal(elsewhere, NAMED))
    assert "2FA was reset" in shown
    assert GLOBEX.name not in shown
    assert "Alice Archer" not in shown


@pytest.mark.parametrize(
    "view",
    [
        modals.set_up_code("ABCD-2345", session(), expires_at=LATER, help_contact=HELP_CONTACT),
        hand_over.code_to_give(HandedOver(subscriber=BOB, shown=shown_code())),
    ],
    ids=["one's own", "to give"],
)
def test_a_set_up_code_stands_nowhere_but_before_its_reader(view: View) -> None:
    assert_view_is_valid(view)
    assert as_json(view).count("ABCD") == 1
    assert "private_metadata" not in view
    assert "submit" not in view


def test_a_picker_searches_from_two_characters_and_offers_contacts_under_their_id() -> None:
    element = by_block(picker.reset_picker(CONTEXT))["contact"]["element"]
    assert element["min_query_length"] == 2
    (offer,) = picker.suggestions([BOB])
    assert (offer["text"]["text"], offer["value"]) == ("Bob Brown (bob@acme.example)", BOB.id)
