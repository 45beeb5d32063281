"""Suspensions of sign-ins in the database."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.domain.model.ids import ContactId
from bot.domain.model.people import Suspension, SuspensionCause
from storage.tables import NOT_LIFTED
from storage.tables import suspensions as rows

_ADD = insert(rows)
_CURRENT = (
    select(rows)
    .where(rows.c.contact_id == bindparam("contact_id"), NOT_LIFTED)
    .order_by(
        (rows.c.cause == SuspensionCause.VETOED).desc(),
        rows.c.suspended_at.desc(),
        rows.c.id.desc(),
    )
    .limit(1)
)
_OF = (
    select(rows)
    .where(rows.c.contact_id == bindparam("contact_id"))
    .order_by(rows.c.suspended_at.desc(), rows.c.id.desc())
)
_HOLDING = select(rows).where(NOT_LIFTED).order_by(rows.c.suspended_at.desc(), rows.c.id.desc())
_LIFT = (
    update(rows)
    .where(rows.c.contact_id == bindparam("of_contact"), NOT_LIFTED)
    .values(lifted_by=bindparam("by"), lifted_at=bindparam("now"))
)


class SqlSuspensions:
    """`bot.domain.ports.sign_in.SuspensionRepository` over one connection; never commits."""

    def __init__(self, connection: Connection, *, on_change: Callable[[], None]) -> None:
        """`on_change` is called where somebody is suspended, or is no longer."""
        self._connection = connection
        self._on_change = on_change

    def add(self, suspension: Suspension) -> None:
        self._on_change()
        self._connection.execute(
            _ADD,
            {
                "id": suspension.id,
                "contact_id": suspension.contact_id,
                "cause": suspension.cause,
                "case_id": suspension.case_id,
                "suspended_by": suspension.suspended_by,
                "suspended_at": suspension.suspended_at,
                "lifted_by": suspension.lifted_by,
                "lifted_at": suspension.lifted_at,
            },
        )

    def current(self, contact_id: ContactId) -> Suspension | None:
        """Return the suspension that holds: a veto before all others, then the newest."""
        row = self._connection.execute(_CURRENT, {"contact_id": contact_id}).one_or_none()
        return None if row is None else Suspension(**row._asdict())

    def of(self, contact_id: ContactId) -> tuple[Suspension, ...]:
        """Every suspension of the contact, lifted ones too, the newest first."""
        found = self._connection.execute(_OF, {"contact_id": contact_id})
        return tuple(Suspension(**row._asdict()) for row in found)

    def holding(self) -> tuple[Suspension, ...]:
        """Every suspension that holds, whosever it is, the newest first."""
        return tuple(Suspension(**row._asdict()) for row in self._connection.execute(_HOLDING))

    def lift(self, contact_id: ContactId, *, lifted_by: str, now: datetime) -> int:
        """Lift what holds; return how many suspensions that was."""
        self._on_change()
        values = {"of_contact": contact_id, "by": lifted_by, "now": now}
        return self._connection.execute(_LIFT, values).rowcount
