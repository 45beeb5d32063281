"""A machine with nothing but settings: commands run in its directory, on an SQLite file."""

import base64
import io
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyotp
import pytest

from bot.cli.running import run
from bot.clock import SystemClock
from bot.domain.model.notices import Notice
from bot.domain.model.people import Contact
from playground.slack import SlackStandIn
from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.fakes.sqlite import lay_database

KEY = base64.b64encode(b"k" * 32).decode()
NEW_KEY = base64.b64encode(b"n" * 32).decode()
CAROL, ALICE, BOB = (f"{name}@acme.example" for name in ("carol", "alice", "bob"))

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
WITHOUT_BOB = ROSTER.partition(f"  - email: {BOB}")[0]


class Terminal(io.StringIO):
    """Standard input with somebody at it."""

    def isatty(self) -> bool:
        return True


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
    """Where commands run, each within this process."""

    path: Path
    run: Callable[[list[str], io.TextIOBase], Outcome]

    def rekey(self, line: str, *more: str, typed: str = "", keyboard: str | None = None) -> Outcome:
        """Run a command line; somebody sits at the terminal where `keyboard` is given."""
        stdin = io.TextIOWrapper(io.BytesIO(typed.encode()))
        return self.run(
            [*shlex.split(line), *more], stdin if keyboard is None else Terminal(keyboard)
        )

    def done(self, line: str, *more: str, **how: str) -> Outcome:
        """Run a command line that must succeed."""
        outcome = self.rekey(line, *more, **how)
        assert outcome.code == 0, outcome.err
        return outcome

    def import_people(self, roster: str, options: str = "") -> Outcome:
        return self.done(f"people import {self.write('people.yaml', roster)} {options}")

    def enrol(self, email: str) -> None:
        secret = self.done(f"enrol {email} --json").json["secret"]
        self.done(f"enrol {email} --confirm {pyotp.TOTP(secret).now()}")

    @property
    def database_file(self) -> Path:
        return self.path / "var" / "rekey.db"

    def database(self) -> Database:
        return Database(f"sqlite:///{self.database_file}", secret_keys=[b"k" * 32])

    @contextmanager
    def stored(self) -> Iterator[SqlUnitOfWork]:
        """Give what is stored, to read it and to add to it."""
        database = self.database()
        with database.unit_of_work() as uow:
            yield uow
            uow.commit()
        database.close()

    def contact(self, email: str) -> Contact:
        with self.stored() as uow:
            contact = uow.contacts.by_email(email)
        assert contact is not None
        return contact

    def tags(self) -> list[str]:
        """Return the tags of all audit records."""
        with self.stored() as uow:
            return [record.tag for record in uow.audit.records()]

    def due(self) -> list[Notice]:
        """Return what waits to be sent."""
        with self.stored() as uow:
            return [message.notice for message in uow.outbox.due(SystemClock().now(), limit=99)]

    def write(self, name: str, content: str) -> str:
        (self.path / name).write_text(content)
        return name


@pytest.fixture
def machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Machine:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REKEY_SECRET_KEYS", KEY)
    monkeypatch.setenv("COLUMNS", "200")

    def in_process(arguments: list[str], stdin: io.TextIOBase) -> Outcome:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", stdin)
        code = run(arguments)
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return Machine(tmp_path, in_process)


@pytest.fixture
def peopled(machine: Machine) -> Machine:
    """Return a machine whose directory holds `ROSTER`."""
    machine.database_file.parent.mkdir(mode=0o700)
    lay_database(machine.database_file.parent).chmod(0o600)  # as the first command would make it
    machine.done(f"people import {machine.write('roster.yaml', ROSTER)}")
    return machine


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStandIn]:
    """Slack as the settings name it; Alice has left it and come back as somebody new."""
    with SlackStandIn(clock=SystemClock()) as stand_in:
        stand_in.add_person("U01CAROL", name="Carol Cole", email=CAROL)
        stand_in.add_person("U01ALICE", name="Alice Archer", email=ALICE, deleted=True)
        stand_in.add_person("U02ALICE", name="Alice Archer-Ames", email=ALICE)
        stand_in.add_person("U01BOB", name="Bob Brown", email="Bob@acme.example")
        stand_in.add_person("U01OTHER", name="Olga Other", email="olga@acme.example")
        stand_in.add_person("U01GUEST", name="Gus Guest", is_restricted=True)
        monkeypatch.setenv("SLACK_API_URL", stand_in.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", stand_in.bot_token)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", stand_in.signing_secret)
        yield stand_in


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The tests look at permissions, which must not depend on who runs them."""
    before = os.umask(0o022)
    yield
    os.umask(before)
