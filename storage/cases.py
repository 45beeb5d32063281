"""Cases in the database; every change of state is one compare-and-set."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, Row, Select

from bot.domain.model.cases import Case, CaseState, HandOver, Lease
from bot.domain.model.ids import AccountId, CaseId, ContactId, LeaseHolder
from storage import case_statements as sql


class SqlCases:
    """`bot.domain.ports.cases.CaseRepository` over one connection; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: Case, *, lease: Lease | None = None) -> bool:
        """Store a new case; false, and nothing done, where the subscriber has an open one."""
        columns = {column.name: getattr(case, column.name) for column in sql.COLUMNS}
        columns |= {"lease_holder": lease and lease.holder, "lease_until": lease and lease.until}
        added = self._connection.execute(sql.ADD(self._connection.dialect.name), columns)
        return added.one_or_none() is not None

    def get(self, case_id: CaseId) -> Case | None:
        return self._one(sql.GET, {"case_id": case_id})

    def open_of(self, subscriber_id: ContactId) -> Case | None:
        return self._one(sql.OPEN_OF, {"subscriber_id": subscriber_id})

    def of(self, subscriber_id: ContactId) -> tuple[Case, ...]:
        """Every case of the subscriber, newest first."""
        return self._all(sql.OF, {"subscriber_id": subscriber_id})

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
        `COMPLETED`, `re_enrolled_at` on entering `RE_ENROLLED`.
        """
        values: dict[str, object] = {
            "case_id": case_id,
            "now": now,
            "why": ended_reason,
            "remind_at": remind_at,
            "holder": lease and lease.holder,
            "until": lease and lease.until,
        }
        if held_by is not None:
            values["held_by"] = held_by
        return self._one(sql.move(frozenset(states), to, held=held_by is not None), values)

    def take_lease(self, case_id: CaseId, lease: Lease, *, now: datetime) -> Case | None:
        """Have a case that is `EXECUTING` for oneself, or for longer, unless it is another's."""
        values = {
            "case_id": case_id,
            "holder": lease.holder,
            "until": lease.until,
            "now": now,
        }
        return self._one(sql.LEASE, values)

    def end_lease(self, case_id: CaseId, *, holder: LeaseHolder) -> bool:
        """Let go of a case, so that another may take it at once."""
        values = {"case_id": case_id, "holder": holder}
        return self._connection.execute(sql.END_LEASE, values).rowcount == 1

    def release_leases(self) -> int:
        """End every lease, whoever holds it; return how many that were."""
        return self._connection.execute(sql.RELEASE_LEASES).rowcount

    def due_to_carry_out(self, now: datetime) -> tuple[Case, ...]:
        """Cases that are `EXECUTING`, and that nobody's lease holds."""
        return self._all(sql.TO_CARRY_OUT, {"now": now})

    def supersede(self, subscriber_id: ContactId, *, by: CaseId, now: datetime) -> tuple[Case, ...]:
        """Close every completed, lapsed, vetoed or failed case but `by`; return them."""
        moved = self._connection.execute(sql.SUPERSEDE, {"of_subscriber": subscriber_id, "by": by})
        in_order = sorted(moved.mappings(), key=lambda row: row["number"])
        return tuple(
            Case(**{column.name: row[column.name] for column in sql.COLUMNS}) for row in in_order
        )

    def schedule_reminder(
        self, case_id: CaseId, *, sent_before: int, sent: int, next_at: datetime | None
    ) -> bool:
        """Count reminders of a completed case from `sent_before` to `sent`, once."""
        values = {
            "case_id": case_id,
            "sent_before": sent_before,
            "sent": sent,
            "next_at": next_at,
        }
        return self._connection.execute(sql.SCHEDULE, values).rowcount == 1

    def due_to_expire(self, now: datetime) -> tuple[Case, ...]:
        """Unanswered cases whose deadline has come, oldest first."""
        return self._all(sql.TO_EXPIRE, {"now": now})

    def due_to_remind(self, now: datetime) -> tuple[Case, ...]:
        """Completed cases whose next reminder is due, oldest first."""
        return self._all(sql.TO_REMIND, {"now": now})

    def completed_of(self, contact_id: ContactId) -> tuple[Case, ...]:
        """Completed cases that are the contact's to look after, oldest first."""
        return self._all(sql.COMPLETED_OF, {"contact_id": contact_id})

    def count_completed_by(self, admin_id: ContactId, *, since: datetime) -> int:
        """How many resets the admin asked for were completed later than `since`."""
        values = {"admin_id": admin_id, "since": since}
        count: int = self._connection.execute(sql.COUNT_COMPLETED_BY, values).scalar_one()
        return count

    def take_over(self, case_id: CaseId, *, by: ContactId, from_: ContactId | None) -> Case | None:
        """Give a case that waits, but is not open, from whoever has it to `by`, once."""
        values = {"case_id": case_id, "by": by, "in_charge": from_}
        row = self._connection.execute(sql.TAKE_OVER, values).one_or_none()
        return None if row is None else _case(row)

    def due_to_lapse(self, completed_before: datetime) -> tuple[Case, ...]:
        """Completed cases that were completed at that instant or earlier, oldest first."""
        return self._all(sql.TO_LAPSE, {"before": completed_before})

    def spare(self, case_id: CaseId, *, now: datetime) -> bool:
        """Note that a completed case does not lapse although it is due, once."""
        return self._connection.execute(sql.SPARE, {"case_id": case_id, "now": now}).rowcount == 1

    def add_hand_over(self, hand_over: HandOver) -> None:
        self._connection.execute(sql.ADD_HAND_OVER, asdict(hand_over))

    def hand_overs_of(self, case_id: CaseId) -> tuple[HandOver, ...]:
        """Every hand-over of the case, oldest first."""
        found = self._connection.execute(sql.HAND_OVERS, {"case_id": case_id})
        return tuple(HandOver(**row._asdict()) for row in found)

    def forget(self, subscriber_id: ContactId) -> None:
        """Erase the reasons and tickets of the subscriber's cases."""
        self._connection.execute(sql.FORGET, {"of_subscriber": subscriber_id})

    def waiting(self) -> tuple[Case, ...]:
        """Every case that still waits for something, newest first."""
        return self._all(sql.ALL_WAITING, {})

    def waiting_in(
        self, account_ids: Collection[AccountId], *, limit: int, in_charge: ContactId | None = None
    ) -> tuple[Case, ...]:
        """Cases of the accounts that still wait for something, oldest first, stalled ones last."""
        values = {"accounts": list(account_ids), "most": limit}
        if in_charge is None:
            return self._all(sql.WAITING_IN, values)
        return self._all(sql.WAITING_IN_CHARGE, values | {"contact_id": in_charge})

    def _one(self, statement: Executable, values: Mapping[str, object]) -> Case | None:
        row = self._connection.execute(statement, dict(values)).one_or_none()
        return None if row is None else _case(row)

    def _all(self, statement: Select[Any], values: Mapping[str, object]) -> tuple[Case, ...]:
        found = self._connection.execute(statement, dict(values))
        return tuple(_case(row) for row in found)


def _case(row: Row[*tuple[Any, ...]]) -> Case:
    """Read `COLUMNS`, in their order; by name it would take twice as long."""
    return Case(
        id=row[0],
        kind=row[1],
        state=row[2],
        account_id=row[3],
        admin_id=row[4],
        subscriber_id=row[5],
        proof=row[6],
        reason=row[7],
        ticket=row[8],
        opened_at=row[9],
        confirm_by=row[10],
        decided_at=row[11],
        completed_at=row[12],
        re_enrolled_at=row[13],
        ended_reason=row[14],
        reminders_sent=row[15],
        taken_over_by=row[16],
        spared_at=row[17],
    )
