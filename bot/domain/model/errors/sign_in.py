"""The Portal does not let a browser in, or on."""

from bot.domain.model.errors.base import Later, Refusal
from bot.domain.model.people import SuspensionCause


class SignInRefused(Refusal):
    """The Portal does not let this browser in."""


class SignInFailed(SignInRefused):
    """The user name or the password is wrong; not said which."""


class SignInThrottled(Later, SignInRefused):
    """Too many wrong passwords for this user name from this address; says when to try again."""


class SignInSuspended(SignInRefused):
    """The contact's sign-in is suspended; says why, to whoever has proven the password."""

    def __init__(self, cause: SuspensionCause) -> None:
        super().__init__(cause)
        self.cause = cause


class SessionGone(SignInRefused):
    """There is no such session, or it has ended, or it is not at that stage."""


class SetUpCodeMalformed(SignInRefused):
    """A set-up code is eight letters and digits."""


class SetUpCodeWrong(SignInRefused):
    """The set-up code is wrong, used, expired, or another session's; it counts."""


class SetUpCodeThrottled(Later, SignInRefused):
    """Too many wrong set-up codes; says when to try again."""


class SetUpCodeNotYours(SignInRefused):
    """The waiting session belongs to somebody else."""
