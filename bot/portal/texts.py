"""What the pages say when a rule says no: the one table from refusal to field, text and status."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.domain.model import errors
from bot.domain.model.people import SuspensionCause
from bot.domain.set_up.passwords import MAX_LENGTH, least_length
from bot.domain.set_up.sessions import Visitor

SAY_CLOCK_AFTER = 3
"""Wrong codes after which the phone's clock is the likeliest cause."""

_UNFIT = "The new password must have {least} to {most} characters and differ from the current one."

_TEXTS: Mapping[type[errors.Refusal], tuple[str, str]] = {
    errors.SignInFailed: ("password", "The user name or the password is wrong."),
    errors.SignInThrottled: ("password", "Too many wrong passwords. Try again"),
    errors.CodeMalformed: ("code", "A code is six digits."),
    errors.CodeWrong: ("code", "That code is wrong, or was used before. Wait for the next one."),
    errors.CodeThrottled: ("code", "Too many wrong codes. Try again"),
    errors.AuthenticatorLocked: (
        "code",
        "Too many wrong codes in a row: this authenticator is locked until your 2FA is reset.",
    ),
    errors.NoAuthenticator: ("code", "No authenticator is set up. Sign out, and in again."),
    errors.SetUpCodeMalformed: (
        "set_up_code",
        "A set-up code is eight letters and digits in two groups of four.",
    ),
    errors.SetUpCodeWrong: (
        "set_up_code",
        "That set-up code is wrong, was used, has expired, or belongs to another sign-in.",
    ),
    errors.SetUpCodeThrottled: ("set_up_code", "Too many wrong set-up codes. Try again"),
}
"""A text that ends without a full stop goes on with the time of the next attempt."""

_AT_THE_CHANGE: Mapping[type[errors.Refusal], tuple[str, str]] = {
    errors.SignInFailed: ("current_password", "That is not your current password."),
    errors.SignInThrottled: ("current_password", "Too many wrong passwords. Try again"),
    errors.PasswordGuessable: (
        "new_password",
        (
            "That password is among those that attackers try first, or says only who you are. "
            "Choose several unrelated words, or one that a password manager makes."
        ),
    ),
}

NOTICES: Mapping[str, str] = {
    "set_up": "Your two-factor authentication is set up. From now on you sign in with its codes.",
    "password": "Your password was changed, and every other session has ended.",
    "signed_out": "You are signed out.",
    "ended": "Your session has ended. Sign in again.",
    "unused": "You were signed out after an hour without use. Sign in again.",
}
"""What a page says once, by the key that a cookie carries."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a page says that is nothing but an error."""

    title: str
    text: str


_PROBLEMS: Mapping[int, Problem] = {
    HTTPStatus.BAD_REQUEST: Problem(
        "That could not be read", "Nothing was changed. Reload the page, and try again."
    ),
    HTTPStatus.NOT_FOUND: Problem(
        "There is no such page", "Check the address, or begin at the sign-in."
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Problem(
        "That was too much", "Nothing was changed: what was sent is longer than any form here."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Problem(
        "That could not be verified", "Nothing was changed. Try again in a minute."
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: Problem(
        "Something went wrong", "It was recorded. Try again; if it happens again, ask for help."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionText:
    """What the page says to whoever typed the right password and is suspended."""

    what: str
    then: str


_RESET_ANEW = (
    "Once they know that it is you, {who} resets your two-factor authentication anew, and you set "
    "it up at your next sign-in."
)
_SUSPENSIONS: Mapping[SuspensionCause, SuspensionText] = {
    SuspensionCause.VETOED: SuspensionText(
        what="Somebody reported “This wasn't me” about your two-factor authentication.",
        then=_RESET_ANEW.format(who="an administrator or owner who had no part in it"),
    ),
    SuspensionCause.LAPSED: SuspensionText(
        what="Your two-factor authentication was to be set up, and was not set up in time.",
        then=_RESET_ANEW.format(who="an administrator or owner of your account"),
    ),
    SuspensionCause.OPERATOR: SuspensionText(
        what="The operator of this Portal suspended your sign-in.",
        then="Only the operator lifts that. Afterwards you sign in here again.",
    ),
}


def suspension_text(cause: SuspensionCause) -> SuspensionText:
    """Return what happened and what will be done, by the cause of the suspension."""
    return _SUSPENSIONS[cause]


FORM_TOO_OLD = Problem(
    "This page is out of date",
    (
        "Nothing was changed: the form was made for another browser or an earlier sign-in, or "
        "this browser keeps no cookies. Open the page again and fill it in anew."
    ),
)

TOO_MANY_FORMS = Problem(
    "Too many people sign in just now",
    "Nothing was changed. Go back, and try again in a few seconds.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormError:
    """What is wrong, at which field, and when to try again."""

    field: str
    text: str
    retry_at: datetime | None = None
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY


REPEATED_WRONGLY = FormError(field="new_password_again", text="The two new passwords differ.")


def form_error(refusal: errors.Refusal) -> FormError:
    """Return what the sign-in and the set-up say; raises `KeyError` where there is no such text."""
    return _error(refusal, _TEXTS)


def password_error(refusal: errors.Refusal, visitor: Visitor) -> FormError:
    """Return what the change of a password says."""
    if isinstance(refusal, errors.PasswordUnfit):
        text = _UNFIT.format(least=least_length(visitor.contact), most=MAX_LENGTH)
        return FormError(field="new_password", text=text)
    return _error(refusal, _AT_THE_CHANGE)


def problem_of(status: int) -> Problem:
    """Return what the page of an HTTP error says."""
    other = Problem("That cannot be done here", "Nothing was changed. Begin at the sign-in.")
    return _PROBLEMS.get(status, other)


def minute(instant: datetime, *, now: datetime) -> str:
    """Return the time in UTC, rounded up so that nobody comes too early; the day if not today."""
    up = instant + timedelta(minutes=1) - timedelta(microseconds=1)
    day = "" if up.date() == now.date() else f" on {up.day} {up:%B}"
    return f"{up:%H:%M} UTC{day}"


def _error(
    refusal: errors.Refusal, texts: Mapping[type[errors.Refusal], tuple[str, str]]
) -> FormError:
    field, text = texts[type(refusal)]
    retry_at: datetime | None = getattr(refusal, "retry_at", None)
    if retry_at is None:
        return FormError(field=field, text=text)
    status = HTTPStatus.TOO_MANY_REQUESTS
    return FormError(field=field, text=text, retry_at=retry_at, status=status)
