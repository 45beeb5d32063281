"""A migrated SQLite file with the sample people in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.fakes import World, seed
from tests.fakes.sqlite import a_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def world(database: Database) -> World:
    return seed(database.unit_of_work)
