"""The rules of the design hold for random acts, in memory, on SQLite and on PostgreSQL.

Now and then something breaks in the middle of one: the directory, Slack, the database, or the
process itself.
"""

import os
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.postgresql import Databases
from tests.machine import stores
from tests.machine.firm import Firm
from tests.machine.held import ACTS
from tests.machine.posting import PostingMachine
from tests.machine.troubled import TroubledMachine

_IN_CI = bool(os.environ.get("CI"))
IN_MEMORY, ON_SQLITE, ON_POSTGRESQL = (9_000, 5_000, 6_000) if _IN_CI else (1_500, 600, 600)
"""Acts that somebody tries, 20,000 in CI in all; whoever waits for the answer has less time."""
PARTS_IN_MEMORY, PARTS_ON_SQLITE, PARTS_ON_POSTGRESQL = (3, 4, 6) if _IN_CI else (1, 1, 2)
"""Made side by side."""
_IN_A_LIFE = 120
"""Acts that are tried in one life, or a few less."""

LIVES = settings(
    stateful_step_count=50,
    deadline=None,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


class InMemory(PostingMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        return stores.in_memory()


class OnSqlite(PostingMachine):
    seen: ClassVar[Counter[str]] = Counter()

    def open_firm(self) -> Firm:
        return stores.on_sqlite()


class OnPostgresql(TroubledMachine):
    seen: ClassVar[Counter[str]] = Counter()
    server: ClassVar[str]
    databases: ClassVar[Databases]

    def open_firm(self) -> Firm:
        return stores.on_postgresql(self.server, self.databases)


@pytest.mark.parametrize("part", range(PARTS_IN_MEMORY))
def test_in_memory(part: int) -> None:  # noqa: ARG001  # each draws acts of its own
    _live(InMemory, IN_MEMORY // PARTS_IN_MEMORY, "ask", "yes", "first code", "report", "reinstate")


@pytest.mark.parametrize("part", range(PARTS_ON_SQLITE))
def test_on_sqlite(part: int) -> None:  # noqa: ARG001  # as above
    _live(OnSqlite, ON_SQLITE // PARTS_ON_SQLITE, "ask", "yes")


@pytest.mark.parametrize("part", range(PARTS_ON_POSTGRESQL))
def test_on_postgresql(part: int, postgresql_server: str) -> None:  # noqa: ARG001  # as above
    OnPostgresql.server = postgresql_server
    with closing(Databases(postgresql_server)) as OnPostgresql.databases:
        _live(OnPostgresql, ON_POSTGRESQL // PARTS_ON_POSTGRESQL, "ask", "yes")


def _live(machine: type[TroubledMachine], acts: int, *to_be_done: str) -> None:
    """Lead lives, each in a firm of its own, until so many acts were tried.

    Random acts that are all refused, and never go wrong, would show nothing: where some are not
    done by then, lives are led until they are, or until three times as many acts were tried.
    """
    machine.seen.clear()
    while (tried := machine.seen[ACTS]) < acts or (
        tried < 3 * acts and _not_done(machine, to_be_done)
    ):
        lives = max(2, (acts - tried) // _IN_A_LIFE)  # the first of them is always the same
        run_state_machine_as_test(machine, settings=settings(LIVES, max_examples=lives))
    assert _not_done(machine, to_be_done) == []


def _not_done(machine: type[TroubledMachine], to_be_done: Iterable[str]) -> list[str]:
    in_trouble = any(" in " in act for act in machine.seen)
    return [act for act in to_be_done if not machine.seen[act]] + ["in trouble"] * (not in_trouble)
