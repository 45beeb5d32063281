"""What is PostgreSQL's alone: short waits, dead connections noticed, locks beyond a transaction."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from storage.errors import (
    DatabaseBusyError,
    DatabaseOutdatedError,
    DatabaseUnreadableError,
    DatabaseUrlError,
    StorageError,
)

CONNECTIONS = 20
"""At once for one process: requests, Slack's socket, the sender and the sweep, one each."""

_KEPT = 10
_CONNECT_WITHIN = 2
_UNACKNOWLEDGED = 4
"""Seconds after which a server that acknowledges nothing is taken for gone."""
_IDLE_WITHIN = 30
"""Seconds that a transaction may rest while it holds locks: whoever froze must not stop others."""
ALONE_WITHIN = 600.0
"""Seconds after which who froze while it was alone is no longer: others go on."""
_TABLE_WAIT = 10
"""Seconds that a migration waits for those who read a table that it alters."""

_BUSY = ("55P03", "57014", "40P01", "40001")  # a lock, a timeout, a deadlock, serialisation
_NO_TABLE = "42P01"
_NO_COLUMN = "42703"
_FULL = "53100"
_READ_ONLY = "25006"
# connection exceptions; shutdown, crash, start-up; a rest that was too long; lack of resources
_GONE = ("08", "57P", "25P03", "53")

_TRY_LOCK = text("SELECT pg_try_advisory_lock(:key)")
_REST_AT_MOST = text(  # a setting of PostgreSQL 14; an older one goes without
    "SELECT set_config(name, :milliseconds, false) FROM pg_settings"
    " WHERE name = 'idle_session_timeout'"
)
_LOCK_TRANSACTION = text("SELECT pg_advisory_xact_lock(:key)")


def make_postgresql(url: URL, *, wait: float, reading: str, migrating: str) -> Engine:
    """Make the engine of a server's database without connecting; raises `DatabaseUrlError`.

    A statement, and a wait for a lock, take `wait` seconds at most. `reading` and `migrating` name
    the execution options of connections that are asked for no lock, and for the whole schema.
    """
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=_KEPT,
            max_overflow=CONNECTIONS - _KEPT,
            pool_timeout=wait,
            connect_args=_noticing_the_dead() | {"options": _options(url, wait)},
        )
    except ModuleNotFoundError:
        raise DatabaseUrlError(
            "REKEY_DATABASE_URL names PostgreSQL, whose driver is not installed:"
            " pip install 'rekey-bot[postgresql]'."
        ) from None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(reading) or options.get(migrating):  # long ones, and slow readers of them
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        if options.get(migrating):
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")

    return engine


def _noticing_the_dead() -> dict[str, int]:
    return {
        "connect_timeout": _CONNECT_WITHIN,
        "tcp_user_timeout": _UNACKNOWLEDGED * 1000,
        "keepalives": 1,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
    }


def _options(url: URL, wait: float) -> str:
    """Return what the server is told at the start of a connection, of us who may die as well."""
    given = url.query.get("options", "")
    settings = {
        "lock_timeout": int(wait * 1000),
        "statement_timeout": int(wait * 1000),
        "idle_in_transaction_session_timeout": _IDLE_WITHIN * 1000,
        "tcp_keepalives_idle": 5,
        "tcp_keepalives_interval": 2,
        "tcp_keepalives_count": 3,
    }
    ours = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return " ".join([*([given] if isinstance(given, str) else given), ours]).strip()


def keep_rows_out(original: BaseException, *wrapped: BaseException | None) -> None:
    """Cut an error's text down to its sentence: the server adds the values of whole rows to it."""
    diagnosis = getattr(original, "diag", None)
    sentence = getattr(diagnosis, "message_primary", None)
    if sentence:
        in_full = str(original)
        for error in (original, *wrapped):
            if error is not None:
                error.args = tuple(str(each).replace(in_full, sentence) for each in error.args)


def told_of_postgresql(state: str | None, *, disconnected: bool) -> StorageError | None:
    """Say in one sentence what the server said by its SQLSTATE, or that it says nothing more."""
    if state in _BUSY:
        return DatabaseBusyError("Another program is writing to the database; try again.")
    if state in (_NO_TABLE, _NO_COLUMN):
        return DatabaseOutdatedError("The database lacks tables: run rekey db upgrade.")
    if state == _FULL:
        return DatabaseUnreadableError("The database server's disk is full.")
    if state == _READ_ONLY:
        return DatabaseUnreadableError("The database server lets nobody write just now.")
    if disconnected or (state or "").startswith(_GONE):
        return DatabaseUnreadableError("The connection to the database broke; try again.")
    return None


@contextmanager
def alone(engine: Engine, name: str) -> Iterator[bool]:
    """Hold the lock of that name in the database; yields false, at once, where another has it.

    On a connection of its own, with whose end the server lets go of the lock; it ends that itself
    after `ALONE_WITHIN`. So who is alone may find another beside it in the end.
    """
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.detach()
        connection.execute(_REST_AT_MOST, {"milliseconds": str(int(ALONE_WITHIN * 1000))})
        yield bool(connection.scalar(_TRY_LOCK, {"key": _key(name)}))


def wait_alone(connection: Connection, name: str, *, wait: float) -> None:
    """Hold the lock of that name until the transaction ends, having waited `wait` seconds at most.

    Tables are waited for less long, since everybody else waits behind that. Raises
    `DatabaseBusyError`.
    """
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(wait * 1000)}")
    connection.execute(_LOCK_TRANSACTION, {"key": _key(name)})
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_TABLE_WAIT * 1000}")


def _key(name: str) -> int:
    """Return the number by which the server knows the lock; one of 64 bits, like no other's."""
    return int.from_bytes(hashlib.sha256(f"rekey {name}".encode()).digest()[:8], signed=True)
