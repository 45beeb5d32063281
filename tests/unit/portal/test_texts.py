"""Every refusal that a form can meet has its text."""

from datetime import datetime, timedelta
from http import HTTPStatus

import pytest

from bot.domain.model import errors
from bot.domain.model.people import Role
from bot.domain.set_up.sessions import Visitor
from bot.portal.texts import form_error, minute, password_error, problem_of
from tests.fakes import ACME, NOON, a_contact, a_session

BOB = a_contact("bob", roles={ACME: Role.MEMBER})
TOMORROW = f"{NOON + timedelta(days=1):%-d %B}"
VISITOR = Visitor(session=a_session(BOB.id), contact=BOB)


@pytest.mark.parametrize(
    ("refusal", "field"),
    [
        (errors.SignInFailed(), "password"),
        (errors.CodeMalformed(), "code"),
        (errors.CodeWrong(), "code"),
        (errors.AuthenticatorLocked(), "code"),
        (errors.NoAuthenticator(), "code"),
        (errors.SetUpCodeMalformed(), "set_up_code"),
        (errors.SetUpCodeWrong(), "set_up_code"),
    ],
)
def test_text_ends_as_a_sentence(refusal: errors.Refusal, field: str) -> None:
    error = form_error(refusal)
    assert (error.field, error.status) == (field, HTTPStatus.UNPROCESSABLE_ENTITY)
    assert error.text.endswith(".")


@pytest.mark.parametrize(
    "refusal",
    [
        errors.SignInThrottled(NOON),
        errors.CodeThrottled(NOON),
        errors.SetUpCodeThrottled(NOON),
    ],
)
def test_throttled_says_when(refusal: errors.Refusal) -> None:
    error = form_error(refusal)
    assert (error.retry_at, error.status) == (NOON, HTTPStatus.TOO_MANY_REQUESTS)
    assert error.text.endswith("Try again")


@pytest.mark.parametrize(
    ("refusal", "field", "text"),
    [
        (errors.PasswordUnfit(), "new_password", "8 to 256 characters"),
        (errors.PasswordGuessable(), "new_password", "attackers try first"),
        (errors.SignInFailed(), "current_password", "not your current password"),
        (errors.SignInThrottled(NOON), "current_password", "Try again"),
    ],
)
def test_at_the_change_of_a_password(refusal: errors.Refusal, field: str, text: str) -> None:
    error = password_error(refusal, VISITOR)
    assert error.field == field
    assert text in error.text


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (NOON, "12:00 UTC"),
        (NOON + timedelta(microseconds=1), "12:01 UTC"),
        (NOON + timedelta(seconds=59), "12:01 UTC"),
        (NOON + timedelta(hours=11, minutes=59, seconds=30), f"00:00 UTC on {TOMORROW}"),
        (NOON + timedelta(days=1), f"12:00 UTC on {TOMORROW}"),
    ],
)
def test_minute_is_never_too_early_and_names_a_day_that_is_not_today(
    at: datetime, shown: str
) -> None:
    assert minute(at, now=NOON) == shown


def test_http_error_without_a_text_of_its_own_has_one() -> None:
    assert problem_of(404) != problem_of(405) == problem_of(418)
