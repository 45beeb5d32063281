"""What is read together to be shown: cases with their people, somebody's standing, a message."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import (
    CANCELLABLE_STATES,
    OPEN_STATES,
    WAITING_STATES,
    Case,
    CaseKind,
    CaseState,
)
from bot.domain.model.ids import ContactId
from bot.domain.model.notices import Channel, Message, Notice
from bot.domain.model.people import Account, Authenticator, Contact, Session, Suspension
from bot.domain.model.requests import RequestView


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case with the people and the account in it: what a message about it may show.

    `taken_over_by` is who looks after it in the admin's place. `ways` lead to the subscriber.
    """

    case: Case
    account: Account
    subscriber: Contact
    admin: Contact | None
    taken_over_by: Contact | None = None
    ways: tuple[Channel, ...] = (Channel.SLACK,)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """A notice with everything that is needed to draw it.

    `stale` are the cases of an `ADMIN_DIGEST`; `subject` is whom an `OPERATOR_ACTED` concerns;
    `status` belongs to a `CASE_ACT_DONE`, absent where the recipient may not see it; `case` of a
    notice about a `request` is the one that answered it.
    """

    notice: Notice
    recipient: Contact | None
    case: CaseView | None
    session: Session | None
    subject: Contact | None
    stale: tuple[CaseView, ...]
    written_at: datetime | None = None
    status: PersonStatus | None = None
    request: RequestView | None = None
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEntry:
    """A contact, and how their 2FA stands.

    `waits_for` is how the case began whose set-up is still to do, and `waits_since` when; neither
    is there without one. Of the suspensions that hold, `suspension` is a veto before all others.
    """

    contact: Contact
    authenticators: int
    last_used_at: datetime | None
    waits_for: CaseKind | None
    waits_since: datetime | None
    suspension: Suspension | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Some of the contacts that were found, by name; `total` counts them all."""

    entries: tuple[ContactEntry, ...]
    total: int
