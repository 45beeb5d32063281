"""Real PostgreSQL databases for tests, migrated once a server, copied, and used again emptied."""

import hashlib
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text

import storage
from bot.domain.model.audit import GENESIS_HASH
from storage.database import Database
from storage.tables import audit_head, metadata

_MIGRATIONS = Path(storage.__file__).parent / "migrations"
_ONE_AT_A_TIME = 5_246_721
"""The key of the server's own lock under which the template is made, by one process of many."""

_CUT_OFF = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :name"
)
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_WAIT = 30
"""Seconds; machines that run other tests meanwhile are slow."""


class Databases:
    """Migrated, empty databases on a server; left, all of them are dropped.

    Making one takes longer than most tests: who is done leaves it to the next one, emptied.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._made: list[str] = []
        self._free: list[str] = []

    @contextmanager
    def lay(self) -> Iterator[str]:
        """Yield the URL of one that nobody else uses; whoever changes its tables drops it."""
        if not self._free:
            self._free.append(_create(self._server, template=_template(self._server)))
            self._made.append(self._free[-1])
        name = self._free.pop()
        yield _url(self._server, name)
        _empty(self._server, name)
        self._free.append(name)

    def close(self) -> None:
        for name in self._made:
            _drop(self._server, name)


def wait_until_somebody_waits(engine: Engine) -> None:
    """Return once a statement in that database waits for another's lock."""
    pause = threading.Event()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for _ in range(_WAIT * 50):
            if connection.scalar(_WAITING):
                return
            pause.wait(0.02)
    raise AssertionError("nobody waits for anybody")


@contextmanager
def laid_database(server: str) -> Iterator[str]:
    """Lay a migrated, empty database on that server; yield its URL, and drop it after."""
    yield from _made_and_dropped(server, template=_template(server))


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Make a database without any table on that server; yield its URL, and drop it after."""
    yield from _made_and_dropped(server, template="template0")


def _made_and_dropped(server: str, *, template: str) -> Iterator[str]:
    name = _create(server, template=template)
    try:
        yield _url(server, name)
    finally:
        _drop(server, name)


def _create(server: str, *, template: str) -> str:
    name = f"rekey_{secrets.token_hex(8)}"
    with _engine(server).connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    return name


def _drop(server: str, name: str) -> None:
    with _engine(server).connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def _empty(server: str, name: str) -> None:
    with _engine(server).connect() as connection:
        connection.execute(_CUT_OFF, {"name": name})
    with _engine(_url(server, name)).connect() as connection:
        connection.exec_driver_sql(_emptying())


@cache
def _emptying() -> str:
    """Return every statement at once, since each answer takes longer than the work."""
    tables = [table.name for table in metadata.sorted_tables if table is not audit_head]
    return "; ".join(
        [
            "SET session_replication_role = replica",  # in whatever order
            *(f"DELETE FROM {table}" for table in tables),  # noqa: S608  # our own tables
            f"UPDATE audit_head SET number = 0, hash = '{GENESIS_HASH}'",  # noqa: S608  # the same
        ]
    )


def _template(server: str) -> str:
    """Return the database that holds what the migrations, as they stand, lead to."""
    name = f"rekey_template_{_fingerprint()}"
    with _engine(server).connect() as connection:
        if not _exists(connection, name):
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
            if not _exists(connection, name):
                _make_template(connection, server, name)
    return name


def _make_template(connection: Connection, server: str, name: str) -> None:
    made = f"{name}_in_the_making"
    connection.execute(text(f'DROP DATABASE IF EXISTS "{made}" WITH (FORCE)'))
    connection.execute(text(f'CREATE DATABASE "{made}" TEMPLATE template0'))
    database = Database(_url(server, made), secret_keys=())
    database.upgrade()
    database.close()
    connection.execute(text(f'ALTER DATABASE "{made}" RENAME TO "{name}"'))


def _exists(connection: Connection, name: str) -> bool:
    query = text("SELECT 1 FROM pg_database WHERE datname = :name")
    return connection.execute(query, {"name": name}).first() is not None


def _fingerprint() -> str:
    text_of_all = b"".join(path.read_bytes() for path in sorted(_MIGRATIONS.rglob("*.py")))
    return hashlib.sha256(text_of_all).hexdigest()[:16]


def _engine(url: str) -> Engine:
    """Return an engine whose connections are closed when they are given back."""
    return create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=NullPool, hide_parameters=True
    )


def _url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
