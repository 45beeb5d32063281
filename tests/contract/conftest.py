"""Each test of the ports' promises runs on the stand-ins in memory and on a real SQLite file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.fakes import FakeDatabase, World, seed
from tests.fakes.sqlite import a_database


@pytest.fixture
def woken() -> list[str]:
    """Grows by one each time that the outbox's sender is woken."""
    return []


@pytest.fixture(params=["memory", "sqlite"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, woken: list[str]
) -> Iterator[FakeDatabase | Database]:
    def wake() -> None:
        woken.append("woken")

    if request.param == "memory":
        yield FakeDatabase(on_outbox=wake)
        return
    database = a_database(tmp_path, on_outbox=wake)
    yield database
    database.close()


@pytest.fixture
def world(store: FakeDatabase | Database) -> World:
    return seed(store.unit_of_work)
