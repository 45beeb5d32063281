"""What of a filled-in form can be used."""

import re

import pytest

from bot.domain.model.cases import Proof
from bot.domain.model.errors import (
    ProofMissing,
    ReasonHoldsCode,
    ReasonMissing,
    ReasonTooLong,
    TicketMissing,
    TicketUnfit,
)
from bot.domain.model.reset_form import (
    REASON_LENGTH,
    TICKET_LENGTH,
    FilledForm,
    Named,
    looks_like_a_code,
    verify_proof,
    verify_reason,
    verify_ticket,
)

PATTERN = re.compile("HD-[0-9]+")


def test_a_reason_is_kept_on_one_line() -> None:
    assert verify_reason("  Lost   the\nphone ") == "Lost the phone"


@pytest.mark.parametrize("typed", ["", "   ", "\n\t"])
def test_no_reason_is_refused(typed: str) -> None:
    with pytest.raises(ReasonMissing):
        verify_reason(typed)


def test_the_longest_reason_fits_and_one_more_does_not() -> None:
    assert verify_reason("x" * REASON_LENGTH) == "x" * REASON_LENGTH
    with pytest.raises(ReasonTooLong):
        verify_reason("x" * (REASON_LENGTH + 1))


@pytest.mark.parametrize(
    "typed",
    [
        "123456",
        "code 123456 please",
        "it is 123 456.",
        "123-456",
        "123/456",
        "123_456",
        "123\u2013456",
        "123\u200b456",
        "12 34 56",
        "12 11 26",
        "12-34-56",
        "12_34_56",
        "99/99/99",
        "1-2-3-4-5-6",
        "1 2 3 4 5 6",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
    ],
)
def test_what_looks_like_a_code_is_refused_as_a_reason(typed: str) -> None:
    assert looks_like_a_code(typed)
    with pytest.raises(ReasonHoldsCode):
        verify_reason(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "INC123456",
        "ticket 1234567",
        "call of 24.11.2026",
        "call of 24.11.26",
        "call of 11/24/26",
        "call of 26-11-24",
        "at 12:34:56",
        "called 01.45.67.89.10",
        "room 12345",
        "Lost phone, seen 2 times",
    ],
)
def test_other_digits_are_welcome(typed: str) -> None:
    assert verify_reason(typed) == typed


def test_a_proof_has_to_be_chosen() -> None:
    assert verify_proof(Proof.MANAGER) is Proof.MANAGER
    with pytest.raises(ProofMissing):
        verify_proof(None)


@pytest.mark.parametrize("typed", [None, "", "  \n"])
def test_no_ticket_is_none_unless_one_is_asked_for(typed: str | None) -> None:
    assert verify_ticket(typed, None) is None
    with pytest.raises(TicketMissing):
        verify_ticket(typed, PATTERN)


@pytest.mark.parametrize("typed", ["HD-", "hd-42", "HD-42 and more", "see HD-42", "HD-42\nHD-43"])
def test_all_of_a_ticket_must_match(typed: str) -> None:
    with pytest.raises(TicketUnfit):
        verify_ticket(typed, PATTERN)


def test_a_ticket_that_matches_is_kept_without_the_space_around_it() -> None:
    assert verify_ticket(" HD-42\n", PATTERN) == "HD-42"
    assert verify_ticket("anything  at all", None) == "anything at all"


def test_a_ticket_may_be_digits() -> None:
    assert verify_ticket("123456", None) == "123456"


def test_the_longest_ticket_fits_and_one_more_is_never_tried_on_the_pattern() -> None:
    assert verify_ticket("x" * TICKET_LENGTH, None) == "x" * TICKET_LENGTH
    for pattern in (None, re.compile("x*"), re.compile("(x+)+y")):
        with pytest.raises(TicketUnfit):
            verify_ticket("x" * (TICKET_LENGTH + 1), pattern)


def test_a_request_never_shows_its_code() -> None:
    request = FilledForm(
        subscriber=Named(slack_user="U1"),
        account_id=None,
        proof=None,
        reason="",
        ticket=None,
        code="123456",
    )
    assert "123456" not in repr(request)
