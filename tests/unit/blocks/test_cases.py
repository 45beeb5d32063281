"""What may be pressed beside a person's cases; the words stand in `docs/reference/views.md`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.case_words import age, describe, how_lifted, kind_of, why_suspended, words_of
from bot.blocks.cases import case_list, own_cases, pending_cases, person_status
from bot.blocks.own_status import own_status
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import SuspensionCause
from bot.domain.model.views import CaseList
from tests.fakes import NOON
from tests.unit.blocks import samples
from tests.unit.blocks.rules import by_action
from tests.unit.blocks.variants import changed, own

NONE = CaseList(as_of=NOON, cases=(), total=0)


class TestWords:
    @pytest.mark.parametrize("state", CaseState)
    def test_every_state_has_its_own(self, state: CaseState) -> None:
        words = words_of(samples.case_view(state))
        assert all(
            text and "{" not in text for text in (words.state, words.missing, words.following)
        )
        assert [describe(other).state for other in CaseState].count(describe(state).state) == 1

    def test_every_kind_and_every_cause_has_its_own(self) -> None:
        kinds = {kind_of(changed(samples.case_view(), kind=kind)) for kind in CaseKind}
        assert len(kinds) == len(CaseKind)
        for told in (why_suspended, how_lifted):
            assert len({told(cause) for cause in SuspensionCause}) == len(SuspensionCause)

    @pytest.mark.parametrize(
        ("passed", "words"),
        [
            (timedelta(seconds=59), "just now"),
            (timedelta(minutes=1), "1 minute ago"),
            (timedelta(minutes=59), "59 minutes ago"),
            (timedelta(hours=23, minutes=59), "23 hours ago"),
            (timedelta(days=1), "1 day ago"),
            (timedelta(days=400), "400 days ago"),
        ],
    )
    def test_age_is_told_in_the_largest_unit(self, passed: timedelta, words: str) -> None:
        assert age(NOON, now=NOON + passed) == words


class TestButtons:
    @pytest.mark.parametrize(
        ("state", "buttons"),
        [
            (CaseState.AWAITING_CONFIRMATION, ["case_cancel", "case_details"]),
            (CaseState.EXECUTING, ["case_details"]),
            (CaseState.COMPLETED, ["case_remind", "case_take_over", "case_details"]),
            (CaseState.VETOED, ["case_take_over", "case_details"]),
            (CaseState.RE_ENROLLED, ["case_details"]),
        ],
    )
    def test_are_those_for_what_may_be_done(self, state: CaseState, buttons: list[str]) -> None:
        view = samples.case_view(state)
        found = by_action(person_status(samples.person_status(view)).blocks)
        assert list(found) == buttons
        assert {part["value"] for part in found.values()} == {view.case.id}

    def test_the_dangerous_one_asks_once_more(self) -> None:
        drawn = person_status(samples.person_status(samples.case_view()))
        cancel = by_action(drawn.blocks)["case_cancel"]
        assert cancel["style"] == "danger"
        assert cancel["confirm"]["style"] == "danger"

    def test_none_of_nothing_nor_beside_ones_own(self) -> None:
        assert by_action(person_status(samples.person_status()).blocks) == {}
        assert by_action(own_status(own(), help_contact=None).blocks) == {}


def test_where_not_all_were_looked_through_it_is_not_said_that_none_waits() -> None:
    """Whoever reads that nothing waits may rely on it."""
    for drawn in (own_cases, pending_cases):
        assert drawn(replace(NONE, at_least=True)).text != drawn(NONE).text
    assert case_list("Cases", NONE, otherwise="Nothing waits.").text == "Nothing waits."
