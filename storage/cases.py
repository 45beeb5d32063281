"""Cases in the database; every change of state is one compare-and-set."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Update,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    update,
)

from bot.domain.case import (
    OPEN_STATES,
    SUPERSEDABLE_STATES,
    WAITING_STATES,
    Case,
    CaseState,
    HandOver,
)
from bot.domain.ids import AccountId, CaseId, ContactId
from storage.statements import insert_unless_taken
from storage.tables import AWAITING, COMPLETED, IN_CHARGE, OPEN, WAITING, hand_overs
from storage.tables import cases as rows

_COLUMNS = (
    rows.c.id,
    rows.c.kind,
    rows.c.state,
    rows.c.account_id,
    rows.c.admin_id,
    rows.c.subscriber_id,
    rows.c.proof,
    rows.c.reason,
    rows.c.ticket,
    rows.c.opened_at,
    rows.c.confirm_by,
    rows.c.decided_at,
    rows.c.completed_at,
    rows.c.re_enrolled_at,
    rows.c.ended_reason,
    rows.c.reminders_sent,
    rows.c.taken_over_by,
    rows.c.spared_at,
)
_NAMES = tuple(column.name for column in _COLUMNS)
_ALL = select(*_COLUMNS)
_ADD = insert_unless_taken(rows, rows.c.subscriber_id, where=OPEN)
_GET = _ALL.where(rows.c.id == bindparam("case_id"))
_OPEN_OF = _ALL.where(rows.c.subscriber_id == bindparam("subscriber_id"), OPEN)
_OF = _ALL.where(rows.c.subscriber_id == bindparam("subscriber_id")).order_by(rows.c.number.desc())
_WAITING = _ALL.where(WAITING).order_by(rows.c.number.desc())
_WAITING_IN = (
    _ALL.where(WAITING, rows.c.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(rows.c.number)
    .limit(bindparam("most"))
)
_WAITING_IN_CHARGE = _WAITING_IN.where(literal_column(IN_CHARGE) == bindparam("contact_id"))
_TO_EXPIRE = _ALL.where(AWAITING, rows.c.confirm_by <= bindparam("now")).order_by(
    rows.c.confirm_by, rows.c.number
)
_TO_REMIND = _ALL.where(COMPLETED, rows.c.next_reminder_at <= bindparam("now")).order_by(
    rows.c.next_reminder_at, rows.c.number
)
_COMPLETED_OF = _ALL.where(
    COMPLETED, literal_column(IN_CHARGE) == bindparam("contact_id")
).order_by(rows.c.completed_at, rows.c.number)
_COUNT_COMPLETED_BY = select(func.count()).where(
    rows.c.admin_id == bindparam("admin_id"), rows.c.completed_at > bindparam("since")
)
_TO_LAPSE = _ALL.where(COMPLETED, rows.c.completed_at <= bindparam("before")).order_by(
    rows.c.completed_at, rows.c.number
)
_TAKE_OVER = (
    update(rows)
    .where(
        rows.c.id == bindparam("case_id"),
        rows.c.state.in_(sorted(WAITING_STATES - OPEN_STATES)),
        func.coalesce(rows.c.taken_over_by, rows.c.admin_id, "")
        == func.coalesce(bindparam("in_charge"), ""),
    )
    .values(taken_over_by=bindparam("by"))
    .returning(*_COLUMNS)
)
_SPARE = (
    update(rows)
    .where(rows.c.id == bindparam("case_id"), COMPLETED, rows.c.spared_at.is_(None))
    .values(spared_at=bindparam("now"))
)
_FORGET = (
    update(rows)
    .where(rows.c.subscriber_id == bindparam("of_subscriber"))
    .values(reason=None, ticket=None)
)
_ADD_HAND_OVER = insert(hand_overs)
_HAND_OVERS = (
    select(
        hand_overs.c.id,
        hand_overs.c.case_id,
        hand_overs.c.session_id,
        hand_overs.c.handed_over_by,
        hand_overs.c.proof,
        hand_overs.c.handed_over_at,
    )
    .where(hand_overs.c.case_id == bindparam("case_id"))
    .order_by(hand_overs.c.number)
)
_SUPERSEDE = (
    update(rows)
    .where(
        rows.c.subscriber_id == bindparam("of_subscriber"),
        rows.c.state.in_(sorted(SUPERSEDABLE_STATES)),
        rows.c.id != bindparam("by"),
    )
    .values(state=CaseState.SUPERSEDED, next_reminder_at=None)
    .returning(rows.c.number, *_COLUMNS)
)
_SCHEDULE = (
    update(rows)
    .where(
        rows.c.id == bindparam("case_id"),
        COMPLETED,
        rows.c.reminders_sent == bindparam("sent_before"),
    )
    .values(reminders_sent=bindparam("sent"), next_reminder_at=bindparam("next_at"))
)


def _move_to(state: CaseState) -> Update:
    now = bindparam("now", type_=rows.c.decided_at.type)
    moved = (
        update(rows)
        .where(
            rows.c.id == bindparam("case_id"),
            rows.c.state.in_(bindparam("states", expanding=True)),
        )
        .values(
            state=state,
            decided_at=case((AWAITING, now), else_=rows.c.decided_at),
            ended_reason=func.coalesce(
                bindparam("why", type_=rows.c.ended_reason.type), rows.c.ended_reason
            ),
            next_reminder_at=None,
        )
    )
    if state is CaseState.COMPLETED:
        moved = moved.values(completed_at=now)
    if state is CaseState.RE_ENROLLED:
        moved = moved.values(re_enrolled_at=now)
    return moved


_MOVES = {state: _move_to(state).returning(*_COLUMNS) for state in CaseState}


class SqlCases:
    """`bot.domain.case_stores.CaseRepository` over one connection; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: Case) -> bool:
        """Store a new case; false, and nothing done, where the subscriber has an open one."""
        columns = {column.name: getattr(case, column.name) for column in _COLUMNS}
        added = self._connection.execute(_ADD(self._connection.dialect.name), columns)
        return added.one_or_none() is not None

    def get(self, case_id: CaseId) -> Case | None:
        return self._one(_GET, {"case_id": case_id})

    def open_of(self, subscriber_id: ContactId) -> Case | None:
        return self._one(_OPEN_OF, {"subscriber_id": subscriber_id})

    def of(self, subscriber_id: ContactId) -> tuple[Case, ...]:
        """Every case of the subscriber, newest first."""
        return self._all(_OF, {"subscriber_id": subscriber_id})

    def move(
        self,
        case_id: CaseId,
        *,
        states: Collection[CaseState],
        to: CaseState,
        now: datetime,
        ended_reason: str | None = None,
    ) -> Case | None:
        """Move a case that is in one of `states`, once; `None` where it is in none of them.

        `now` becomes `decided_at` on leaving `AWAITING_CONFIRMATION`, `completed_at` on entering
        `COMPLETED`, `re_enrolled_at` on entering `RE_ENROLLED`. No reminder is due after it.
        """
        values = {"case_id": case_id, "states": list(states), "now": now, "why": ended_reason}
        row = self._connection.execute(_MOVES[to], values).one_or_none()
        return None if row is None else _case(row)

    def supersede(self, subscriber_id: ContactId, *, by: CaseId, now: datetime) -> tuple[Case, ...]:
        """Close every completed, lapsed, vetoed or failed case but `by`; return them."""
        moved = self._connection.execute(_SUPERSEDE, {"of_subscriber": subscriber_id, "by": by})
        in_order = sorted(moved.mappings(), key=lambda row: row["number"])
        return tuple(
            Case(**{column.name: row[column.name] for column in _COLUMNS}) for row in in_order
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
        return self._connection.execute(_SCHEDULE, values).rowcount == 1

    def due_to_expire(self, now: datetime) -> tuple[Case, ...]:
        """Unanswered cases whose deadline has come, oldest first."""
        return self._all(_TO_EXPIRE, {"now": now})

    def due_to_remind(self, now: datetime) -> tuple[Case, ...]:
        """Completed cases whose next reminder is due, oldest first."""
        return self._all(_TO_REMIND, {"now": now})

    def completed_of(self, contact_id: ContactId) -> tuple[Case, ...]:
        """Completed cases that are the contact's to look after, oldest first."""
        return self._all(_COMPLETED_OF, {"contact_id": contact_id})

    def count_completed_by(self, admin_id: ContactId, *, since: datetime) -> int:
        """How many resets the admin asked for were completed later than `since`."""
        values = {"admin_id": admin_id, "since": since}
        count: int = self._connection.execute(_COUNT_COMPLETED_BY, values).scalar_one()
        return count

    def take_over(self, case_id: CaseId, *, by: ContactId, from_: ContactId | None) -> Case | None:
        """Give a case that waits, but is not open, from whoever has it to `by`, once."""
        values = {"case_id": case_id, "by": by, "in_charge": from_}
        row = self._connection.execute(_TAKE_OVER, values).one_or_none()
        return None if row is None else _case(row)

    def due_to_lapse(self, completed_before: datetime) -> tuple[Case, ...]:
        """Completed cases that were completed at that instant or earlier, oldest first."""
        return self._all(_TO_LAPSE, {"before": completed_before})

    def spare(self, case_id: CaseId, *, now: datetime) -> bool:
        """Note that a completed case does not lapse although it is due, once."""
        return self._connection.execute(_SPARE, {"case_id": case_id, "now": now}).rowcount == 1

    def add_hand_over(self, hand_over: HandOver) -> None:
        self._connection.execute(_ADD_HAND_OVER, asdict(hand_over))

    def hand_overs_of(self, case_id: CaseId) -> tuple[HandOver, ...]:
        """Every hand-over of the case, oldest first."""
        found = self._connection.execute(_HAND_OVERS, {"case_id": case_id})
        return tuple(HandOver(**row._asdict()) for row in found)

    def forget(self, subscriber_id: ContactId) -> None:
        """Erase the reasons and tickets of the subscriber's cases."""
        self._connection.execute(_FORGET, {"of_subscriber": subscriber_id})

    def waiting(self) -> tuple[Case, ...]:
        """Every case that still waits for something, newest first."""
        return self._all(_WAITING, {})

    def waiting_in(
        self, account_ids: Collection[AccountId], *, limit: int, in_charge: ContactId | None = None
    ) -> tuple[Case, ...]:
        """Cases of the accounts that still wait for something, oldest first."""
        values = {"accounts": list(account_ids), "most": limit}
        if in_charge is None:
            return self._all(_WAITING_IN, values)
        return self._all(_WAITING_IN_CHARGE, values | {"contact_id": in_charge})

    def _one(self, statement: Select[Any], values: Mapping[str, object]) -> Case | None:
        row = self._connection.execute(statement, dict(values)).one_or_none()
        return None if row is None else _case(row)

    def _all(self, statement: Select[Any], values: Mapping[str, object]) -> tuple[Case, ...]:
        found = self._connection.execute(statement, dict(values))
        return tuple(_case(row) for row in found)


def _case(row: Row[*tuple[Any, ...]]) -> Case:
    """Read `_COLUMNS`; twice as fast as by the row's own dictionary, and a sweep reads hundreds."""
    return Case(**dict(zip(_NAMES, row, strict=True)))
