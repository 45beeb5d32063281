"""A real database for tests, migrated once and copied after that."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from storage.database import Database

SECRET_KEYS = (b"k" * 32,)


def a_database(folder: Path, *, on_outbox: Callable[[], None] = lambda: None) -> Database:
    """Lay a migrated, empty database into `folder` and open it; the caller closes it."""
    path = lay_database(folder)
    return Database(url_of(path), secret_keys=SECRET_KEYS, on_outbox=on_outbox)


def lay_database(folder: Path) -> Path:
    """Lay a migrated, empty database into `folder`."""
    path = folder / "rekey.db"
    path.write_bytes(_migrated())
    return path


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


@cache
def _migrated() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        database = Database(url_of(path), secret_keys=())
        database.upgrade()
        database.close()  # the last to close moves everything from the log into the file
        return path.read_bytes()
