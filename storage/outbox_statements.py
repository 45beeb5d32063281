"""The statements of the outbox, each built once."""

from typing import Any

from sqlalchemy import (
    ColumnClause,
    Select,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from bot.domain.model.notices import NoticeKind, Way
from storage.statements import insert_unless_taken
from storage.tables import UNSENT, WAY
from storage.tables import outbox as rows
from storage.tables import outbox_paces as paces
from storage.types import UtcDateTime

ADD = insert(rows)
ADD_ONCE = insert_unless_taken(rows, rows.c.once)
DUE = (
    select(rows)
    .where(UNSENT, rows.c.next_attempt_at <= bindparam("now"))
    .order_by(rows.c.next_attempt_at, rows.c.number)
    .limit(bindparam("most"))
)
_WAY: ColumnClause[str] = literal_column(f"({WAY})")
_ONE: ColumnClause[int] = literal_column("1")
_NONE: ColumnClause[int] = literal_column("0")  # SQLite's dialect binds a value where none is given


def _first_by(way: Way) -> Select[Any]:
    """Return the statement for the longest due of those that wait to leave by that way."""
    first = (
        select(rows.c.next_attempt_at, rows.c.number)
        .where(UNSENT, literal_column(f"'{way}'") == _WAY)
        .order_by(rows.c.next_attempt_at, rows.c.number)
        .limit(_ONE)
        .offset(_NONE)
        .subquery()
    )
    return select(
        literal_column(f"'{way}'").label("way"),
        first.c.next_attempt_at.label("at"),
        cast(null(), UtcDateTime).label("held_until"),
        first.c.number,
    )


OUTLOOK = union_all(
    *[_first_by(way) for way in Way],
    select(paces.c.way, paces.c.booked_until, paces.c.held_until, null()),
)
"""Of each way the longest due of its messages; and, without a number, how far it is booked."""

_waiting = rows.alias("waiting")
CLAIM = (
    update(rows)
    .where(
        rows.c.id
        == select(_waiting.c.id)
        .where(UNSENT, bindparam("by_way") == _WAY, _waiting.c.next_attempt_at <= bindparam("now"))
        .order_by(_waiting.c.next_attempt_at, _waiting.c.number)
        .limit(_ONE)
        .offset(_NONE)
        .with_for_update(skip_locked=True)  # SQLite has but one writer, and leaves it out
        .scalar_subquery()
    )
    .values(
        claimed_by=bindparam("holder"),
        next_attempt_at=bindparam("until"),
        in_doubt=or_(rows.c.in_doubt, rows.c.claimed_by.is_not(None)),
    )
    .returning(*rows.c)
)
RELEASE_ALL = (
    update(rows)
    .where(UNSENT, rows.c.claimed_by.is_not(None))
    .values(next_attempt_at=bindparam("now"))
)
_UNSENT = update(rows).where(rows.c.id == bindparam("message_id"), UNSENT)
_OURS = _UNSENT.where(rows.c.claimed_by.is_not_distinct_from(bindparam("holder", type_=String())))
RELEASE = _OURS.values(claimed_by=None, next_attempt_at=bindparam("now"))
SENT = _UNSENT.values(sent_at=bindparam("now"), encrypted_response_url=null(), claimed_by=null())
RESCHEDULE = _OURS.values(
    attempts=rows.c.attempts + 1,
    next_attempt_at=bindparam("next_at"),
    error=bindparam("why"),
    claimed_by=None,
    in_doubt=or_(rows.c.in_doubt, bindparam("doubted", type_=rows.c.in_doubt.type)),
)
FAILED = _OURS.values(
    attempts=rows.c.attempts + 1,
    failed_at=bindparam("now"),
    error=bindparam("why"),
    encrypted_response_url=None,
    claimed_by=None,
)
BACKLOG = select(
    func.count().label("pending"), func.min(rows.c.created_at).label("oldest_at")
).where(UNSENT)
FORGET_URL = (
    update(rows).where(rows.c.id == bindparam("message_id")).values(encrypted_response_url=None)
)
FORGET = (
    update(rows)
    .where(
        or_(
            rows.c.contact_id == bindparam("of_contact"),
            rows.c.subject_id == bindparam("of_contact"),
            (rows.c.kind == NoticeKind.REPLY)
            & (rows.c.sent_at.is_not(None) | rows.c.failed_at.is_not(None)),
        )
    )
    .values(facts=bindparam("no_facts", type_=rows.c.facts.type))
)
_oldest_sent = (
    select(rows.c.number, rows.c.sent_at)
    .where(rows.c.sent_at.is_not(None))
    .order_by(rows.c.number)
    .limit(bindparam("most"))
    .subquery()
)
PRUNE = delete(rows).where(
    rows.c.number.in_(
        select(_oldest_sent.c.number).where(_oldest_sent.c.sent_at < bindparam("before"))
    )
)
"""Looks at no more rows than it may delete, so that it needs no index of when they were sent."""
_UNDELIVERED = or_(rows.c.failed_at.is_not(None), UNSENT & (rows.c.attempts > 0))
UNDELIVERED = select(rows).where(_UNDELIVERED).order_by(rows.c.number)
UNDELIVERED_OF = UNDELIVERED.where(rows.c.case_id.in_(bindparam("case_ids", expanding=True)))
COUNT_UNDELIVERED = select(func.count()).where(_UNDELIVERED)
