"""People's own requests in the database; every change of state is one compare-and-set."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, insert, select, update

from bot.domain.model.ids import CaseId, ContactId, RequestId
from bot.domain.model.requests import OwnRequest, RequestMessage, RequestState
from storage.statements import insert_unless_taken
from storage.tables import LIVE, request_messages
from storage.tables import requests as rows

_COLUMNS = tuple(column for column in rows.c if column.name != "number")
_ALL = select(*_COLUMNS)
_ADD = insert_unless_taken(rows, rows.c.subscriber_id, where=LIVE)
_GET = _ALL.where(rows.c.id == bindparam("request_id"))
_LIVE_OF = _ALL.where(rows.c.subscriber_id == bindparam("subscriber_id"), LIVE)
_TO_EXPIRE = _ALL.where(
    LIVE, rows.c.opened_at <= bindparam("before"), rows.c.case_id.is_(None)
).order_by(rows.c.opened_at, rows.c.number)
_THIS = update(rows).where(rows.c.id == bindparam("request_id")).returning(*_COLUMNS)
_TAKE = _THIS.where(rows.c.state == RequestState.OPEN).values(
    state=RequestState.TAKEN, taken_by=bindparam("by"), taken_at=bindparam("now")
)
_LINK = _THIS.where(rows.c.state == RequestState.TAKEN).values(case_id=bindparam("case"))
_END = _THIS.where(LIVE).values(
    state=bindparam("to", type_=rows.c.state.type), ended_at=bindparam("now")
)
_FORGET = update(rows).where(rows.c.subscriber_id == bindparam("of_subscriber")).values(reason=None)
_MESSAGES = (
    select(request_messages)
    .where(request_messages.c.request_id == bindparam("request_id"))
    .order_by(request_messages.c.channel, request_messages.c.ts)
)
_MESSAGE = _MESSAGES.where(
    request_messages.c.channel == bindparam("channel"), request_messages.c.ts == bindparam("ts")
)
_ADD_MESSAGE = insert(request_messages)


class SqlRequests:
    """`bot.domain.ports.requests.RequestRepository` over one connection; never commits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: OwnRequest) -> bool:
        """Store a new request; false, and nothing done, where the subscriber has a live one."""
        statement = _ADD(self._connection.dialect.name)
        return self._connection.execute(statement, asdict(request)).one_or_none() is not None

    def get(self, request_id: RequestId) -> OwnRequest | None:
        return self._one(_GET, {"request_id": request_id})

    def live_of(self, subscriber_id: ContactId) -> OwnRequest | None:
        """Return the subscriber's request that is open or taken."""
        return self._one(_LIVE_OF, {"subscriber_id": subscriber_id})

    def take(self, request_id: RequestId, *, by: ContactId, now: datetime) -> OwnRequest | None:
        """Give an open request to `by`, once; `None` where it is not open."""
        return self._one(_TAKE, {"request_id": request_id, "by": by, "now": now})

    def link(self, request_id: RequestId, *, case_id: CaseId) -> OwnRequest | None:
        """Note the case that a taken request has led to; `None` where it is not taken."""
        return self._one(_LINK, {"request_id": request_id, "case": case_id})

    def end(self, request_id: RequestId, *, to: RequestState, now: datetime) -> OwnRequest | None:
        """End a live request, once; `None` where it has ended."""
        return self._one(_END, {"request_id": request_id, "to": to, "now": now})

    def due_to_expire(self, opened_before: datetime) -> tuple[OwnRequest, ...]:
        """Live requests without a case, opened at that instant or earlier, oldest first."""
        found = self._connection.execute(_TO_EXPIRE, {"before": opened_before})
        return tuple(OwnRequest(**row._asdict()) for row in found)

    def add_message(self, message: RequestMessage) -> None:
        """Note where a request was offered; the same twice is once."""
        values = asdict(message)
        if self._connection.execute(_MESSAGE, values).first() is None:
            self._connection.execute(_ADD_MESSAGE, values)

    def messages_of(self, request_id: RequestId) -> tuple[RequestMessage, ...]:
        found = self._connection.execute(_MESSAGES, {"request_id": request_id})
        return tuple(RequestMessage(**row._asdict()) for row in found)

    def forget(self, subscriber_id: ContactId) -> None:
        """Erase the reasons of the subscriber's requests."""
        self._connection.execute(_FORGET, {"of_subscriber": subscriber_id})

    def _one(self, statement: Executable, values: Mapping[str, Any]) -> OwnRequest | None:
        row = self._connection.execute(statement, dict(values)).one_or_none()
        return None if row is None else OwnRequest(**row._asdict())
