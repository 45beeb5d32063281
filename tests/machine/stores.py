"""The stores over which the random acts are done, each empty and of one life's own."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from storage.database import Database
from tests.fakes import FakeDatabase
from tests.fakes.postgresql import laid_database
from tests.fakes.sqlite import SECRET_KEYS, a_database
from tests.machine.firm import Firm

_CUT = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = :name AND pid <> pg_backend_pid()"
)
"""Returns once they are gone, or after five seconds."""


def in_memory() -> Firm:
    database = FakeDatabase()
    return Firm(database.unit_of_work, snapshot=database.snapshot)


def on_sqlite() -> Firm:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        database = a_database(folder)
        stack.callback(database.close)
        close = stack.pop_all().close
    return Firm(database.unit_of_work, snapshot=database.snapshot, close=close)


def on_postgresql(server: str) -> Firm:
    """On a database of that server, which then can be cut off from whoever uses it."""
    with ExitStack() as stack:
        url = stack.enter_context(laid_database(server))
        database = Database(url, secret_keys=SECRET_KEYS)
        stack.callback(database.close)
        beside = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        close = stack.pop_all().close
    name = make_url(url).database or ""
    return Firm(
        database.unit_of_work,
        snapshot=database.snapshot,
        close=close,
        cut=lambda: _cut(beside, name),
    )


def _cut(beside: Engine, name: str) -> None:
    with beside.connect() as connection:
        connection.execute(_CUT, {"name": name}).all()
