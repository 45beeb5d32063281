"""The migrations lead to the tables, and to nothing else."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text

from storage.database import LATEST_REVISION, Database, migrations
from storage.engine import make_engine
from storage.errors import DatabaseTooNewError
from storage.tables import metadata
from tests.fakes.sqlite import url_of


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Engine]:
    url = url_of(tmp_path / "migrated.db")
    database = Database(url, secret_keys=())
    database.upgrade()
    database.close()
    engine = make_engine(url)
    yield engine
    engine.dispose()


def _schema(engine: Engine, kind: str) -> dict[str, list[str]]:
    """Return each table or index with the parts of its definition, in any order.

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


# the one index over an expression is compared to the letter, below
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
def test_alembic_sees_no_difference_from_the_tables(migrated: Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("kind", ["table", "index"])
def test_the_schema_is_that_of_the_tables_to_the_letter(migrated: Engine, kind: str) -> None:
    """Predicates of partial indexes, constraints and keys too, which Alembic does not compare."""
    created = create_engine("sqlite://")
    metadata.create_all(created)
    assert _schema(migrated, kind) == _schema(created, kind)
    assert _schema(migrated, kind)
    created.dispose()


def test_the_newest_revision_is_the_one_that_the_program_names(migrated: Engine) -> None:
    with migrated.connect() as connection:
        script = ScriptDirectory.from_config(migrations(connection))
    assert script.get_heads() == [LATEST_REVISION]


def test_a_second_upgrade_changes_nothing(tmp_path: Path, migrated: Engine) -> None:
    before = _schema(migrated, "table")
    database = Database(url_of(tmp_path / "migrated.db"), secret_keys=())
    assert database.is_current()
    database.upgrade()
    database.close()
    assert _schema(migrated, "table") == before


def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    database = Database(url_of(tmp_path / "new.db"), secret_keys=())
    assert not database.is_current()
    database.upgrade()
    assert database.is_current()
    database.close()


def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path, migrated: Engine) -> None:
    with migrated.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("DROP TABLE attempts"))
    before = _schema(migrated, "table")
    database = Database(url_of(tmp_path / "migrated.db"), secret_keys=())
    assert not database.is_current()
    with pytest.raises(DatabaseTooNewError, match="A newer version of Rekey"):
        database.upgrade()
    database.close()
    assert _schema(migrated, "table") == before


def test_a_failed_migration_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(url_of(tmp_path / "new.db"), secret_keys=())

    def fail_at_the_end(*_: object, **__: object) -> None:
        raise OSError("no more")

    monkeypatch.setattr("alembic.migration.HeadMaintainer.update_to_step", fail_at_the_end)
    with pytest.raises(OSError, match="no more"):
        database.upgrade()
    database.close()
    engine = make_engine(url_of(tmp_path / "new.db"))
    assert _schema(engine, "table") == {}
    engine.dispose()
