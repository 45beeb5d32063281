"""Why a report stands in the way of a reset.

* Refusal
  + ResetRefused
    x ReportedMeanwhile
"""

from bot.domain.errors import ResetRefused


class ReportedMeanwhile(ResetRefused):
    """The subscriber reported another case after this one was asked for; it takes a new reset."""
