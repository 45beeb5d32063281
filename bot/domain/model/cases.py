"""The case: one reset from request to re-enrolment (its life is drawn in `docs/explanation`)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.model.ids import (
    AccountId,
    CaseId,
    ContactId,
    HandOverId,
    LeaseHolder,
    SessionId,
    new_id,
)
from bot.domain.model.people import Contact, TwoFactor


class CaseKind(StrEnum):
    """How a case began."""

    RESET = "reset"
    FIRST_SET_UP = "first_set_up"
    OPERATOR = "operator"


class CaseState(StrEnum):
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    EXECUTING = "executing"
    COMPLETED = "completed"
    RE_ENROLLED = "re_enrolled"
    LAPSED = "lapsed"
    VETOED = "vetoed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    SUPERSEDED = "superseded"


OPEN_STATES = frozenset({CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING})
"""A subscriber has at most one case in these."""

SUPERSEDABLE_STATES = frozenset(
    {CaseState.COMPLETED, CaseState.LAPSED, CaseState.VETOED, CaseState.FAILED}
)
"""What a new Yes for the same subscriber closes."""

WAITING_STATES = OPEN_STATES | SUPERSEDABLE_STATES
"""Cases that still wait for something: what `rekey status` lists."""

STALLED_STATES = frozenset({CaseState.LAPSED, CaseState.FAILED})
"""Cases that may wait for ever, for whoever never comes back: listed behind the others."""

CANCELLABLE_STATES = frozenset({CaseState.AWAITING_CONFIRMATION})
"""What an entitled administrator may end before anything was done."""

UNENROLLED_STATES = frozenset({CaseState.COMPLETED, CaseState.LAPSED})
"""Set-up is required, and was not done yet: what an enrolment closes."""

REPORT_WITHIN = timedelta(days=30)
"""How long after re-enrolment a report is taken (design, section 3)."""


class Proof(StrEnum):
    """How the admin says the caller was proven to be the subscriber."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    CALLED_BACK = "called_back"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One reset and everything that was said about it.

    `admin_id`, `proof` and `reason` are absent from a case that no admin opened. `confirm_by` is
    the deadline for Yes. `reminders_sent` counts the steps of `REKEY_REMIND_AFTER` dealt with.
    `taken_over_by` has the case's notices in place of the admin, who stays its admin. `spared_at`
    is when it should have lapsed, had its subscriber not been an account's last owner.
    """

    id: CaseId
    kind: CaseKind
    state: CaseState
    account_id: AccountId
    admin_id: ContactId | None
    subscriber_id: ContactId
    proof: Proof | None
    reason: str | None
    ticket: str | None
    opened_at: datetime
    confirm_by: datetime | None
    decided_at: datetime | None = None
    completed_at: datetime | None = None
    re_enrolled_at: datetime | None = None
    ended_reason: str | None = None
    reminders_sent: int = 0
    taken_over_by: ContactId | None = None
    spared_at: datetime | None = None

    @property
    def in_charge_id(self) -> ContactId | None:
        """Whose case it is to look after: whoever took it over last, else the admin."""
        return self.taken_over_by or self.admin_id

    @property
    def reset_at(self) -> datetime | None:
        """When 2FA was reset by it; a set-up that followed no reset has its case too."""
        if self.kind is CaseKind.FIRST_SET_UP:
            return None
        if self.kind is CaseKind.OPERATOR and self.opened_at == self.re_enrolled_at:
            return None  # written by an enrolment at the console, which it was for
        return self.completed_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who carries a case out, and until when nobody else may; whoever lets it run out has died."""

    holder: LeaseHolder
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A set-up code that somebody other than its subscriber saw, to give it to them (rule 9).

    `handed_over_by` is absent where the operator did it.
    """

    id: HandOverId
    case_id: CaseId
    session_id: SessionId
    handed_over_by: ContactId | None
    proof: Proof | None
    handed_over_at: datetime


def case_without_admin(
    contact: Contact, *, kind: CaseKind, state: CaseState, now: datetime, reason: str | None = None
) -> Case:
    """Make a case of the contact that begins in `state`, not stored yet.

    Unless it is still to be executed there was nothing to reset, and it counts as completed.
    """
    return Case(
        id=CaseId(new_id("case")),
        kind=kind,
        state=state,
        account_id=strictest_account(contact),
        admin_id=None,
        subscriber_id=contact.id,
        proof=None,
        reason=reason,
        ticket=None,
        opened_at=now,
        confirm_by=None,
        completed_at=None if state is CaseState.EXECUTING else now,
        re_enrolled_at=now if state is CaseState.RE_ENROLLED else None,
    )


def strictest_account(contact: Contact) -> AccountId:
    """Return the account for whose sake 2FA is set up; the first where none requires it."""
    accounts = [membership.account for membership in contact.memberships]
    required = [account for account in accounts if account.two_factor is TwoFactor.REQUIRED]
    return (required + accounts)[0].id
