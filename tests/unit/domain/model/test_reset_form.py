"""What of a filled-in form can be used."""

import re

import pytest

from bot.domain.model import errors
from bot.domain.model.cases import Proof
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


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        *((typed, errors.ReasonMissing) for typed in ("", "   ", "\n\t")),
        ("x" * (REASON_LENGTH + 1), errors.ReasonTooLong),
    ],
)
def test_no_reason_or_a_long_one_is_refused(typed: str, refusal: type[errors.Refusal]) -> None:
    with pytest.raises(refusal):
        verify_reason(typed)
    assert verify_reason("  Lost   the\nphone ") == "Lost the phone"
    assert verify_reason("x" * REASON_LENGTH) == "x" * REASON_LENGTH


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
    with pytest.raises(errors.ReasonHoldsCode):
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
    with pytest.raises(errors.ProofMissing):
        verify_proof(None)


TOO_LONG = "x" * (TICKET_LENGTH + 1)


@pytest.mark.parametrize(
    ("typed", "pattern", "kept"),
    [
        *((typed, None, None) for typed in (None, "", "  \n")),
        (" HD-42\n", "HD-[0-9]+", "HD-42"),
        ("anything  at all", None, "anything at all"),
        ("123456", None, "123456"),
        ("x" * TICKET_LENGTH, None, "x" * TICKET_LENGTH),
    ],
)
def test_a_ticket_is_kept_without_the_space_around_it(
    typed: str | None, pattern: str | None, kept: str | None
) -> None:
    assert verify_ticket(typed, re.compile(pattern) if pattern else None) == kept


@pytest.mark.parametrize(
    ("typed", "pattern", "refusal"),
    [
        *((typed, "HD-[0-9]+", errors.TicketMissing) for typed in (None, "", "  \n")),
        *((f"HD-{n}", "HD-[0-9]+", errors.TicketUnfit) for n in ("", "42 and more", "42\nHD-43")),
        *((typed, "HD-[0-9]+", errors.TicketUnfit) for typed in ("hd-42", "see HD-42")),
        # One that is too long is never tried on the pattern.
        *((TOO_LONG, pattern, errors.TicketUnfit) for pattern in (".*", "x*", "(x+)+y")),
    ],
)
def test_all_of_a_ticket_must_match(
    typed: str | None, pattern: str, refusal: type[errors.Refusal]
) -> None:
    with pytest.raises(refusal):
        verify_ticket(typed, re.compile(pattern))


def test_a_long_ticket_is_refused_without_a_pattern_too() -> None:
    with pytest.raises(errors.TicketUnfit):
        verify_ticket(TOO_LONG, None)


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
