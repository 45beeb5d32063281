"""A strict Slack, a seeded database, and the nursery of the processes."""

import base64
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from playground.slack import SlackStandIn
from playground.slack.model import BOT_USER_ID
from storage.database import Database
from tests.crash.replicas import Replicas
from tests.crash.running import Nursery
from tests.crash.stage import CHANNEL, DESK, Stage
from tests.fakes import World, seed
from tests.fakes.sqlite import SECRET_KEYS, a_database, url_of
from tests.office import AUDIT, MANIFEST, QuickPasswords
from tests.secrecy import KEY, PASSWORD, SECRETS, SHARED_SECRET, SIGNING_SECRET, TOKEN

SECRET_KEY = base64.b64encode(SECRET_KEYS[0]).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeded:
    """The sample people in a database, to be copied for each test."""

    database: Path
    world: World


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    folder = tmp_path_factory.mktemp("seeded")
    database = a_database(folder)
    world = seed(database.unit_of_work, passwords=QuickPasswords())
    database.close()
    return Seeded(database=folder / "rekey.db", world=world)


@pytest.fixture
def slack(seeded: Seeded) -> Iterator[SlackStandIn]:
    patient = timedelta(seconds=30)  # in what time Rekey answers is for other tests
    with SlackStandIn(clock=SystemClock(), manifest=MANIFEST, ack_within=patient) as slack:
        for person in seeded.world.people:
            slack.add_person(person.slack.user, name=person.name, email=person.email)
        members = [BOT_USER_ID, *(person.slack.user for person in seeded.world.people)]
        slack.add_channel(CHANNEL, name="help-desk", members=members)
        slack.add_channel(AUDIT, name="audit", members=members)
        slack.add_channel(DESK, name="desk", members=members)
        yield slack
        assert slack.violations == []


@pytest.fixture
def settings(slack: SlackStandIn) -> dict[str, str]:
    """Return what every process is told, but for its database."""
    SECRETS.add(TOKEN, slack.bot_token, slack.app_token)
    SECRETS.add(SIGNING_SECRET, slack.signing_secret)
    SECRETS.add(KEY, SECRET_KEY)
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "REKEY_SECRET_KEYS": SECRET_KEY,
        "REKEY_LISTEN": "127.0.0.1:0",
        "REKEY_TRUSTED_PROXIES": "127.0.0.1",
        "REKEY_AUDIT_CHANNEL": AUDIT,
        "REKEY_REQUEST_CHANNEL": DESK,
    }


@pytest.fixture
def stage(
    tmp_path: Path,
    slack: SlackStandIn,
    seeded: Seeded,
    nursery: Nursery,
    settings: dict[str, str],
) -> Iterator[Stage]:
    """Return a stage on which nothing runs yet; whatever was started there is ended."""
    shutil.copy(seeded.database, tmp_path / "rekey.db")
    for person in seeded.world.people:
        SECRETS.add(PASSWORD, person.password)
        SECRETS.add(SHARED_SECRET, person.secret)
    settings["REKEY_DATABASE_URL"] = url_of(tmp_path / "rekey.db")
    stage = Stage(tmp_path, slack=slack, world=seeded.world, nursery=nursery, settings=settings)
    yield stage
    stage.abandon()


@pytest.fixture
def replicas(
    tmp_path: Path,
    slack: SlackStandIn,
    nursery: Nursery,
    settings: dict[str, str],
    postgresql_url: str,
) -> Iterator[Replicas]:
    """Return a stage on PostgreSQL, where a replica that dies stays dead."""
    database = Database(postgresql_url, secret_keys=SECRET_KEYS)
    world = seed(database.unit_of_work, passwords=QuickPasswords())
    database.close()
    settings |= {"REKEY_DATABASE_URL": postgresql_url, "REKEY_SWEEP_EVERY": "PT1S"}
    replicas = Replicas(tmp_path, slack=slack, world=world, nursery=nursery, settings=settings)
    yield replicas
    replicas.abandon()
