"""How cases are stored."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from bot.domain.model.cases import Case, CaseState, HandOver, Lease
from bot.domain.model.ids import AccountId, CaseId, ContactId, LeaseHolder


class CaseRepository(Protocol):
    def add(self, case: Case, *, lease: Lease | None = None) -> bool:
        """Store a new case; false, and nothing done, where the subscriber has an open one.

        One that begins `EXECUTING` has the `lease` of who carries it out.
        """
        ...

    def get(self, case_id: CaseId) -> Case | None: ...
    def open_of(self, subscriber_id: ContactId) -> Case | None: ...
    def of(self, subscriber_id: ContactId) -> tuple[Case, ...]:
        """Every case of the subscriber, newest first."""
        ...

    def move(
        self,
        case_id: CaseId,
        *,
        states: Collection[CaseState],
        to: CaseState,
        now: datetime,
        ended_reason: str | None = None,
        remind_at: datetime | None = None,
        lease: Lease | None = None,
        held_by: LeaseHolder | None = None,
    ) -> Case | None:
        """Move a case that is in one of `states`, once; `None` where it is in none of them.

        `now` becomes `decided_at` on leaving `AWAITING_CONFIRMATION`, `completed_at` on entering
        `COMPLETED`, `re_enrolled_at` on entering `RE_ENROLLED`. The next reminder is due at
        `remind_at`, none without it. Whatever lease there was gives way to `lease`; with `held_by`
        nothing is done unless that is who holds it.
        """
        ...

    def take_lease(self, case_id: CaseId, lease: Lease, *, now: datetime) -> Case | None:
        """Have a case that is `EXECUTING` for oneself, or for longer; by one conditional update.

        `None`, and nothing done, where somebody else's lease has not run out, or the case is in
        another state.
        """
        ...

    def end_lease(self, case_id: CaseId, *, holder: LeaseHolder) -> bool:
        """Let go of a case, so that another may take it at once; false where it is not theirs."""
        ...

    def release_leases(self) -> int:
        """End every lease, whoever holds it; return how many that were."""
        ...

    def due_to_carry_out(self, now: datetime) -> tuple[Case, ...]:
        """Cases that are `EXECUTING`, and that nobody's lease holds."""
        ...

    def supersede(self, subscriber_id: ContactId, *, by: CaseId, now: datetime) -> tuple[Case, ...]:
        """Close every completed, lapsed, vetoed or failed case but `by`; return them."""
        ...

    def schedule_reminder(
        self, case_id: CaseId, *, sent_before: int, sent: int, next_at: datetime | None
    ) -> bool:
        """Count reminders of a completed case from `sent_before` to `sent`, once."""
        ...

    def due_to_expire(self, now: datetime) -> tuple[Case, ...]:
        """Unanswered cases whose deadline has come, oldest first."""
        ...

    def due_to_remind(self, now: datetime) -> tuple[Case, ...]: ...
    def completed_of(self, contact_id: ContactId) -> tuple[Case, ...]:
        """Completed cases that are the contact's to look after, oldest first."""
        ...

    def count_completed_by(self, admin_id: ContactId, *, since: datetime) -> int:
        """How many resets the admin asked for were completed later than `since`."""
        ...

    def take_over(self, case_id: CaseId, *, by: ContactId, from_: ContactId | None) -> Case | None:
        """Give a case that waits, but is not open, from whoever has it to `by`, once.

        `None`, and nothing done, where by now it is not `from_`'s, or waits no more.
        """
        ...

    def due_to_lapse(self, completed_before: datetime) -> tuple[Case, ...]:
        """Completed cases that were completed at that instant or earlier, oldest first."""
        ...

    def spare(self, case_id: CaseId, *, now: datetime) -> bool:
        """Note that a completed case does not lapse although it is due, once."""
        ...

    def add_hand_over(self, hand_over: HandOver) -> None: ...
    def hand_overs_of(self, case_id: CaseId) -> tuple[HandOver, ...]:
        """Every hand-over of the case, oldest first."""
        ...

    def forget(self, subscriber_id: ContactId) -> None:
        """Erase the reasons and tickets of the subscriber's cases."""
        ...

    def waiting(self) -> tuple[Case, ...]:
        """Every case that still waits for something, newest first."""
        ...

    def waiting_in(
        self, account_ids: Collection[AccountId], *, limit: int, in_charge: ContactId | None = None
    ) -> tuple[Case, ...]:
        """Cases of the accounts that still wait for something, oldest first, but stalled ones last.

        With `in_charge` only those that are that contact's to look after.
        """
        ...
