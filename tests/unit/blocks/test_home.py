"""App Home as it is drawn: within Slack's limits, whatever people are called.

Its words stand in `docs/reference/views.md`.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.blocks.home_desk import SEARCH_BLOCK, SEARCH_LENGTH
from bot.blocks.ids import ActionId
from bot.domain.desk.case_lists import MOST_LISTED
from bot.domain.desk.home import MOST_ACTS
from bot.domain.desk.home_view import CONTACTS_A_PAGE, Desk, HomeState, HomeView
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.views import CaseList, CaseStatus
from tests.fakes import NOON
from tests.unit.blocks import samples
from tests.unit.blocks.rules import (
    assert_markup_is_ours,
    assert_view_is_valid,
    by_action,
    objects_in,
    words_of,
)
from tests.unit.blocks.samples import ALICE, BOB, HOSTILE, LONGEST, PORTAL_URL, WIDEST
from tests.unit.blocks.variants import (
    ACME,
    GLOBEX,
    SUSPENSION,
    desk,
    home_view,
    record,
    row,
    tab,
)

EMOJI = "\N{PILE OF POO}" * 255
RIGHT_TO_LEFT = "\N{RIGHT-TO-LEFT OVERRIDE}" + "\N{HEBREW LETTER ALEF}" * 254
LEFT_FOR_OTHERS = 10
"""Blocks that the largest Home must leave free, for what else everybody sees."""


def largest(text: str) -> HomeView:
    """As much as a Home can show at once, everything in it called `text`."""
    person = samples.hostile_contact(text, key="c" * 60)
    contacts = [replace(person, id=ContactId(f"con_{n:060}")) for n in range(CONTACTS_A_PAGE)]
    rows = [
        row(contact=each, authenticators=1, suspension=SUSPENSION, can_reset=True)
        for each in contacts
    ]
    status = samples.hostile_person_status(
        samples.hostile_case_view(text, state=CaseState.COMPLETED)
    )
    accounts = [replace(ACME, id=AccountId(f"acc_{n:060}"), name=text) for n in range(250)]
    shown = desk(
        *rows,
        account=accounts[0],
        accounts=tuple(accounts),
        total=10_000,
        cases=CaseList(as_of=NOON, cases=_apart(status.cases * 9)[:MOST_LISTED], total=37),
        acts=(record("slack:case:awaiting_confirmation"),) * MOST_ACTS,
        names={"cont_alice": text, "cont_bob": text, "acme": text},
        exposed=tuple((each, 1) for each in contacts),
    )
    words = (text * SEARCH_LENGTH)[:SEARCH_LENGTH]
    return home_view(shown, state=HomeState(account_id=accounts[0].id, words=words, page=3))


def _apart(cases: tuple[CaseStatus, ...]) -> tuple[CaseStatus, ...]:
    return tuple(
        replace(c, view=replace(c.view, case=replace(c.view.case, id=CaseId(f"case_{n:055}"))))
        for n, c in enumerate(cases)
    )


def buttons(shown: Desk | None = None, **changes: Any) -> dict[str, dict[str, Any]]:
    return by_action(tab(home_view(shown, **changes)))


class TestLimits:
    @pytest.mark.parametrize(
        "text",
        [LONGEST, WIDEST, HOSTILE, EMOJI, RIGHT_TO_LEFT, "x" * 255, "x", " "],
        ids=["longest", "widest", "hostile", "emoji", "right-to-left", "x255", "short", "blank"],
    )
    def test_the_largest_home_keeps_them(self, text: str) -> None:
        view = tab(largest(text))
        assert_view_is_valid(view)
        assert_markup_is_ours(view)
        assert len(view["blocks"]) <= 100 - LEFT_FOR_OTHERS
        turned = {ActionId.HOME_PREVIOUS, ActionId.HOME_NEXT, ActionId.HOME_ALL}
        assert turned <= set(by_action(view))

    def test_cases_give_way_where_names_are_too_long(self) -> None:
        def shown(text: str) -> int:
            seen = largest(text)
            assert seen.desk is not None
            alone = replace(seen.desk, accounts=(seen.desk.account,))
            parts = objects_in(tab(replace(seen, desk=alone)))
            return [part.get("action_id") for part in parts].count(ActionId.CASE_DETAILS)

        assert shown("x" * 255) == MOST_LISTED
        assert 0 < shown(EMOJI) < MOST_LISTED

    def test_no_room_for_any_case_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bot.blocks.home.LARGEST_TAB", 1)
        assert "too long to show here" in words_of(tab(largest("x")))

    @pytest.mark.parametrize("shown", [None, desk()], ids=["of a member", "of an empty account"])
    def test_the_smallest_keeps_them_and_leads_to_the_portal(self, shown: Desk | None) -> None:
        view = tab(home_view(shown))
        assert_view_is_valid(view)
        assert by_action(view)[ActionId.OPEN_SET_UP]["url"] == PORTAL_URL
        assert ("All Contacts" in words_of(view)) is (shown is not None)


class TestReset:
    def test_button_stands_only_where_it_may_be_pressed(self) -> None:
        assert ActionId.HOME_RESET not in buttons(desk(row(can_reset=False)))
        button = buttons(desk(row(can_reset=True)))[ActionId.HOME_RESET]
        assert button["value"] == BOB.id
        assert button["accessibility_label"] == "Reset the 2FA of Bob Brown"


class TestFinding:
    def test_one_account_needs_no_switch(self) -> None:
        assert ActionId.HOME_ACCOUNT not in buttons(desk())

    def test_of_several_accounts_the_one_shown_is_chosen(self) -> None:
        menu = buttons(desk(accounts=(ACME, GLOBEX)))[ActionId.HOME_ACCOUNT]
        assert menu["initial_option"]["value"] == ACME.id
        assert [each["value"] for each in menu["options"]] == [ACME.id, GLOBEX.id]

    def test_of_very_many_accounts_a_hundred_are_offered_the_one_shown_among_them(self) -> None:
        accounts = tuple(replace(ACME, id=AccountId(f"acc_{n}")) for n in range(103))
        view = tab(home_view(desk(accounts=accounts, account=accounts[-1])))
        assert_view_is_valid(view)
        menu = by_action(view)[ActionId.HOME_ACCOUNT]
        assert len(menu["options"]) == 100
        assert menu["initial_option"]["value"] == accounts[-1].id
        assert "3 more are not offered" in words_of(view)

    def test_only_pages_that_there_are_can_be_turned_to(self) -> None:
        turned = {ActionId.HOME_PREVIOUS, ActionId.HOME_NEXT, ActionId.HOME_ALL}
        assert not turned & set(buttons(desk(row())))
        assert ActionId.HOME_NEXT not in buttons(desk(row(), total=CONTACTS_A_PAGE))
        assert ActionId.HOME_NEXT in buttons(desk(row(), total=CONTACTS_A_PAGE + 1))

    def test_what_was_searched_for_stands_in_its_field_until_it_is_emptied(self) -> None:
        found = tab(home_view(desk(), state=HomeState(words="bob")))
        everybody = tab(home_view(desk()))
        assert by_action(found)[ActionId.HOME_SEARCH]["initial_value"] == "bob"
        assert "initial_value" not in by_action(everybody)[ActionId.HOME_SEARCH]
        assert _search_block(found) != _search_block(everybody)

    def test_where_one_is_is_carried_along(self) -> None:
        state = HomeState(account_id=ACME.id, words="bob", page=2)
        carried = json.loads(tab(home_view(desk(), state=state))["private_metadata"])
        assert carried == {"account": ACME.id, "words": "bob", "page": 2}


@pytest.mark.parametrize(("exposed", "named", "more"), [(0, 0, 0), (10, 10, 0), (12, 10, 2)])
def test_the_warning_names_ten_and_counts_the_rest(exposed: int, named: int, more: int) -> None:
    words = words_of(tab(home_view(desk(exposed=((ALICE, 0),) * exposed))))
    assert words.count("• Alice Archer") == named
    assert ("Warning" in words) is (named > 0)
    assert (f"… and {more} more" in words) is (more > 0)


def _search_block(view: dict[str, Any]) -> str:
    ids = [str(part["block_id"]) for part in objects_in(view) if "block_id" in part]
    (found,) = [each for each in ids if each.startswith(SEARCH_BLOCK)]
    return found
