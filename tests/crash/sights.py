"""What can be seen of a machine from outside: its log's steps, and what is stored."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, NullPool, Row, create_engine

from bot.domain.model.audit import AuditRecord
from bot.domain.model.cases import CaseState
from bot.domain.ports.unit_of_work import UnitOfWork
from playground.slack import SlackStandIn
from storage.database import Database
from tests.crash.launch import REACHED, When
from tests.crash.program import Program
from tests.crash.running import Nursery
from tests.fakes import World
from tests.fakes.sqlite import SECRET_KEYS


class Sights(Program):
    """A program, and looks at what it has done."""

    def __init__(
        self,
        folder: Path,
        *,
        slack: SlackStandIn,
        world: World,
        nursery: Nursery,
        settings: Mapping[str, str],
    ) -> None:
        super().__init__(folder, slack=slack, nursery=nursery, settings=settings)
        self.world = world
        self._engine = create_engine(settings["REKEY_DATABASE_URL"], poolclass=NullPool)

    def has_reached(self, step: str, when: When = When.AFTER) -> bool:
        """Whether the step was gone through, in this process or one before."""
        return self.count_of(step, when) > 0

    def killed_after(self, step: str) -> int:
        """Return how often the program was killed just after that step."""
        return sum((at.step, at.when) == (step, When.AFTER) for at in self.died)

    def count_of(self, step: str, when: When = When.AFTER) -> int:
        """Return how often the step was gone through."""
        logs = [*(ended.log for ended in self.ended), self._running.log if self._running else ""]
        return sum(log.count(f"{REACHED}{step} {when}\n") for log in logs)

    def states(self) -> list[CaseState]:
        """Return the states of Bob's cases, the newest first."""
        with self.reading() as uow:
            return [case.state for case in uow.cases.of(self.world.bob.id)]

    def count_of_authenticators(self) -> int:
        """Return how many are active of Bob's."""
        with self.reading() as uow:
            return len(uow.authenticators.active_of(self.world.bob.id))

    def records(self) -> list[AuditRecord]:
        with self.reading() as uow:
            return list(uow.audit.records())

    def tags(self) -> list[str]:
        return [record.tag for record in self.records()]

    def effects(self) -> int:
        """Return how often authenticators were invalidated."""
        return sum(tag.endswith(":authenticator:invalidated") for tag in self.tags())

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Look into the database, beside whatever runs."""
        database = Database(self.settings["REKEY_DATABASE_URL"], secret_keys=SECRET_KEYS)
        try:
            with database.snapshot() as uow:
                yield uow
        finally:
            database.close()

    def count(self, statement: Executable) -> int:
        """Return the number that the statement selects."""
        return int(self.rows(statement)[0][0])

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """Return what it selects, with no unit of work held meanwhile."""
        with self._engine.connect() as connection:
            return connection.execute(statement).all()
