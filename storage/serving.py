"""One program alone serves from an SQLite file."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.engine import parse_url
from storage.errors import DatabaseInUseError, DatabaseUnreadableError

_OWNER_ONLY = 0o600


@contextmanager
def serving_from(url: str) -> Iterator[None]:
    """Be the one program that serves from the SQLite file of that URL; commands run beside it.

    Raises `DatabaseInUseError`, at once, where another serves; the system drops the lock on any
    death. From PostgreSQL several may serve, and nothing is asked.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() != "sqlite":
        yield
        return
    held = _lock(Path(parsed.database or "").resolve())  # by whatever link it is reached
    try:
        yield
    finally:
        os.close(held)


def _lock(database: Path) -> int:
    """Lock a file of its own beside the database, and return it opened.

    A lock on the database would be dropped as soon as anything in the process closed that, and
    SQLite's with it. The file stays: whoever removed it might remove another's.
    """
    path = database.with_name(f"{database.name}-serve")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        opened = os.open(path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    except OSError as error:
        raise DatabaseUnreadableError(
            f"The file {path} cannot be opened: {error.strerror}."
        ) from None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise DatabaseInUseError(
            f"Another Rekey serves from {database} already: stop that one first,"
            " or use PostgreSQL to run several."
        ) from None
    return opened
