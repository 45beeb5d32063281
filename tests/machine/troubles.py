"""What befalls a process at work: a directory, a Slack or a database that fails, or its own death.

One trouble at a time, at the n-th step of its kind within one act.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum, auto
from types import TracebackType
from typing import Any, Self, cast

from bot.domain.model.errors import (
    DirectoryRefusedError,
    DirectoryUnavailableError,
    WorkspaceUnavailableError,
)
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from storage.errors import DatabaseUnreadableError, StorageError


class Trouble(StrEnum):
    DIRECTORY_AWAY = auto()
    DIRECTORY_REFUSES = auto()
    SLACK_SILENT = auto()
    DATABASE_CUT_AMID = auto()
    DATABASE_CUT_AT_COMMIT = auto()
    DATABASE_CUT_AFTER_COMMIT = auto()
    """It is committed, and the answer is lost."""
    DEATH_AMID = auto()
    DEATH_AT_COMMIT = auto()
    DEATH_AFTER_COMMIT = auto()
    STALL_AFTER_COMMIT = auto()
    """The process stands still, and others go on."""


AMID = frozenset({Trouble.DATABASE_CUT_AMID, Trouble.DEATH_AMID})
AT_COMMIT = frozenset({Trouble.DATABASE_CUT_AT_COMMIT, Trouble.DEATH_AT_COMMIT})
AFTER_COMMIT = frozenset({Trouble.DATABASE_CUT_AFTER_COMMIT, Trouble.DEATH_AFTER_COMMIT})
DEATHS = frozenset({Trouble.DEATH_AMID, Trouble.DEATH_AT_COMMIT, Trouble.DEATH_AFTER_COMMIT})

_EFFECTS = frozenset({"require_set_up", "invalidate_authenticators", "end_sessions"})


class Died(BaseException):
    """The process is gone: nothing of it runs any longer, and the database rolls back."""


LOSSES = (StorageError, Died)
"""How an act ends whose database, or process, is gone; it could not even record that."""


class Troubles:
    """Strikes where it was told to, once, while an act is under way.

    `cut` makes the database drop every connection, for one that has connections; `on_stall` is
    what the others do while this process stands still; `on_end` hears of the end of each unit.
    """

    def __init__(
        self,
        *,
        cut: Callable[[], None] | None = None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.on_stall: Callable[[], None] = lambda: None
        self.on_end = on_end
        self.struck: Trouble | None = None
        self.commits = 0
        self._cut = cut
        self._armed: Trouble | None = None
        self._left = 0
        self._at_work = False

    def arm(self, trouble: Trouble, *, nth: int) -> None:
        """Have that trouble come at the n-th step of its kind."""
        self._armed, self._left = trouble, nth
        self.struck, self.commits = None, 0

    def disarm(self) -> Trouble | None:
        """Let nothing more come; return what came."""
        struck, self._armed, self.struck = self.struck, None, None
        return struck

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """An act is under way; between acts nothing strikes."""
        self._at_work = True
        try:
            yield
        finally:
            self._at_work = False

    def around(self, unit_of_work: UnitOfWorkFactory) -> UnitOfWorkFactory:
        """Return units of work that trouble may befall."""
        return lambda: cast("UnitOfWork", _TroubledUnit(unit_of_work(), self))

    def befall(self, directory: Directory) -> Directory:
        """Return that directory, as far as it answers."""
        return cast("Directory", _TroubledDirectory(directory, self))

    def reaches(self, *kinds: Trouble) -> bool:
        """Whether what is armed is one of these, and strikes now."""
        if not self._at_work or self.struck or self._armed not in kinds:
            return False
        self._left -= 1
        if self._left > 0:
            return False
        self.struck = self._armed
        return True

    def ask_slack(self, _user: str) -> None:
        if self.reaches(Trouble.SLACK_SILENT):
            raise WorkspaceUnavailableError

    def ask_directory(self, method: str) -> None:
        if self.reaches(Trouble.DIRECTORY_AWAY):
            raise DirectoryUnavailableError
        if method in _EFFECTS and self.reaches(Trouble.DIRECTORY_REFUSES):
            raise DirectoryRefusedError

    def cut_off(self) -> None:
        """Die, or lose the database; one whose connections are really cut says so by itself."""
        if self.struck in DEATHS:
            raise Died
        if self._cut is None:
            raise DatabaseUnreadableError("The database was cut off.")
        self.on_end()
        self._cut()

    def lose_answer(self) -> None:
        """Die, or never hear that it was committed."""
        raise Died if self.struck in DEATHS else DatabaseUnreadableError("No answer came.")


class _TroubledUnit:
    """A unit of work; each use of a repository, and the commit, is a step."""

    def __init__(self, uow: UnitOfWork, troubles: Troubles) -> None:
        self._uow = uow
        self._troubles = troubles
        self._committed = False

    def __getattr__(self, repository: str) -> Any:
        if self._troubles.reaches(*AMID):
            self._troubles.cut_off()
        return getattr(self._uow, repository)

    def __enter__(self) -> Self:
        self._uow.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._uow.__exit__(kind, exc, tb)
        self._troubles.on_end()
        if self._committed and self._troubles.reaches(Trouble.STALL_AFTER_COMMIT):
            self._troubles.on_stall()

    def commit(self) -> None:
        if self._troubles.reaches(*AT_COMMIT):
            self._troubles.cut_off()
        self._uow.commit()
        self._committed = True
        self._troubles.commits += 1
        if self._troubles.reaches(*AFTER_COMMIT):
            self._troubles.lose_answer()


class _TroubledDirectory:
    def __init__(self, directory: Directory, troubles: Troubles) -> None:
        self._directory = directory
        self._troubles = troubles

    def __getattr__(self, method: str) -> Any:
        self._troubles.ask_directory(method)
        return getattr(self._directory, method)
