"""Why a report of "This wasn't me" was not taken, or stands in the way of a reset.

* Refusal
  + ReportRefused: the report
    x NotTheSubscriber   x ReportTooLate   x AlreadyReported
  + ResetRefused
    x ReportedMeanwhile
"""

from bot.domain.errors import Refusal, ResetRefused


class ReportRefused(Refusal):
    """A report of "This wasn't me" cannot be taken."""


class NotTheSubscriber(ReportRefused):
    """Somebody else's 2FA is concerned."""


class ReportTooLate(ReportRefused):
    """Re-enrolment was more than thirty days ago, or another case has taken this one's place."""


class AlreadyReported(ReportRefused):
    """The case was reported before."""


class ReportedMeanwhile(ResetRefused):
    """The subscriber reported another case after this one was asked for; it takes a new reset."""
