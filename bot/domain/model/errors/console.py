"""Nothing was done at the console."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.model.errors.base import Refusal


class OperatorRefused(Refusal):
    """The operator's command may not be carried out."""


class ContactNotFound(OperatorRefused):
    """No contact has that e-mail address."""


class HoldsNoRole(OperatorRefused):
    """The contact has no role in any account, so that no case could name one."""


class NotSuspended(OperatorRefused):
    """The contact is not suspended."""


class AuthenticatorActive(OperatorRefused):
    """The contact has an active authenticator."""


class CaseInTheWay(OperatorRefused):
    """A case of that contact is under way."""


class EnrolmentNotStarted(OperatorRefused):
    """No enrolment of that contact was begun within the last ten minutes."""


class SomebodyEntitled(OperatorRefused):
    """Somebody in Slack may reset that contact, so the operator is not needed; says how many."""

    def __init__(self, people: int) -> None:
        super().__init__(people)
        self.people = people


class StillHoldsRole(OperatorRefused):
    """The contact belongs to an account, and only a leaver is forgotten."""


class SuspendedAlready(OperatorRefused):
    """The contact is suspended."""


class IdentityTaken(OperatorRefused):
    """That Slack identity is bound to another contact, or to this one already."""


class NoIdentity(OperatorRefused):
    """The contact has no Slack identity that could be replaced."""


class ImportFileUnfit(OperatorRefused):
    """The file of an import cannot be used; says what is wrong, and in which lines."""

    def __init__(self, faults: Sequence["FileFault"]) -> None:
        super().__init__(len(faults))
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line or 0))


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing that is wrong in a file; `line` counts from 1, `None` for the whole file."""

    line: int | None
    text: str
