"""A real PostgreSQL database for tests, migrated once a server and copied after that."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, NullPool, create_engine, make_url, text

import storage
from storage.database import Database

_MIGRATIONS = Path(storage.__file__).parent / "migrations"
_ONE_AT_A_TIME = 5_246_721
"""The key of the server's own lock under which the template is made, by one process of many."""


@contextmanager
def laid_database(server: str) -> Iterator[str]:
    """Lay a migrated, empty database on that server; yield its URL, and drop it after."""
    with _empty_database(server, template=_template(server)) as url:
        yield url


@contextmanager
def empty_database(server: str) -> Iterator[str]:
    """Make a database without any table on that server; yield its URL, and drop it after."""
    with _empty_database(server, template="template0") as url:
        yield url


@contextmanager
def _empty_database(server: str, *, template: str) -> Iterator[str]:
    name = f"rekey_{secrets.token_hex(8)}"
    engine = _server(server)
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield _url(server, name)
    finally:
        with engine.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def _template(server: str) -> str:
    """Return the database that holds what the migrations, as they stand, lead to."""
    name = f"rekey_template_{_fingerprint()}"
    with _server(server).connect() as connection:
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


def _server(url: str) -> Engine:
    """Return an engine whose connections are closed when they are given back."""
    return create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=NullPool, hide_parameters=True
    )


def _url(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)
