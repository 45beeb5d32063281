"""How far ahead each way out is booked, for every process that sends."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from bot.domain.model import pace as domain
from bot.domain.model.notices import Way
from bot.domain.model.pace import Bookings, Paces
from storage.statements import insert_unless_taken
from storage.tables import outbox_paces as rows

WAYS = {str(way): way for way in Way}
"""Those that this version knows; a newer one beside it may know others."""

_ALL = select(rows)
_ADD = insert_unless_taken(rows, rows.c.way)
_CHANGE = (
    update(rows)
    .where(
        rows.c.way == bindparam("of_way"),
        rows.c.booked_until == bindparam("booked_before"),
        rows.c.held_until.is_not_distinct_from(
            bindparam("held_before", type_=rows.c.held_until.type)
        ),
    )
    .values(booked_until=bindparam("until"), held_until=bindparam("held"))
)


class SqlPaces:
    """The bookings of every way; what two processes book at once, one of them books."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self) -> dict[Way, Bookings]:
        """Return what is booked now, of the ways that were ever used."""
        return {
            WAYS[row.way]: Bookings(booked_until=row.booked_until, held_until=row.held_until)
            for row in self._connection.execute(_ALL)
            if row.way in WAYS
        }

    def book(
        self, way: Way, before: Mapping[Way, Bookings], *, now: datetime, paces: Paces
    ) -> bool:
        """Book one message by that way; false where the ways are not as they were `before`."""
        booked = domain.book(way, before, now=now, paces=paces)
        return all(self._change(each, before.get(each), after) for each, after in booked.items())

    def hold(self, way: Way, *, until: datetime, now: datetime, paces: Paces) -> None:
        """Hold the way back, whatever others do to it meanwhile."""
        pace = domain.pace_of(way, paces)
        while True:
            before = self.read().get(way)
            held = (before or Bookings(booked_until=now)).hold(pace, until=until, now=now)
            if self._change(way, before, held):
                return

    def _change(self, way: Way, before: Bookings | None, after: Bookings) -> bool:
        """Compare and set: one statement, so that of two rivals one finds it changed."""
        if before is None:
            values = {
                "way": way,
                "booked_until": after.booked_until,
                "held_until": after.held_until,
            }
            add = _ADD(self._connection.dialect.name)
            return self._connection.execute(add, values).first() is not None
        changed = self._connection.execute(
            _CHANGE,
            {
                "of_way": way,
                "booked_before": before.booked_until,
                "held_before": before.held_until,
                "until": after.booked_until,
                "held": after.held_until,
            },
        )
        return changed.rowcount == 1
