"""The least that a request could cost: bare Bolt, and raw `sqlite3` transactions.

It writes the very rows that the program wrote, in as many transactions, into the same tables with
the same indexes, keys and triggers, on the same disk and with the same pragmas; nothing is looked
at, decided or made. Where the program wrote nothing it writes one row all the same: there is a
commit to be had.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any
from unittest.mock import patch

from slack_bolt import Ack
from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.default import DefaultDialect

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


Transaction = list[Write]


@dataclass(slots=True)
class Recorder:
    """Keeps what the program sends to its database."""

    sent: int = 0
    commits: list[float] = field(default_factory=list)
    """When each transaction that wrote something was durable."""
    transactions: list[Transaction] = field(default_factory=lambda: [[]])

    def take(self) -> "Recorder":
        """Return what was recorded since the last time."""
        written = [each for each in self.transactions if each]
        taken = Recorder(sent=self.sent, commits=self.commits, transactions=written)
        self.sent, self.commits, self.transactions = 0, [], [[]]
        return taken

    @property
    def rows(self) -> int:
        writes = [write for each in self.transactions for write in each]
        return sum(len(write.parameters) if write.many else 1 for write in writes)


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record every statement and every commit of every engine.

    Not by an event: where there is one, SQLAlchemy looks for others at every step of a statement,
    which would count as the program's own time.
    """
    recorder = Recorder()

    def noting(send: Callable[..., None], *, many: bool) -> Callable[..., None]:
        def note(dialect: Dialect, cursor: Any, statement: str, *arguments: Any) -> None:  # noqa: ANN401  # the driver's
            recorder.sent += 1
            if statement.startswith(_WRITES):
                recorder.transactions[-1].append(Write(statement, arguments[0], many))
            send(dialect, cursor, statement, *arguments)

        return note

    one, several = DefaultDialect.do_execute, DefaultDialect.do_executemany
    commit = Connection.commit

    def noted(connection: Connection) -> None:
        commit(connection)
        if recorder.transactions[-1]:
            recorder.commits.append(perf_counter())
            recorder.transactions.append([])

    with (
        patch.object(DefaultDialect, "do_execute", noting(one, many=False)),
        patch.object(DefaultDialect, "do_executemany", noting(several, many=True)),
        patch.object(Connection, "commit", noted),
    ):
        yield recorder


class Floor:
    """A listener for the program's own requests that only writes what it is given."""

    def __init__(self, database: Path) -> None:
        """Take over a copy of the program's database."""
        self.app = bare_bolt()
        self._given: list[Transaction] = []
        self.durable_at = 0.0
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

    def give(self, transactions: list[Transaction]) -> None:
        """Have these rows written at the next request."""
        self._given = transactions or [[_ONE_ROW]]

    def write(self, transactions: list[Transaction]) -> None:
        """Write these rows."""
        connection = self._connection
        for transaction in transactions:
            connection.execute("BEGIN IMMEDIATE")
            for write in transaction:
                if write.many:
                    connection.executemany(write.statement, write.parameters)
                else:
                    connection.execute(write.statement, write.parameters).fetchall()
            connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _listen(self, ack: Ack) -> None:
        self.write(self._given)
        self.durable_at = perf_counter()
        ack()
