"""The modals, with ordinary and with hostile values."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.blocks import modals
from bot.blocks.elements import View
from bot.blocks.modals import Context
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import Channel
from bot.domain.model.people import Account, Session, TwoFactor
from bot.domain.model.reset_form import Named
from tests.unit.blocks.rules import (
    as_json,
    assert_markup_is_ours,
    assert_view_is_valid,
    by_block,
    words_of,
)
from tests.unit.blocks.samples import (
    BOB,
    HELP_CONTACT,
    LONGEST,
    NOON,
    WIDEST,
    authenticator,
    case_view,
    form,
    hostile_case_view,
    hostile_contact,
    session,
)

RESPONSE_URL = "https://hooks.slack.example/commands/1"
CONTEXT = Context(
    subscriber=Named(slack_user="U0BOB"), response_url=RESPONSE_URL, reason="Lost his phone"
)


def accounts(count: int, name: str = "Account") -> tuple[Account, ...]:
    return tuple(
        Account(id=AccountId(f"a{n}"), name=f"{name} {n}", two_factor=TwoFactor.OPTIONAL)
        for n in range(count)
    )


class TestCodeModal:
    def test_ids_are_those_of_the_contract(self) -> None:
        view = modals.code_modal(form(*accounts(2)), CONTEXT)
        assert_view_is_valid(view)
        assert view["callback_id"] == "reset_verify"
        assert list(by_block(view)) == ["account", "proof", "reason", "ticket", "code"]
        assert {b["element"]["action_id"] for b in by_block(view).values()} == {"value"}

    def test_proof_is_a_required_choice_of_four(self) -> None:
        proof = by_block(modals.code_modal(form(), CONTEXT))["proof"]
        assert proof["optional"] is False
        values = [option["value"] for option in proof["element"]["options"]]
        assert values == ["in_person", "video", "called_back", "manager"]
        assert "initial_option" not in proof["element"]

    def test_one_account_is_no_choice(self) -> None:
        assert "account" not in by_block(modals.code_modal(form(), CONTEXT))

    def test_account_options_carry_the_accounts_ids(self) -> None:
        account = by_block(modals.code_modal(form(*accounts(2)), CONTEXT))["account"]
        assert [o["value"] for o in account["element"]["options"]] == ["a0", "a1"]

    def test_more_accounts_than_a_menu_holds_are_grouped(self) -> None:
        view = modals.code_modal(form(*accounts(250, name=LONGEST)), CONTEXT)
        assert_view_is_valid(view)
        groups = by_block(view)["account"]["element"]["option_groups"]
        assert [len(group["options"]) for group in groups] == [100, 100, 50]

    @pytest.mark.parametrize("count", [2, 250])
    def test_begins_with_the_account_that_is_known(self, count: int) -> None:
        last = AccountId(f"a{count - 1}")
        view = modals.code_modal(form(*accounts(count)), replace(CONTEXT, account_id=last))
        assert_view_is_valid(view)
        assert by_block(view)["account"]["element"]["initial_option"]["value"] == last

    def test_begins_with_no_account_where_another_is_known(self) -> None:
        context = replace(CONTEXT, account_id=AccountId("elsewhere"))
        view = modals.code_modal(form(*accounts(2)), context)
        assert "initial_option" not in by_block(view)["account"]["element"]

    @pytest.mark.parametrize(
        "word",
        [
            "Bob Brown",
            "bob",
            "bob@acme.example",
            "+44 20 7946 0101",
            "carol@acme.example",
            "Acme Ltd (member)",
            "bound <!date^1767268800^",
            "last used never",
            "*Last reset*",
        ],
    )
    def test_shows_who_the_subscriber_is(self, word: str) -> None:
        assert word in words_of(modals.code_modal(form(), CONTEXT))

    def test_says_what_is_missing(self) -> None:
        bare = replace(
            form(subscriber=replace(BOB, phone=None, manager=None)),
            authenticators=(),
            last_reset_at=None,
        )
        words = words_of(modals.code_modal(bare, CONTEXT))
        assert words.count("none on file") == 2
        assert "none active" in words
        assert "never" in words

    def test_reason_is_filled_in(self) -> None:
        reason = by_block(modals.code_modal(form(), CONTEXT))["reason"]["element"]
        assert reason["initial_value"] == "Lost his phone"
        assert reason["max_length"] == 500

    @pytest.mark.parametrize("reason", ["", "  ", "code 123456", "123 456", "１２３４５６"])  # noqa: RUF001  # full-width digits are digits too
    def test_a_reason_that_is_empty_or_holds_a_code_is_not(self, reason: str) -> None:
        view = modals.code_modal(form(), replace(CONTEXT, reason=reason))
        assert "initial_value" not in by_block(view)["reason"]["element"]

    def test_ticket_alone_is_optional(self) -> None:
        blocks = by_block(modals.code_modal(form(*accounts(2)), CONTEXT))
        assert [name for name, block in blocks.items() if block["optional"]] == ["ticket"]

    @pytest.mark.parametrize("text", [LONGEST, WIDEST, "", "x" * 255], ids=repr)
    def test_hostile_values_stay_within_limits_and_inert(self, text: str) -> None:
        subscriber = hostile_contact(text, key="bob")
        full = replace(
            form(*accounts(99, name=text), subscriber=subscriber),
            authenticators=tuple(authenticator(n) for n in range(40)),
        )
        context = Context(
            subscriber=Named(slack_user="U" * 40),
            response_url="https://x.example/" + "y" * 900,
            reason=text * 9,
        )
        view = modals.code_modal(full, context)
        assert_view_is_valid(view)
        assert_markup_is_ours(view)


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ((Channel.SLACK, Channel.EMAIL), None),
        ((Channel.EMAIL,), "An e-mail tells them of the reset."),
        ((), "You have to tell them yourself."),
    ],
)
def test_code_modal_says_who_must_tell_somebody_who_is_not_in_slack(
    ways: tuple[Channel, ...], words: str | None
) -> None:
    view = modals.code_modal(replace(form(), ways=ways), CONTEXT)
    assert_view_is_valid(view)
    shown = words_of(view)
    assert ("not in Slack" in shown) is (words is not None)
    if words:
        assert words in shown
        assert "/reset-2fa hand-over" in shown


def test_metadata_holds_the_way_back() -> None:
    view = modals.code_modal(form(), CONTEXT)
    assert json.loads(view["private_metadata"]) == {
        "subscriber": "U0BOB",
        "contact": None,
        "response_url": RESPONSE_URL,
        "reason": "",
        "sign_in": None,
    }


def test_an_overlong_response_url_is_left_out() -> None:
    dumped = Context(response_url="https://x/" + "y" * 3000).dump()
    assert json.loads(dumped)["response_url"] is None


def test_report_confirm_carries_the_case_and_says_what_happens() -> None:
    view = modals.report_confirm(case_view())
    assert_view_is_valid(view)
    assert view["callback_id"] == "reset_report_confirm"
    assert view["private_metadata"] == case_view().case.id
    for word in ("suspended", "authenticator stops", "session ends", "are told"):
        assert word in words_of(view)


def test_report_taken_says_whom_to_call() -> None:
    view = modals.report_taken(HELP_CONTACT)
    assert_view_is_valid(view)
    assert HELP_CONTACT in words_of(view)


def test_a_waiting_case_says_until_when_in_the_readers_own_zone() -> None:
    drawn = modals.waiting(case_view())
    assert drawn.text.endswith("answer Yes or No until 1 January 2026, 12:05 UTC.")
    assert "answer Yes or No.\n*Answer by*\n<!date^1767269100^" in words_of(drawn.blocks)


def set_up_code(waiting: Session, *, expires_at: datetime = NOON) -> View:
    return modals.set_up_code(
        "ABCD-2345", waiting, expires_at=expires_at, help_contact=HELP_CONTACT
    )


class TestSetUpCode:
    def test_is_shown_in_two_groups_with_the_sign_in_and_its_end(self) -> None:
        view = set_up_code(session(), expires_at=NOON + timedelta(minutes=10))
        assert_view_is_valid(view)
        words = words_of(view)
        for word in ("ABCD-2345", "Nobody ever asks", "Firefox", "192.0.2.7", "<!date^1767269400^"):
            assert word in words

    def test_says_whom_to_call(self) -> None:
        words = words_of(set_up_code(session()))
        assert f"and call {HELP_CONTACT}: somebody knows your password." in words

    def test_stands_nowhere_but_before_its_reader(self) -> None:
        view = set_up_code(session())
        assert "private_metadata" not in view
        assert as_json(view).count("ABCD") == 1

    def test_hostile_browser_is_inert(self) -> None:
        view = set_up_code(session(LONGEST * 4, WIDEST))
        assert_view_is_valid(view)
        assert_markup_is_ours(view)


@pytest.mark.parametrize("text", [LONGEST, WIDEST, ""], ids=repr)
def test_other_modals_bear_hostile_values(text: str) -> None:
    view = hostile_case_view(text)
    for drawn in (
        modals.already_waiting(view),
        modals.report_confirm(view),
        modals.report_taken(text),
        modals.told("Reset 2FA", [text or "-"]),
    ):
        assert_view_is_valid(drawn)
        assert_markup_is_ours(drawn)


def test_a_ticket_is_asked_for_only_where_one_is_required() -> None:
    for required in (False, True):
        view = modals.code_modal(replace(form(), ticket_required=required), modals.Context())
        (ticket,) = [block for block in view["blocks"] if block.get("block_id") == "ticket"]
        assert ticket["optional"] is not required
        assert ("hint" in ticket) is required
