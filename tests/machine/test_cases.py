"""The rules of the design hold for random acts, in memory, on SQLite and on PostgreSQL.

Now and then something breaks in the middle of one: the directory, Slack, the database, or the
process itself.
"""

import os
from collections import Counter
from contextlib import closing
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fakes.postgresql import Databases
from tests.machine import stores
from tests.machine.firm import Firm
from tests.machine.machine import ACTS
from tests.machine.posting import PostingMachine
from tests.machine.troubled import TroubledMachine

_IN_CI = bool(os.environ.get("CI"))
IN_MEMORY, ON_SQLITE, ON_POSTGRESQL = (8_000, 2_000, 10_000) if _IN_CI else (1_500, 600, 600)
"""Acts that somebody tries, 20,000 in CI in all; whoever waits for the answer has less time."""
PARTS_ON_SQLITE, PARTS_ON_POSTGRESQL = 2, 10
"""Made side by side."""

LIVES = settings(
    max_examples=5,
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


def test_in_memory() -> None:
    _live(InMemory, IN_MEMORY)
    _expect_done(InMemory, "ask", "yes", "first code", "report", "reinstate")


@pytest.mark.parametrize("part", range(PARTS_ON_SQLITE))
def test_on_sqlite(part: int) -> None:  # noqa: ARG001  # each draws acts of its own
    _live(OnSqlite, ON_SQLITE // PARTS_ON_SQLITE)
    _expect_done(OnSqlite, "ask", "yes")


@pytest.mark.parametrize("part", range(PARTS_ON_POSTGRESQL))
def test_on_postgresql(part: int, postgresql_server: str) -> None:  # noqa: ARG001  # as above
    OnPostgresql.server = postgresql_server
    with closing(Databases(postgresql_server)) as OnPostgresql.databases:
        _live(OnPostgresql, ON_POSTGRESQL // PARTS_ON_POSTGRESQL)
    _expect_done(OnPostgresql, "ask", "yes")


def _live(machine: type[TroubledMachine], acts: int) -> None:
    """Lead lives, each in a firm of its own, until so many acts were tried."""
    machine.seen.clear()
    while machine.seen[ACTS] < acts:
        run_state_machine_as_test(machine, settings=LIVES)


def _expect_done(machine: type[TroubledMachine], *acts: str) -> None:
    """Random acts that are all refused, and never go wrong, would show nothing."""
    assert [act for act in acts if not machine.seen[act]] == []
    assert [act for act in machine.seen if " in " in act] != []
