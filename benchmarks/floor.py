"""The least that a request could cost: bare Bolt, and one raw `sqlite3` transaction.

It writes the very rows that the program wrote, into the same tables with the same indexes, keys
and triggers, on the same disk and with the same pragmas; nothing is looked at, decided or made.
Where the program wrote nothing it writes one row all the same: there is a commit to be had.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slack_bolt import Ack
from sqlalchemy import Engine, event

from benchmarks.program import bare_bolt

_WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Write:
    """A statement as it reached the driver."""

    statement: str
    parameters: Any
    many: bool


_ONE_ROW = Write(
    "INSERT INTO attempts (kind, key, at) VALUES ('code', ?, '2026-01-01 12:00:00.000000')",
    ("x" * 200,),
    many=False,
)


@dataclass(slots=True)
class Recorder:
    """Keeps what the program sends to its database."""

    sent: int = 0
    writes: list[Write] = field(default_factory=list)

    def take(self) -> tuple[list[Write], int]:
        """Return what was written since the last time, and how many statements were sent."""
        taken = self.writes, self.sent
        self.writes, self.sent = [], 0
        return taken


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record every statement of every engine."""
    recorder = Recorder()

    def note(*arguments: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event
        _connection, _cursor, statement, parameters, _context, many = arguments
        recorder.sent += 1
        if statement.startswith(_WRITES):
            recorder.writes.append(Write(statement, parameters, many))

    event.listen(Engine, "before_cursor_execute", note)
    yield recorder
    event.remove(Engine, "before_cursor_execute", note)


class Floor:
    """A listener for the program's own requests that only writes what it is given."""

    def __init__(self, database: Path) -> None:
        """Take over a copy of the program's database."""
        self.app = bare_bolt()
        self._given: list[Write] = []
        self._connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.create_function("lower", 1, str.lower, deterministic=True)
        self.app.command("/reset-2fa")(self._listen)
        self.app.action("reset_yes")(self._listen)

    def give(self, writes: list[Write]) -> None:
        """Have these rows written at the next request."""
        self._given = writes or [_ONE_ROW]

    def write(self, writes: list[Write]) -> None:
        """Write these rows in one transaction."""
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        for write in writes:
            if write.many:
                connection.executemany(write.statement, write.parameters)
            else:
                connection.execute(write.statement, write.parameters).fetchall()
        connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _listen(self, ack: Ack) -> None:
        self.write(self._given)
        ack()
