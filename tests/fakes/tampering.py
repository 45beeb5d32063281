"""What somebody could do to the audit chain who has the database's file and knows the format."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from bot.domain.model.audit import GENESIS_HASH, AuditRecord, hash_record
from storage.database import Database
from tests.fakes.sqlite import url_of


def drop_triggers(path: Path) -> None:
    """Take away what makes the database itself refuse."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")


def cut_off(path: Path, *, last: int) -> None:
    """Delete the last records with their details, and let the head name what is left."""
    drop_triggers(path)
    kept = _records(path)[:-last]
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in ("audit_details", "audit_records"):
            connection.execute(f"DELETE FROM {table} WHERE number > ?", [len(kept)])  # noqa: S608  # of these two
        _name_as_head(connection, kept)


def forge(path: Path, *, number: int, actor: str) -> None:
    """Give a record another actor and make the hashes of it and all that follow anew."""
    drop_triggers(path)
    forged, previous_hash = [], GENESIS_HASH
    for record in _records(path):
        said = replace(record, actor=actor) if record.number == number else record
        linked = replace(said, previous_hash=previous_hash)
        forged.append(replace(linked, hash=hash_record(linked)))
        previous_hash = forged[-1].hash
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "UPDATE audit_records SET actor = ?, previous_hash = ?, hash = ? WHERE number = ?",
            [(each.actor, each.previous_hash, each.hash, each.number) for each in forged],
        )
        _name_as_head(connection, forged)


def _name_as_head(connection: sqlite3.Connection, records: Iterable[AuditRecord]) -> None:
    last = max(records, key=lambda record: record.number)
    connection.execute("UPDATE audit_head SET number = ?, hash = ?", [last.number, last.hash])


def _records(path: Path) -> list[AuditRecord]:
    database = Database(url_of(path), secret_keys=())
    with database.snapshot() as reading:
        records = list(reading.audit.records())
    database.close()
    return records
