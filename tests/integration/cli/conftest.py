"""A machine with nothing but settings: commands run in its directory, on an SQLite file."""

import base64
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli.running import run
from storage.database import Database
from tests.fakes.sqlite import lay_database

KEY = base64.b64encode(b"k" * 32).decode()

ROSTER = """\
accounts:
  - {id: acme, name: Acme Ltd, two_factor: required}
  - {id: globex, name: Globex Inc, two_factor: optional}
contacts:
  - email: carol@acme.example
    username: carol
    name: Carol Cole
    slack: {team: T01TEST, user: U01CAROL}
    roles: {acme: owner, globex: owner}
  - email: alice@acme.example
    username: alice
    name: Alice Archer
    slack: {team: T01TEST, user: U01ALICE}
    roles: {acme: administrator}
  - email: bob@acme.example
    username: bob
    name: Bob Brown
    roles: {acme: member, globex: member}
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Machine:
    """Where commands run; `rekey` runs one within this process."""

    path: Path
    rekey: Callable[..., Outcome]

    @property
    def database_file(self) -> Path:
        return self.path / "var" / "rekey.db"

    def database(self) -> Database:
        return Database(f"sqlite:///{self.database_file}", secret_keys=[b"k" * 32])

    def write(self, name: str, content: str) -> str:
        (self.path / name).write_text(content)
        return name

    def tags(self) -> list[str]:
        """Return the tags of all audit records."""
        with self.database().snapshot() as uow:
            return [record.tag for record in uow.audit.records()]


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REKEY_SECRET_KEYS", KEY)
    monkeypatch.setenv("COLUMNS", "200")

    def rekey(*arguments: str, typed: str = "") -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode())))
        code = run(arguments)
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return Machine(tmp_path, rekey)


@pytest.fixture
def peopled(machine: Machine) -> Machine:
    """Return a machine whose directory holds `ROSTER`."""
    machine.database_file.parent.mkdir(mode=0o700)
    lay_database(machine.database_file.parent).chmod(0o600)  # as the first command would make it
    outcome = machine.rekey("people", "import", machine.write("roster.yaml", ROSTER))
    assert outcome.code == 0, outcome.err
    return machine


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The tests look at permissions, which must not depend on who runs them."""
    before = os.umask(0o022)
    yield
    os.umask(before)
