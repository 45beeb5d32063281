"""What an administrator may know of a person's cases, and what may be done about each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.audit import AuditRecord
from bot.domain.case import CANCELLABLE_STATES, OPEN_STATES, WAITING_STATES, Case, CaseState
from bot.domain.ids import ContactId
from bot.domain.model import Account, Authenticator, Contact, Suspension
from bot.domain.notices import CaseView, Message
from bot.domain.own_requests import RequestView

TAKEABLE_STATES = WAITING_STATES - OPEN_STATES
"""Cases that somebody else may look after: they wait, and nobody's Yes or No is awaited."""


class CaseAct(StrEnum):
    """What an entitled administrator does about a case, without a code."""

    REMIND = "remind"
    TAKE_OVER = "take_over"
    CANCEL = "cancel"
    DETAILS = "details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A message of a case that has not arrived, and whom it was meant for."""

    message: Message
    recipient: Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStatus:
    """A case, what is wrong with its messages, and what the one who looks at it may do."""

    view: CaseView
    undelivered: tuple[Undelivered, ...]
    acts: tuple[CaseAct, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStatus:
    """Somebody's cases in the accounts that the one who looks shares with them, newest first.

    `older` counts the cases that are left out; `suspensions` are those that hold, and
    `last_resets` those of the same accounts, the newest first.
    """

    as_of: datetime
    subscriber: Contact
    accounts: tuple[Account, ...]
    cases: tuple[CaseStatus, ...]
    older: int
    suspensions: tuple[Suspension, ...]
    last_resets: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStatus:
    """How somebody's own 2FA stands."""

    contact: Contact
    authenticators: tuple[Authenticator, ...]
    set_up_required: bool
    suspension: Suspension | None
    request: RequestView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseList:
    """The first of the cases that wait, and how many there are; `at_least` so many."""

    as_of: datetime
    cases: tuple[CaseStatus, ...]
    total: int
    at_least: bool = False

    @property
    def more(self) -> bool:
        """Whether others wait too, as far as is known."""
        return self.at_least or self.total > len(self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStory:
    """What the audit log tells of a case, oldest first; `earlier` counts what is left out.

    `names` are those of whoever acted, and of the account, by id.
    """

    view: CaseView
    records: tuple[AuditRecord, ...]
    earlier: int
    names: dict[str, str]


def acts_on(case: Case, viewer_id: ContactId, *, suspended: bool = False) -> tuple[CaseAct, ...]:
    """Return what an entitled administrator may do about the case now.

    Whoever is `suspended` is not reminded of a set-up to which no sign-in leads.
    """
    possible = {
        CaseAct.REMIND: case.state is CaseState.COMPLETED and not suspended,
        CaseAct.TAKE_OVER: case.state in TAKEABLE_STATES and case.in_charge_id != viewer_id,
        CaseAct.CANCEL: case.state in CANCELLABLE_STATES,
        CaseAct.DETAILS: True,
    }
    return tuple(act for act in CaseAct if possible[act])
