"""Why a case ended, as everybody may read it."""

import re
from dataclasses import replace

import pytest

from bot.blocks.case_words import words_of
from bot.blocks.endings import LOST, ended_text
from bot.domain.model import errors
from bot.domain.model.cases import CaseState
from bot.domain.model.errors import Fault, PersonRefused, Refusal, ResetRefused
from bot.domain.resets.expiry import DEADLINE
from tests.unit.blocks.samples import case_view
from tests.unit.blocks.test_texts import family

OF_THE_ANSWER = {
    errors.CaseOpen,
    errors.CaseNotFound,
    errors.ConfirmExpired,
    errors.ConfirmedTooLongAgo,
    errors.AlreadyDecided,
    errors.StandingLost,
}
"""What is said to whoever asks or answers, and ends no case for what it rested on."""


def leaves(of: type[Refusal]) -> set[type[Refusal | Fault]]:
    return {kind for kind in family(of) if not kind.__subclasses__()}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (DEADLINE, "Nobody answered in time."),
        ("confirmed_too_long_ago", "It could not be carried out within a day of the Yes."),
        (
            "admin_suspended",
            "What it rested on no longer holds. The sign-in of whoever asked is suspended.",
        ),
        (
            "identity_replaced",
            (
                "What it rested on no longer holds. The Slack account of one of the two people was "
                "replaced meanwhile."
            ),
        ),
        ("something_newer", "It has ended."),
        (None, "It has ended."),
    ],
)
def test_an_ended_case_says_why(reason: str | None, words: str) -> None:
    assert ended_text(reason) == words


def test_whatever_a_case_can_lose_has_its_words() -> None:
    assert leaves(PersonRefused) | leaves(ResetRefused) - OF_THE_ANSWER <= set(LOST)


@pytest.mark.parametrize("text", sorted(set(LOST.values())))
def test_nobody_is_spoken_to(text: str) -> None:
    assert not re.search(r"\byou", text, re.IGNORECASE)


def test_whoever_looks_at_a_case_reads_it_in_the_third_person() -> None:
    expired = case_view(CaseState.EXPIRED)
    ended = replace(expired, case=replace(expired.case, ended_reason="admin_suspended"))
    assert "The sign-in of whoever asked is suspended." in words_of(ended).state
