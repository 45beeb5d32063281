"""A check or an act could not be made."""

from bot.domain.model.errors.base import Fault


class WorkspaceUnavailableError(Fault):
    """Slack could not be asked."""


class DirectoryUnavailableError(Fault):
    """The directory did not answer, or did not show what it was told to do."""


class DirectoryRefusedError(Fault):
    """The directory refuses an effect for good."""


class CarriedOutLaterError(Fault):
    """What was confirmed could not be carried out at once; a sweep does, and nothing was lost."""
