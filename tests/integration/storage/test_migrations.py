"""The migrations lead to the tables, and to nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from storage.database import LATEST_REVISION, Database, migrations
from storage.engine import make_engine
from storage.errors import DatabaseTooNewError
from storage.tables import metadata
from tests.fakes.sqlite import a_database, url_of


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return url_of(tmp_path / "new.db")
    return str(request.getfixturevalue("empty_postgresql_url"))


@pytest.fixture
def migrated(url: str) -> Iterator[Engine]:
    database = Database(url, secret_keys=())
    database.upgrade()
    database.close()
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def migrated_sqlite(tmp_path: Path) -> Iterator[Engine]:
    """Let us see the statements themselves, as no other database does."""
    database = a_database(tmp_path)
    database.close()
    engine = make_engine(url_of(tmp_path / "rekey.db"))
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> dict[str, list[str]]:
    found = inspect(engine)
    return {
        name: [str(column) for column in found.get_columns(name)]
        for name in found.get_table_names()
    }


def _schema(engine: Engine, kind: str) -> dict[str, list[str]]:
    """Return each table or index of SQLite with the parts of its definition, in any order.

    A constraint that a later migration wrote within its column stands by itself, as all others do.
    """
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT name, sql FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL"
                " AND name <> 'alembic_version'"
            ),
            {"kind": kind},
        ).all()
    return {name: sorted(_parts(sql)) for name, sql in rows}


def _parts(sql: str) -> Iterator[str]:
    for line in re.split(r"\n|,\s(?=[a-z_]+ [A-Z])", sql):
        part = line.strip(" ,\t")
        within = re.fullmatch(r"((\w+) .*?) CONSTRAINT (\w+) REFERENCES (\w+ \(\w+\)).*", part)
        if within and not part.startswith("CONSTRAINT"):
            yield within[1]
            yield f"CONSTRAINT {within[3]} FOREIGN KEY({within[2]}) REFERENCES {within[4]}"
        else:
            yield part


def _is_not_in_words_of_its_own(_item: object, name: str | None, *_: object) -> bool:
    """Leave out the index whose CASE PostgreSQL says in other words than we do."""
    return name != "ix_outbox_way"


# indexes over an expression are compared to the letter, below
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_alembic_sees_no_difference_from_the_tables(migrated: Engine) -> None:
    with migrated.connect() as connection:
        opts = {"compare_server_default": True, "include_object": _is_not_in_words_of_its_own}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("kind", ["table", "index"])
def test_the_schema_is_that_of_the_tables_to_the_letter(migrated_sqlite: Engine, kind: str) -> None:
    """Predicates of partial indexes, constraints and keys too, which Alembic does not compare."""
    created = create_engine("sqlite://")
    metadata.create_all(created)
    assert _schema(migrated_sqlite, kind) == _schema(created, kind)
    assert _schema(migrated_sqlite, kind)
    created.dispose()


def test_the_newest_revision_is_the_one_that_the_program_names(migrated: Engine) -> None:
    with migrated.connect() as connection:
        script = ScriptDirectory.from_config(migrations(connection))
    assert script.get_heads() == [LATEST_REVISION]


def test_a_second_upgrade_changes_nothing(url: str, migrated: Engine) -> None:
    before = _tables(migrated)
    database = Database(url, secret_keys=())
    assert database.is_current()
    database.upgrade()
    database.close()
    assert _tables(migrated) == before


def test_an_empty_database_is_not_current(url: str) -> None:
    database = Database(url, secret_keys=())
    assert not database.is_current()
    database.upgrade()
    assert database.is_current()
    database.close()


def test_a_database_from_a_newer_version_is_left_alone(url: str, migrated: Engine) -> None:
    with migrated.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("DROP TABLE attempts"))
    before = _tables(migrated)
    database = Database(url, secret_keys=())
    assert not database.is_current()
    with pytest.raises(DatabaseTooNewError, match="A newer version of Rekey"):
        database.upgrade()
    database.close()
    assert _tables(migrated) == before


def test_a_failed_migration_leaves_nothing_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(url, secret_keys=())

    def fail_at_the_end(*_: object, **__: object) -> None:
        raise OSError("no more")

    monkeypatch.setattr("alembic.migration.HeadMaintainer.update_to_step", fail_at_the_end)
    with pytest.raises(OSError, match="no more"):
        database.upgrade()
    database.close()
    engine = make_engine(url)
    assert _tables(engine) == {}
    engine.dispose()
