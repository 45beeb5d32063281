"""The tables from refusals to sentences; the sentences stand in docs/reference/refusals.md."""

import re
from datetime import timedelta

import pytest

from bot.blocks.case_words import words_of
from bot.blocks.endings import LOST
from bot.blocks.texts import SENTENCES, refusal_text
from bot.domain.model import errors
from bot.domain.model.cases import CaseState
from bot.domain.model.errors import Fault, PersonRefused, Refusal, ResetRefused
from bot.domain.model.people import SuspensionCause
from tests.fakes import NOON
from tests.unit.blocks.samples import HELP_CONTACT, case_view
from tests.unit.blocks.variants import changed


def family(of: type[Refusal | Fault]) -> list[type[Refusal | Fault]]:
    return [of, *(found for child in of.__subclasses__() for found in family(child))]


LATER = NOON + timedelta(minutes=4, seconds=1)
GIVEN: dict[type[Refusal | Fault], Refusal | Fault] = {
    type(refusal): refusal
    for refusal in (
        errors.CaseOpen("Carol Clark"),
        errors.StandingLost(errors.Outranked()),
        errors.CodeThrottled(LATER),
        errors.SetUpCodeThrottled(LATER),
        errors.SignInThrottled(LATER),
        errors.RemindedAlready(LATER),
        errors.RequestThrottled(LATER),
        errors.RequestTaken("Alan Ames"),
        errors.SomebodyEntitled(2),
        errors.SignInSuspended(SuspensionCause.LAPSED),
        errors.ImportFileUnfit([errors.FileFault(3, "no such role")]),
    )
}
"""Those that have something to tell."""


def example(of: type[Refusal | Fault]) -> Refusal | Fault:
    return GIVEN[of] if of in GIVEN else of()


EVERY = [*family(Refusal), *family(Fault)]


@pytest.mark.parametrize("of", EVERY)
def test_every_refusal_and_fault_has_a_finished_sentence(of: type[Refusal | Fault]) -> None:
    text = refusal_text(example(of), now=NOON)
    assert text.endswith(".")
    assert "{" not in text
    assert len(text) > 20


def test_the_table_names_nothing_else() -> None:
    assert set(SENTENCES) == set(EVERY)


def test_leaves_are_told_apart() -> None:
    ends = [of for of in EVERY if not of.__subclasses__()]
    assert len({refusal_text(example(of), now=NOON) for of in ends}) == len(ends)


def test_braces_in_a_name_stay_as_they_are() -> None:
    assert "{0} {x}" in refusal_text(errors.CaseOpen("{0} {x}"), now=NOON)


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(seconds=1), "in about 1 minute, at 12:00 UTC."),
        (timedelta(minutes=4, seconds=1), "in about 5 minutes, at 12:04 UTC."),
        (timedelta(minutes=-1), "in about 1 minute, at 11:59 UTC."),
        (timedelta(minutes=90), "in about 90 minutes, at 13:30 UTC."),
        (timedelta(minutes=91), "in about 2 hours, at 13:31 UTC."),
        (timedelta(hours=11, minutes=59), "in about 12 hours, at 23:59 UTC."),
        (timedelta(hours=21, minutes=5), "in about 22 hours, at 09:05 UTC on 2 January."),
        (timedelta(hours=24), "in about 24 hours, at 12:00 UTC on 2 January."),
    ],
)
def test_throttled_code_says_when_to_try_again(later: timedelta, words: str) -> None:
    assert words in refusal_text(errors.CodeThrottled(NOON + later), now=NOON)


@pytest.mark.parametrize(
    "of",
    [
        errors.ReportRefused,
        errors.NotTheSubscriber,
        errors.ReportTooLate,
        errors.AlreadyReported,
        errors.SignInSuspended,
        errors.NobodyEntitled,
        errors.RequestThrottled,
    ],
)
def test_whoever_is_to_call_somebody_reads_whom(of: type[Refusal]) -> None:
    assert f"call {HELP_CONTACT}." in refusal_text(example(of), now=NOON, help_contact=HELP_CONTACT)
    assert "call your help desk." in refusal_text(example(of), now=NOON)


def test_lost_standing_says_what_no_longer_holds() -> None:
    text = refusal_text(errors.StandingLost(errors.Outranked()), now=NOON)
    assert SENTENCES[errors.Outranked] in text


# -- why a case ended, as everybody may read it


OF_THE_ANSWER = {
    errors.CaseOpen,
    errors.CaseNotFound,
    errors.ConfirmExpired,
    errors.ConfirmedTooLongAgo,
    errors.AlreadyDecided,
    errors.StandingLost,
}
"""What is said to whoever asks or answers, and ends no case for what it rested on."""


def leaves(of: type[Refusal | Fault]) -> set[type[Refusal | Fault]]:
    return {kind for kind in family(of) if not kind.__subclasses__()}


def test_whatever_a_case_can_lose_has_its_words() -> None:
    assert leaves(PersonRefused) | leaves(ResetRefused) - OF_THE_ANSWER <= set(LOST)


@pytest.mark.parametrize("text", sorted(set(LOST.values())))
def test_nobody_is_spoken_to(text: str) -> None:
    assert not re.search(r"\byou", text, re.IGNORECASE)


def test_whoever_looks_at_a_case_reads_why_it_ended() -> None:
    ended = changed(case_view(CaseState.EXPIRED), ended_reason="admin_suspended")
    assert LOST[errors.AdminSuspended] in words_of(ended).state
