"""Each test of the ports' promises runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import World, seed
from tests.fakes.sqlite import SECRET_KEYS, a_database


@pytest.fixture
def woken() -> list[str]:
    """Grows by one each time that the outbox's sender is woken."""
    return []


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path: Path, woken: list[str]) -> Iterator[Database]:
    def wake() -> None:
        woken.append("woken")

    if request.param == "sqlite":
        database = a_database(tmp_path, on_outbox=wake)
    else:
        url = request.getfixturevalue("postgresql_url")
        database = Database(url, secret_keys=SECRET_KEYS, on_outbox=wake)
    yield database
    database.close()


@pytest.fixture
def world(store: Database) -> World:
    return seed(store.unit_of_work)


@pytest.fixture
def uow(request: pytest.FixtureRequest, store: Database) -> Iterator[UnitOfWork]:
    """One unit of work, begun after whoever the test needs was stored, and rolled back."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world")
    with store.unit_of_work() as unit:
        yield unit
