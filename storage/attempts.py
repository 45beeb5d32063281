"""Failed attempts, and other counted ones, in the database."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from bot.domain.model.people import AttemptKind
from storage.tables import attempts as rows

_RECORD = insert(rows)
_COUNT_ALONE = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("what"), 0)))
_RECENT = (
    select(rows.c.at)
    .where(
        rows.c.kind == bindparam("kind"),
        rows.c.key == bindparam("key"),
        rows.c.at > bindparam("since"),
    )
    .order_by(rows.c.at.desc())
    .limit(bindparam("most"))
)
_oldest = (
    select(rows.c.number)
    .where(rows.c.at < bindparam("before"))
    .order_by(rows.c.at)
    .limit(bindparam("most"))
)
_PRUNE = delete(rows).where(rows.c.number.in_(_oldest))


class SqlAttempts:
    """`bot.domain.ports.sign_in.AttemptRepository` over one connection; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, kind: AttemptKind, key: str, *, at: datetime) -> None:
        self._connection.execute(_RECORD, {"kind": kind, "key": key, "at": at})

    def recent(
        self, kind: AttemptKind, key: str, *, since: datetime, limit: int
    ) -> tuple[datetime, ...]:
        """When they were made, newest first, later than `since`.

        Whoever asks may record another by what this says: until the unit ends nobody else is told
        of the same key. SQLite lets no other unit go on at all.
        """
        if self._connection.dialect.name != "sqlite":
            self._connection.execute(_COUNT_ALONE, {"what": f"attempts {kind} {key}"})
        values = {"kind": kind, "key": key, "since": since, "most": limit}
        return tuple(self._connection.scalars(_RECENT, values))

    def prune(self, *, before: datetime, limit: int) -> int:
        """Forget what was made earlier, the oldest first, `limit` at most; return how many."""
        return self._connection.execute(_PRUNE, {"before": before, "most": limit}).rowcount
