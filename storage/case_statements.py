"""The statements over cases, each built once; every change of state is one compare-and-set."""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Update,
    bindparam,
    case,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from bot.domain.model.cases import (
    OPEN_STATES,
    STALLED_STATES,
    SUPERSEDABLE_STATES,
    WAITING_STATES,
    CaseState,
)
from storage.statements import insert_unless_taken
from storage.tables import AWAITING, COMPLETED, EXECUTING, IN_CHARGE, OPEN, WAITING, hand_overs
from storage.tables import cases as rows

COLUMNS = (
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


def _in_one_of(states: Iterable[CaseState]) -> ColumnElement[bool]:
    """Say it state by state: a list is written into its statement anew each time it is sent."""
    return or_(false(), *(rows.c.state == state for state in sorted(states)))


ALL = select(*COLUMNS)
ADD = insert_unless_taken(rows, rows.c.subscriber_id, where=OPEN)
GET = ALL.where(rows.c.id == bindparam("case_id"))
OPEN_OF = ALL.where(rows.c.subscriber_id == bindparam("subscriber_id"), OPEN)
OF = ALL.where(rows.c.subscriber_id == bindparam("subscriber_id")).order_by(rows.c.number.desc())
ALL_WAITING = ALL.where(WAITING).order_by(rows.c.number.desc())
WAITING_IN = (
    ALL.where(WAITING, rows.c.account_id.in_(bindparam("accounts", expanding=True)))
    .order_by(_in_one_of(STALLED_STATES), rows.c.number)
    .limit(bindparam("most"))
)
WAITING_IN_CHARGE = WAITING_IN.where(literal_column(IN_CHARGE) == bindparam("contact_id"))
TO_EXPIRE = ALL.where(AWAITING, rows.c.confirm_by <= bindparam("now")).order_by(
    rows.c.confirm_by, rows.c.number
)
TO_REMIND = ALL.where(COMPLETED, rows.c.next_reminder_at <= bindparam("now")).order_by(
    rows.c.next_reminder_at, rows.c.number
)
COMPLETED_OF = ALL.where(COMPLETED, literal_column(IN_CHARGE) == bindparam("contact_id")).order_by(
    rows.c.completed_at, rows.c.number
)
COUNT_COMPLETED_BY = select(func.count()).where(
    rows.c.admin_id == bindparam("admin_id"), rows.c.completed_at > bindparam("since")
)
TO_LAPSE = ALL.where(COMPLETED, rows.c.completed_at <= bindparam("before")).order_by(
    rows.c.completed_at, rows.c.number
)
TAKE_OVER = (
    update(rows)
    .where(
        rows.c.id == bindparam("case_id"),
        _in_one_of(WAITING_STATES - OPEN_STATES),
        func.coalesce(rows.c.taken_over_by, rows.c.admin_id, "")
        == func.coalesce(bindparam("in_charge"), ""),
    )
    .values(taken_over_by=bindparam("by"))
    .returning(*COLUMNS)
)
SPARE = (
    update(rows)
    .where(rows.c.id == bindparam("case_id"), COMPLETED, rows.c.spared_at.is_(None))
    .values(spared_at=bindparam("now"))
)
FORGET = (
    update(rows)
    .where(rows.c.subscriber_id == bindparam("of_subscriber"))
    .values(reason=None, ticket=None)
)
ADD_HAND_OVER = insert(hand_overs)
HAND_OVERS = (
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
SUPERSEDE = (
    update(rows)
    .where(
        rows.c.subscriber_id == bindparam("of_subscriber"),
        _in_one_of(SUPERSEDABLE_STATES),
        rows.c.id != bindparam("by"),
    )
    .values(state=CaseState.SUPERSEDED, next_reminder_at=None)
    .returning(rows.c.number, *COLUMNS)
)
SCHEDULE = (
    update(rows)
    .where(
        rows.c.id == bindparam("case_id"),
        COMPLETED,
        rows.c.reminders_sent == bindparam("sent_before"),
    )
    .values(reminders_sent=bindparam("sent"), next_reminder_at=bindparam("next_at"))
)
_FREE = or_(rows.c.lease_until.is_(None), rows.c.lease_until <= bindparam("now"))
LEASE = (
    update(rows)
    .where(
        rows.c.id == bindparam("case_id"),
        EXECUTING,
        or_(_FREE, rows.c.lease_holder == bindparam("holder")),
    )
    .values(lease_holder=bindparam("holder"), lease_until=bindparam("until"))
    .returning(*COLUMNS)
)
_UNLEASED = {"lease_holder": None, "lease_until": None}
END_LEASE = (
    update(rows)
    .where(rows.c.id == bindparam("case_id"), EXECUTING, rows.c.lease_holder == bindparam("holder"))
    .values(_UNLEASED)
)
RELEASE_LEASES = update(rows).where(EXECUTING, rows.c.lease_until.is_not(None)).values(_UNLEASED)
TO_CARRY_OUT = ALL.where(EXECUTING, _FREE).order_by(
    rows.c.lease_until,
    rows.c.number,  # else SQLite would not read it from the index
)


@cache
def move(states: frozenset[CaseState], to: CaseState, *, held: bool) -> Update:
    """Return how a case in one of `states` is moved; `held` by whoever works on it, by nobody else.

    There are as many as the domain knows ways from state to state.
    """
    now = bindparam("now", type_=rows.c.decided_at.type)
    moved = (
        update(rows)
        .where(rows.c.id == bindparam("case_id"), _in_one_of(states))
        .values(
            state=to,
            decided_at=case((AWAITING, now), else_=rows.c.decided_at),
            ended_reason=func.coalesce(
                bindparam("why", type_=rows.c.ended_reason.type), rows.c.ended_reason
            ),
            next_reminder_at=bindparam("remind_at"),
            lease_holder=bindparam("holder"),
            lease_until=bindparam("until"),
        )
        .returning(*COLUMNS)
    )
    if to is CaseState.COMPLETED:
        moved = moved.values(completed_at=now)
    if to is CaseState.RE_ENROLLED:
        moved = moved.values(re_enrolled_at=now)
    return moved.where(rows.c.lease_holder == bindparam("held_by")) if held else moved
