"""A reset may not be asked for, or not be confirmed."""

from bot.domain.model.errors.base import Refusal


class ResetRefused(Refusal):
    """The reset may not be asked for, or not be confirmed."""


class NotAnAdministrator(ResetRefused):
    """The caller administers no account at all."""


class NoSharedAccount(ResetRefused):
    """The caller administers no account of which the subscriber is a contact."""


class OneselfRefused(ResetRefused):
    """Nobody resets their own 2FA."""


class Outranked(ResetRefused):
    """The subscriber holds a higher role than the caller, here or elsewhere."""


class AdminSuspended(ResetRefused):
    """The caller's sign-in is suspended."""


class NoAuthenticator(ResetRefused):
    """The caller has no active authenticator of their own."""


class NotYoursToLift(ResetRefused):
    """The admin had a hand in what the subscriber may have reported; somebody else looks at it."""


class OperatorSuspended(ResetRefused):
    """The operator suspended the subscriber's sign-in, and lifts that alone."""


class NothingToReset(ResetRefused):
    """The subscriber has no authenticator, no set-up required, and is not suspended."""


class CaseOpen(ResetRefused):
    """Another case of the subscriber is open; names its admin."""

    def __init__(self, admin_name: str) -> None:
        super().__init__(admin_name)
        self.admin_name = admin_name


class CaseNotFound(ResetRefused):
    """No case has that id."""


class NotYourCase(ResetRefused):
    """Somebody else opened this case."""


class ConfirmExpired(ResetRefused):
    """The confirm block was answered after its deadline."""


class ConfirmedTooLongAgo(ResetRefused):
    """Nobody could carry out what was confirmed, and by now it is too late."""


class AlreadyDecided(ResetRefused):
    """The case was decided before."""


class StandingLost(ResetRefused):
    """What was true when the case was opened no longer holds; the case has ended."""

    def __init__(self, cause: Refusal) -> None:
        super().__init__(cause.tag)
        self.cause = cause


class AccountRefused(ResetRefused):
    """That account is not one in which this reset may be done."""


class ReportedMeanwhile(ResetRefused):
    """The subscriber reported another case after this one was asked for; it takes a new reset."""
