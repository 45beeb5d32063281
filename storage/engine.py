"""The engine beneath a database: made safe to use, its errors told in one sentence each."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import registry
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, IntegrityError

from storage.errors import (
    DatabaseBusyError,
    DatabaseOutdatedError,
    DatabaseUnreadableError,
    DatabaseUrlError,
    NotADatabaseError,
    StorageError,
)
from storage.postgresql import keep_rows_out, make_postgresql, told_of_postgresql

LOCK_WAIT = 2.0
"""Seconds that a writer waits for another; Slack waits three for us."""

UPGRADE_WAIT = 60.0
"""Seconds that a migration waits for another program's, which may have much to do."""

READING = "rekey_reading"
"""Execution option of a connection that will only read."""

MIGRATING = "rekey_migrating"
"""Execution option of a connection that migrates."""

_SQLITE = "sqlite+rekey"
registry.register("sqlite.rekey", "storage.sqlite_dialect", "ImmediateSqlite")

_OWNER_ONLY = 0o600
_OTHERS = 0o077
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_DATABASE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_UNREADABLE = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
)


def make_engine(url: str) -> Engine:
    """Make the engine of that URL without connecting; raises `DatabaseUrlError`.

    Statements' parameters never stand in an error's text.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed.set(drivername=_SQLITE),
            hide_parameters=True,
            pool_timeout=LOCK_WAIT,
            connect_args={"timeout": LOCK_WAIT},
        )
        _prepare_sqlite(engine, Path(parsed.database or ""))
    else:
        engine = make_postgresql(parsed, wait=LOCK_WAIT, reading=READING, migrating=MIGRATING)
    event.listen(engine, "handle_error", _tell, retval=True)
    return engine


def for_reading(engine: Engine) -> Engine:
    """Return the same engine, whose transactions see one moment and take no lock."""
    if engine.dialect.name == "sqlite":
        reading = engine.execution_options(**{READING: True})
        event.listen(reading, "begin", _begin_reading)
        return reading
    return engine.execution_options(isolation_level="REPEATABLE READ", **{READING: True})


def for_migrating(engine: Engine) -> Engine:
    """Return the same engine, whose transactions wait long for another's, and take their time."""
    migrating = engine.execution_options(**{MIGRATING: True})
    if engine.dialect.name == "sqlite":
        event.listen(migrating, "begin", _begin_migrating)
    return migrating


def parse_url(url: str) -> URL:
    """Return the URL's parts; raises `DatabaseUrlError`, which shows none of them."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError(
            "REKEY_DATABASE_URL is not a URL such as sqlite:///var/rekey.db"
            " or postgresql+psycopg://host/name."
        ) from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:") or parsed.query:
            raise DatabaseUrlError(
                "REKEY_DATABASE_URL must name a file and nothing else after sqlite:///."
            )
    elif parsed.drivername not in ("postgresql", "postgresql+psycopg"):
        raise DatabaseUrlError(
            "REKEY_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://."
        )
    return parsed


def _prepare_sqlite(engine: Engine, path: Path) -> None:
    @event.listens_for(engine, "do_connect")
    def _(*_: Any) -> None:  # noqa: ANN401  # SQLAlchemy's event
        _keep_to_owner(path)

    @event.listens_for(engine, "connect")
    def _(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401  # the same
        connection.isolation_level = None  # BEGIN is ours to send
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",  # what was erased is overwritten, not only let go
            f"busy_timeout={int(LOCK_WAIT * 1000)}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        # SQLite's own knows the letters from A to Z alone
        connection.create_function("lower", 1, _lower, deterministic=True)


def _begin_reading(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN")  # SQLAlchemy would make a statement of it


def _begin_migrating(connection: Connection) -> None:
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(UPGRADE_WAIT * 1000)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(LOCK_WAIT * 1000)}")


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _keep_to_owner(path: Path) -> None:
    """Make the file, and what SQLite lays beside it, readable by its owner alone.

    SQLite gives its `-wal` and `-shm` files the permissions of the database; those that were there
    before are put right too. A file that is there is never opened here: closing it would drop every
    lock that this process's connections hold on it, and the next program to leave the database
    would take the log away beneath them (https://sqlite.org/howtocorrupt.html, section 2.2).
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY))
        elif path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        for file in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
            if file.exists() and file.stat().st_mode & _OTHERS:
                file.chmod(_OWNER_ONLY)
    except OSError as error:
        raise DatabaseUnreadableError(
            f"The database {path} cannot be opened: {error.strerror}."
        ) from None


def _tell(context: ExceptionContext) -> BaseException | None:
    """Say in one sentence what the driver said; broken constraints are the repositories' matter."""
    original = context.original_exception
    keep_rows_out(original, context.sqlalchemy_exception)
    if isinstance(context.sqlalchemy_exception, IntegrityError):
        return None
    if isinstance(original, sqlite3.Error):
        return _sqlite_error(original)
    if context.is_pre_ping:  # a connection that broke at rest is replaced, and nobody hears of it
        return None
    if context.connection is None:
        return DatabaseUnreadableError("The database server cannot be reached, or lets nobody in.")
    state = getattr(original, "sqlstate", None)
    return told_of_postgresql(state, disconnected=context.is_disconnect)


def _sqlite_error(error: sqlite3.Error) -> StorageError | None:
    extended = getattr(error, "sqlite_errorcode", None)
    if extended is None:
        return None
    code = extended & 0xFF
    if code in _BUSY:
        return DatabaseBusyError("Another program is writing to the database; try again.")
    if code in _NO_DATABASE:
        return NotADatabaseError("The database file is damaged, or is not a database at all.")
    if code in _UNREADABLE:
        name = error.sqlite_errorname
        return DatabaseUnreadableError(f"The database cannot be read or written ({name}).")
    if "no such table" in str(error):
        return DatabaseOutdatedError("The database lacks tables: run rekey db upgrade.")
    return None
