"""A migrated SQLite file with the sample people in it; or either database, with their acts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests.fakes import World, seed
from tests.fakes.sqlite import SECRET_KEYS, a_database, lay_database, url_of
from tests.integration.storage.desk import Desk


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def world(database: Database) -> World:
    return seed(database.unit_of_work)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "sqlite":
        url = url_of(lay_database(tmp_path))
    else:
        url = request.getfixturevalue("postgresql_url")
    database = Database(url, secret_keys=SECRET_KEYS)
    yield Desk(database, url)
    database.close()
