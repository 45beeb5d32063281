"""App Home as it is drawn: within Slack's limits, whatever people are called."""

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from bot.blocks.home import home, turned_away
from bot.blocks.home_desk import SEARCH_BLOCK, SEARCH_LENGTH
from bot.blocks.ids import ActionId
from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.desk.home import MOST_ACTS
from bot.domain.desk.home_view import CONTACTS_A_PAGE, Desk, HomeState, HomeView, Row
from bot.domain.model.audit import AuditEvent, AuditRecord, seal
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.errors import GuestRefused, NoAuthenticator, WorkspaceUnavailableError
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import Account, SuspensionCause, TwoFactor
from bot.domain.model.views import CaseList, CaseStatus, ContactEntry, OwnStatus
from playground.slack.block_kit import faults_in_view, is_too_large
from tests.unit.blocks import samples
from tests.unit.blocks.rules import assert_markup_is_ours, by_action, objects_in, words_of
from tests.unit.blocks.samples import (
    ALICE,
    BOB,
    HELP_CONTACT,
    HOSTILE,
    LONGEST,
    NOON,
    PORTAL_URL,
    WIDEST,
)

ACME = BOB.memberships[0].account
EMOJI = "\N{PILE OF POO}" * 255
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}" + "\N{HEBREW LETTER ALEF}" * 254
LEFT_FOR_OTHERS = 10
"""Blocks that the largest Home must leave free, for what else everybody sees."""

NO_ENTRY: dict[str, Any] = {
    "authenticators": 0,
    "last_used_at": None,
    "waits_for": None,
    "waits_since": None,
    "suspension": None,
}


def entry(**changes: Any) -> ContactEntry:
    return ContactEntry(**{"contact": BOB, **NO_ENTRY, **changes})


def desk(*rows: Row, **changes: Any) -> Desk:
    ordinary = Desk(
        account=ACME,
        accounts=(ACME,),
        rows=rows,
        total=len(rows),
        cases=CaseList(as_of=NOON, cases=(), total=0),
        acts=(),
        names={},
        exposed=(),
    )
    return replace(ordinary, **changes)


def view(shown: Desk | None = None, **changes: Any) -> HomeView:
    own = OwnStatus(
        contact=ALICE,
        authenticators=(samples.authenticator(),),
        set_up_required=False,
        suspension=None,
    )
    return HomeView(**{"as_of": NOON, "own": own, "state": HomeState(), "desk": shown, **changes})


def drawn(seen: HomeView) -> dict[str, Any]:
    return home(seen, portal_url=PORTAL_URL, help_contact=HELP_CONTACT)


def state_of(**changes: Any) -> str:
    """Return what is said beside the only contact in the list."""
    tab = drawn(view(desk(Row(entry=entry(**changes), can_reset=False))))
    (block,) = [b for b in tab["blocks"] if str(b.get("block_id")).startswith("home:contact")]
    return str(block["fields"][1]["text"])


def assert_is_valid(tab: dict[str, Any]) -> None:
    assert faults_in_view(tab, kind="home") == []
    assert not is_too_large(tab)
    assert_markup_is_ours(tab)
    for block in tab["blocks"]:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()


def largest(text: str) -> HomeView:
    """As much as a Home can show at once, everything in it called `text`."""
    person = samples.hostile_contact(text, key="c" * 60)
    contacts = [replace(person, id=ContactId(f"con_{n:060}")) for n in range(CONTACTS_A_PAGE)]
    suspension = samples.person_status().suspensions[0]
    rows = [
        Row(entry=entry(contact=each, authenticators=1, suspension=suspension), can_reset=True)
        for each in contacts
    ]
    status = samples.hostile_person_status(
        samples.hostile_case_view(text, state=CaseState.COMPLETED)
    )
    accounts = [
        Account(id=AccountId(f"acc_{n:060}"), name=text, two_factor=TwoFactor.REQUIRED)
        for n in range(250)
    ]
    shown = desk(
        *rows,
        account=accounts[0],
        accounts=tuple(accounts),
        total=10_000,
        cases=CaseList(as_of=NOON, cases=_apart(status.cases * 9)[:MOST_LISTED], total=37),
        acts=(act(),) * MOST_ACTS,
        names={"con_alice": text, BOB.id: text, "acme": text},
        exposed=tuple((each, 1) for each in contacts),
    )
    words = (text * SEARCH_LENGTH)[:SEARCH_LENGTH]
    return view(shown, state=HomeState(account_id=accounts[0].id, words=words, page=3))


def _apart(cases: tuple[CaseStatus, ...]) -> tuple[CaseStatus, ...]:
    return tuple(
        replace(c, view=replace(c.view, case=replace(c.view.case, id=CaseId(f"case_{n:055}"))))
        for n, c in enumerate(cases)
    )


def act(tag: str = "slack:case:awaiting_confirmation") -> AuditRecord:
    event = AuditEvent(
        tag=tag, at=NOON, actor="con_alice", subscriber=BOB.id, account=AccountId("acme")
    )
    return seal(event, number=1, previous_hash="0" * 64, salt="5a17")


class TestLimits:
    @pytest.mark.parametrize(
        "text",
        [LONGEST, WIDEST, HOSTILE, EMOJI, RIGHT_TO_LEFT, "x" * 255, "x", " "],
        ids=["longest", "widest", "hostile", "emoji", "right-to-left", "x255", "short", "blank"],
    )
    def test_the_largest_home_keeps_them(self, text: str) -> None:
        tab = drawn(largest(text))
        assert_is_valid(tab)
        assert len(tab["blocks"]) <= 100 - LEFT_FOR_OTHERS
        buttons = by_action(tab)
        assert {ActionId.HOME_PREVIOUS, ActionId.HOME_NEXT, ActionId.HOME_ALL} <= set(buttons)

    def test_cases_give_way_where_names_are_too_long(self) -> None:
        def shown(text: str) -> int:
            seen = largest(text)
            assert seen.desk is not None
            alone = replace(seen.desk, accounts=(seen.desk.account,))
            parts = objects_in(drawn(replace(seen, desk=alone)))
            drawn_ids = [part.get("action_id") for part in parts]
            return drawn_ids.count(ActionId.CASE_DETAILS)

        assert shown("x" * 255) == MOST_LISTED
        assert 0 < shown(EMOJI) < MOST_LISTED

    def test_no_room_for_any_case_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.blocks.home.LARGEST_TAB", 1)
        assert "too long to show here" in words_of(drawn(largest("x")))

    def test_an_empty_account_keeps_them(self) -> None:
        tab = drawn(view(desk()))
        assert_is_valid(tab)
        assert "Nobody is here." in words_of(tab)
        assert "Nothing was done in this account yet." in words_of(tab)
        assert "No case waits in this account." in words_of(tab)

    def test_those_turned_away_are_told_why_and_whom_to_call(self) -> None:
        for why in (GuestRefused(), WorkspaceUnavailableError()):
            tab = turned_away(why, now=NOON, help_contact=HELP_CONTACT)
            assert_is_valid(tab)
            assert HELP_CONTACT in words_of(tab)


class TestEverybody:
    def test_has_the_sign_in_page_and_what_to_do_without_the_phone(self) -> None:
        tab = drawn(view())
        assert_is_valid(tab)
        assert by_action(tab)[ActionId.OPEN_SET_UP]["url"] == PORTAL_URL
        assert "Phone lost or replaced?" in words_of(tab)
        assert HELP_CONTACT in words_of(tab)
        assert "All Contacts" not in words_of(tab)

    def test_says_why_an_administrator_sees_no_account(self) -> None:
        tab = drawn(view(no_desk=NoAuthenticator()))
        assert_is_valid(tab)
        assert len(tab["blocks"]) == len(drawn(view())["blocks"]) + 2


class TestContact:
    def test_set_up(self) -> None:
        assert state_of(authenticators=1) == "*Set up*, not used yet"
        used = state_of(authenticators=1, last_used_at=NOON)
        assert used.startswith("*Set up*, last used <!date^")

    def test_never_set_up(self) -> None:
        assert state_of() == "*Never set up*"

    def test_waiting_since(self) -> None:
        waiting = replace(BOB, set_up_required=True)
        assert state_of(contact=waiting) == "*To be set up* at the next sign-in"
        reset = state_of(contact=waiting, waits_for=CaseKind.RESET, waits_since=NOON)
        assert reset.startswith("*Reset, and waiting* for a set-up since <!date^")
        first = state_of(contact=waiting, waits_for=CaseKind.FIRST_SET_UP, waits_since=NOON)
        assert first.startswith("*First sign-in, and waiting* for a set-up since <!date^")

    @pytest.mark.parametrize("cause", SuspensionCause)
    def test_suspended_and_why(self, cause: SuspensionCause) -> None:
        held = replace(samples.person_status().suspensions[0], cause=cause)
        told = state_of(authenticators=1, suspension=held)
        assert told.startswith("*Suspended* since <!date^")
        others = {
            state_of(suspension=replace(held, cause=other))
            for other in SuspensionCause
            if other is not cause
        }
        assert told not in others

    def test_button_only_where_it_may_be_pressed(self) -> None:
        rows = [Row(entry=entry(), can_reset=False)]
        assert ActionId.HOME_RESET not in by_action(drawn(view(desk(*rows))))
        rows = [Row(entry=entry(), can_reset=True)]
        button = by_action(drawn(view(desk(*rows))))[ActionId.HOME_RESET]
        assert button["value"] == BOB.id
        assert button["accessibility_label"] == "Reset the 2FA of Bob Brown"

    def test_name_role_and_address_are_shown(self) -> None:
        words = words_of(drawn(view(desk(Row(entry=entry(), can_reset=False)))))
        assert "Bob Brown, member\nbob@acme.example" in words


class TestFinding:
    def test_one_account_needs_no_switch(self) -> None:
        assert ActionId.HOME_ACCOUNT not in by_action(drawn(view(desk())))

    def test_of_several_accounts_the_one_shown_is_chosen(self) -> None:
        other = replace(ACME, id=AccountId("globex"), name="Globex Inc")
        menu = by_action(drawn(view(desk(accounts=(ACME, other)))))[ActionId.HOME_ACCOUNT]
        assert menu["initial_option"]["value"] == ACME.id
        assert [each["value"] for each in menu["options"]] == [ACME.id, other.id]

    def test_of_very_many_accounts_a_hundred_are_offered_the_one_shown_among_them(self) -> None:
        accounts = tuple(replace(ACME, id=AccountId(f"acc_{n}")) for n in range(103))
        tab = drawn(view(desk(accounts=accounts, account=accounts[-1])))
        assert_is_valid(tab)
        menu = by_action(tab)[ActionId.HOME_ACCOUNT]
        assert len(menu["options"]) == 100
        assert menu["initial_option"]["value"] == accounts[-1].id
        assert "3 more are not offered" in words_of(tab)

    def test_only_pages_that_there_are_can_be_turned_to(self) -> None:
        rows = [Row(entry=entry(), can_reset=False)]
        alone = by_action(drawn(view(desk(*rows))))
        assert not {ActionId.HOME_PREVIOUS, ActionId.HOME_NEXT, ActionId.HOME_ALL} & set(alone)
        last = drawn(view(desk(*rows, total=10_000), state=HomeState(page=4)))
        assert "61 to 61 of 10,000" in words_of(last)
        full = by_action(drawn(view(desk(*rows, total=CONTACTS_A_PAGE))))
        assert ActionId.HOME_NEXT not in full

    def test_what_was_searched_for_stands_in_its_field_until_it_is_emptied(self) -> None:
        found = drawn(view(desk(), state=HomeState(words="bob")))
        assert "Nobody was found." in words_of(found)
        assert by_action(found)[ActionId.HOME_SEARCH]["initial_value"] == "bob"
        everybody = drawn(view(desk()))
        assert "initial_value" not in by_action(everybody)[ActionId.HOME_SEARCH]
        ids = [_search_block(tab) for tab in (found, everybody)]
        assert len(set(ids)) == 2

    def test_where_one_is_is_carried_along(self) -> None:
        state = HomeState(account_id=ACME.id, words="bob", page=2)
        carried = json.loads(drawn(view(desk(), state=state))["private_metadata"])
        assert carried == {"account": ACME.id, "words": "bob", "page": 2}


class TestWarning:
    def test_names_whom_too_few_can_reset(self) -> None:
        words = words_of(drawn(view(desk(exposed=((ALICE, 0), (BOB, 1))))))
        assert "• Alice Archer: nobody can" in words
        assert "• Bob Brown: 1 person can" in words
        assert "more" not in words.partition("Bob Brown: 1 person can")[2].partition("\n")[0]

    def test_counts_those_whom_it_does_not_name(self) -> None:
        assert "… and 2 more" in words_of(drawn(view(desk(exposed=((ALICE, 0),) * 12))))

    def test_is_absent_where_all_is_well(self) -> None:
        assert "Warning" not in words_of(drawn(view(desk())))


def test_acts_are_told_in_words() -> None:
    tab = drawn(view(desk(acts=(act("slack:case:declined"),), names={"con_alice": "Alice"})))
    assert "Alice answered No, and nothing was changed." in words_of(tab)


def _search_block(tab: dict[str, Any]) -> str:
    ids = [str(part["block_id"]) for part in objects_in(tab) if "block_id" in part]
    (found,) = [each for each in ids if each.startswith(SEARCH_BLOCK)]
    return found
