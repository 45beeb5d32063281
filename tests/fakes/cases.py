"""Cases in memory."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.model.cases import (
    OPEN_STATES,
    STALLED_STATES,
    SUPERSEDABLE_STATES,
    WAITING_STATES,
    Case,
    CaseState,
    HandOver,
    Lease,
)
from bot.domain.model.ids import AccountId, CaseId, ContactId, LeaseHolder
from tests.fakes.state import CaseRow, State


class FakeCases:
    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, case: Case, *, lease: Lease | None = None) -> bool:
        if case.state in OPEN_STATES and self.open_of(case.subscriber_id):
            return False
        self._state.cases[case.id] = CaseRow(case=case, lease=lease)
        return True

    def get(self, case_id: CaseId) -> Case | None:
        row = self._state.cases.get(case_id)
        return row.case if row else None

    def open_of(self, subscriber_id: ContactId) -> Case | None:
        found = [c for c in self.of(subscriber_id) if c.state in OPEN_STATES]
        return found[0] if found else None

    def of(self, subscriber_id: ContactId) -> tuple[Case, ...]:
        return self._newest(lambda case: case.subscriber_id == subscriber_id)

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
        row = self._state.cases.get(case_id)
        if row is None or row.case.state not in states:
            return None
        if held_by is not None and (row.lease is None or row.lease.holder != held_by):
            return None
        case = replace(row.case, state=to, ended_reason=ended_reason or row.case.ended_reason)
        if row.case.state is CaseState.AWAITING_CONFIRMATION:
            case = replace(case, decided_at=now)
        if to is CaseState.COMPLETED:
            case = replace(case, completed_at=now)
        if to is CaseState.RE_ENROLLED:
            case = replace(case, re_enrolled_at=now)
        self._state.cases[case_id] = CaseRow(case=case, next_reminder_at=remind_at, lease=lease)
        return case

    def take_lease(self, case_id: CaseId, lease: Lease, *, now: datetime) -> Case | None:
        row = self._state.cases.get(case_id)
        if row is None or row.case.state is not CaseState.EXECUTING:
            return None
        if not _is_free(row, now) and row.lease and row.lease.holder != lease.holder:
            return None
        self._state.cases[case_id] = replace(row, lease=lease)
        return row.case

    def end_lease(self, case_id: CaseId, *, holder: LeaseHolder) -> bool:
        row = self._state.cases.get(case_id)
        held = row is not None and row.lease is not None and row.lease.holder == holder
        if row is not None and held:
            self._state.cases[case_id] = replace(row, lease=None)
        return held

    def release_leases(self) -> int:
        held = [row for row in self._state.cases.values() if row.lease is not None]
        for row in held:
            self._state.cases[row.case.id] = replace(row, lease=None)
        return len(held)

    def due_to_carry_out(self, now: datetime) -> tuple[Case, ...]:
        return tuple(
            row.case
            for row in self._state.cases.values()
            if row.case.state is CaseState.EXECUTING and _is_free(row, now)
        )

    def supersede(self, subscriber_id: ContactId, *, by: CaseId, now: datetime) -> tuple[Case, ...]:
        moved = [
            self.move(case.id, states=SUPERSEDABLE_STATES, to=CaseState.SUPERSEDED, now=now)
            for case in reversed(self.of(subscriber_id))
            if case.id != by
        ]
        return tuple(case for case in moved if case is not None)

    def schedule_reminder(
        self, case_id: CaseId, *, sent_before: int, sent: int, next_at: datetime | None
    ) -> bool:
        row = self._state.cases.get(case_id)
        if row is None or row.case.state is not CaseState.COMPLETED:
            return False
        if row.case.reminders_sent != sent_before:
            return False
        self._state.cases[case_id] = CaseRow(
            case=replace(row.case, reminders_sent=sent), next_reminder_at=next_at
        )
        return True

    def due_to_expire(self, now: datetime) -> tuple[Case, ...]:
        due = [
            (row.case.confirm_by, row.case)
            for row in self._state.cases.values()
            if row.case.state is CaseState.AWAITING_CONFIRMATION
            and row.case.confirm_by is not None
            and row.case.confirm_by <= now
        ]
        return tuple(case for _, case in sorted(due, key=lambda each: each[0]))

    def due_to_remind(self, now: datetime) -> tuple[Case, ...]:
        due = [
            (row.next_reminder_at, row.case)
            for row in self._state.cases.values()
            if row.case.state is CaseState.COMPLETED
            and row.next_reminder_at is not None
            and row.next_reminder_at <= now
        ]
        return tuple(case for _, case in sorted(due, key=lambda each: each[0]))

    def completed_of(self, contact_id: ContactId) -> tuple[Case, ...]:
        return self._completed(lambda case: case.in_charge_id == contact_id)

    def count_completed_by(self, admin_id: ContactId, *, since: datetime) -> int:
        return sum(
            row.case.admin_id == admin_id
            and row.case.completed_at is not None
            and row.case.completed_at > since
            for row in self._state.cases.values()
        )

    def take_over(self, case_id: CaseId, *, by: ContactId, from_: ContactId | None) -> Case | None:
        row = self._state.cases.get(case_id)
        if row is None or row.case.state not in WAITING_STATES - OPEN_STATES:
            return None
        if row.case.in_charge_id != from_:
            return None
        return self._change(row, taken_over_by=by)

    def due_to_lapse(self, completed_before: datetime) -> tuple[Case, ...]:
        return self._completed(
            lambda case: (case.completed_at or case.opened_at) <= completed_before
        )

    def spare(self, case_id: CaseId, *, now: datetime) -> bool:
        row = self._state.cases.get(case_id)
        if row is None or row.case.state is not CaseState.COMPLETED or row.case.spared_at:
            return False
        self._change(row, spared_at=now)
        return True

    def add_hand_over(self, hand_over: HandOver) -> None:
        self._state.hand_overs.append(hand_over)

    def hand_overs_of(self, case_id: CaseId) -> tuple[HandOver, ...]:
        return tuple(each for each in self._state.hand_overs if each.case_id == case_id)

    def forget(self, subscriber_id: ContactId) -> None:
        for case in self.of(subscriber_id):
            self._change(self._state.cases[case.id], reason=None, ticket=None)

    def waiting(self) -> tuple[Case, ...]:
        return self._newest(lambda case: case.state in WAITING_STATES)

    def waiting_in(
        self, account_ids: Collection[AccountId], *, limit: int, in_charge: ContactId | None = None
    ) -> tuple[Case, ...]:
        found = [
            case
            for case in reversed(self.waiting())
            if case.account_id in account_ids and in_charge in (None, case.in_charge_id)
        ]
        return tuple(sorted(found, key=lambda case: case.state in STALLED_STATES)[:limit])

    def _change(self, row: CaseRow, **changes: Any) -> Case:
        case = replace(row.case, **changes)
        self._state.cases[case.id] = replace(row, case=case)
        return case

    def _completed(self, wanted: Callable[[Case], bool]) -> tuple[Case, ...]:
        completed = [
            row.case
            for row in self._state.cases.values()
            if row.case.state is CaseState.COMPLETED and wanted(row.case)
        ]
        return tuple(sorted(completed, key=lambda case: case.completed_at or case.opened_at))

    def _newest(self, wanted: Callable[[Case], bool]) -> tuple[Case, ...]:
        cases = [row.case for row in self._state.cases.values()]
        return tuple(case for case in reversed(cases) if wanted(case))


def _is_free(row: CaseRow, now: datetime) -> bool:
    return row.lease is None or row.lease.until <= now
