"""The statements that reach a database: which tables they read, and which they write."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from storage.tables import metadata

_WORDS = re.compile(r"\w+")
_READS = ("SELECT", "SET ", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")
"""What begins otherwise is taken for writing every table that it names."""


class Statements:
    """Listens to every engine of that database in this process, until it is closed."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._written: set[str] = set()
        self._asked: set[str] | None = None
        event.listen(Engine, "before_cursor_execute", self._note)

    def close(self) -> None:
        event.remove(Engine, "before_cursor_execute", self._note)

    @contextmanager
    def asked_for(self) -> Iterator[set[str]]:
        self._asked = asked = set[str]()
        try:
            yield asked
        finally:
            self._asked = None

    def written_to(self) -> set[str]:
        written, self._written = self._written, set()
        return written

    def _note(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url.database != self._database:
            return
        named = metadata.tables.keys() & _WORDS.findall(statement)
        if not statement.lstrip().upper().startswith(_READS):
            self._written |= named
        elif self._asked is not None:
            self._asked |= named
