"""The stores over which the random acts are done, each empty and of one life's own."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from storage.database import Database
from tests.fakes import FakeDatabase
from tests.fakes.database import MEMORY
from tests.fakes.postgresql import Databases
from tests.fakes.sqlite import SECRET_KEYS, lay_database, url_of
from tests.machine.firm import Firm
from tests.machine.statements import Statements

_CUT = text(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = :name AND pid <> pg_backend_pid()"
)
"""Returns once they are gone, or after five seconds."""


def in_memory() -> Firm:
    with ExitStack() as stack:
        return _open(FakeDatabase(), MEMORY, stack)


def on_sqlite() -> Firm:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = url_of(lay_database(folder))
        return _open(Database(url, secret_keys=SECRET_KEYS), make_url(url).database or "", stack)


def on_postgresql(server: str, databases: Databases) -> Firm:
    """On a database of that server, which then can be cut off from whoever uses it."""
    with ExitStack() as stack:
        url = stack.enter_context(databases.lay())
        name = make_url(url).database or ""
        beside = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        database = Database(url, secret_keys=SECRET_KEYS)
        return _open(database, name, stack, cut=lambda: _cut(beside, name))


def _open(
    database: Database, name: str, stack: ExitStack, *, cut: Callable[[], None] | None = None
) -> Firm:
    stack.callback(database.close)
    statements = Statements(name)
    stack.callback(statements.close)
    return Firm(
        database.unit_of_work,
        snapshot=database.snapshot,
        tables=statements,
        close=stack.pop_all().close,
        cut=cut,
    )


def _cut(beside: Engine, name: str) -> None:
    with beside.connect() as connection:
        connection.execute(_CUT, {"name": name}).all()
