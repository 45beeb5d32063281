"""A backup in the middle of open cases, restored: all that was acknowledged before it is there."""

import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, select, text, update

from bot.clock import SystemClock
from playground.slack import SlackStandIn
from storage.database import Database
from storage.tables import authenticators, cases
from tests.faults import scripts
from tests.faults.site import CHANNEL, COMPLETED, Site, until

PAGE = "back-up-and-rotate-keys.md"
SQLITE, POSTGRESQL = 0, 1
AGAIN = "You may have had this message already"
DAY = re.compile(r"^day=.*$", re.MULTILINE)
FOLDER = re.compile(r"^folder=.*$", re.MULTILINE)
OWNER = re.compile(r"^owner=.*$", re.MULTILINE)


def run(site: Site, script: str, settings: Mapping[str, str]) -> None:
    """Run the page's script, on a day that is always the same and in a folder of the test's."""
    folder = site.machine.folder / "backups"
    folder.mkdir(exist_ok=True)
    here = FOLDER.sub(f"folder={folder}", DAY.sub("day=2026-11-27", script))
    scripts.run(site.machine, here, settings=settings)


def play(site: Site, which: int, owner: Mapping[str, str], superuser: Mapping[str, str]) -> None:
    """Back up amid open cases, go on, lose everything, restore, and see each case to its end."""
    site.machine.settings |= {"REKEY_SWEEP_EVERY": "PT1H", "REKEY_CONFIRM_WITHIN": "PT30M"}
    with site.served():
        block = site.request("alice", "bob")
        site.request("alice", "bill")
        begin_to_carry_out(site, "bill")
        site.slack.faults.server_error("chat.postMessage", times=None)
        site.reset("alan", "beth")
        until(lambda: site.pending() == site.waiting() > 0)
        steps = accepted_steps(site)
        run(site, scripts.block(PAGE, under="Back up", number=which), owner)

        site.slack.faults.clear()
        assert site.yes("alice", block).ok  # acknowledged, but after the backup
        assert site.state("bob") == "completed"
        head = site.machine.done("audit", "head").split()[0]
    already = len(site.told("beth", COMPLETED))

    script = scripts.block(PAGE, under="Restore", number=which)
    run(site, OWNER.sub(f"owner={owner.get('PGUSER')}", script), superuser)
    assert [site.state(name) for name in ("bob", "bill", "beth")] == [
        "awaiting_confirmation",
        "executing",
        "completed",
    ]
    assert accepted_steps(site) == steps
    ended = site.machine.rekey("audit", "verify", "--expect-head", head)
    assert ended.returncode == 1
    assert ended.stderr in (scripts.PAGES / PAGE).read_text("utf-8")

    with site.served():
        seen = {m.ts for m in site.slack_of("alice").messages(CHANNEL)}
        assert site.type("alice", "bob").ok
        assert site.yes("alice", site.question("alice", but=seen)).ok
        for name in ("bob", "bill", "beth"):
            site.wait_until_told(name, COMPLETED)
        until(lambda: site.pending() == 0)
    assert {site.state(name) for name in ("bob", "bill", "beth")} == {"completed"}
    assert len(site.told("beth", COMPLETED)) == already + 1
    assert AGAIN in site.told("beth", COMPLETED)[-1].shown
    site.machine.done("audit", "verify")


def begin_to_carry_out(site: Site, subscriber: str) -> None:
    """Leave the case as somebody does who dies between Yes and the first effect."""
    case = site.cases(subscriber)[0].id
    gone = {"lease_holder": "run_dead", "lease_until": SystemClock().now() - timedelta(hours=1)}
    site.execute(update(cases).where(cases.c.id == case).values(state="executing", **gone))


def accepted_steps(site: Site) -> list[tuple[object, ...]]:
    """Return which step of each authenticator was accepted last."""
    return sorted(site.execute(select(authenticators.c.id, authenticators.c.last_accepted_step)))


def test_sqlite(site: Site) -> None:
    play(site, SQLITE, {}, {})


def test_postgresql(
    tmp_path: Path, slack: SlackStandIn, empty_postgresql_url: str, owners_url: str
) -> None:
    site = Site(tmp_path, slack, url=owners_url)
    play(site, POSTGRESQL, libpq(owners_url), libpq(empty_postgresql_url))
    site.execute(text("CREATE TABLE of_a_later_version ()"))


@pytest.fixture
def owners_url(empty_postgresql_url: str) -> Iterator[str]:
    """The URL of a migrated database for a role that owns it, and may do nothing else there."""
    url = make_url(empty_postgresql_url)
    role, password = f"rekey_{secrets.token_hex(8)}", secrets.token_hex()
    superuser = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with superuser.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} OWNER TO {role}")
    theirs = url.set(username=role, password=password).render_as_string(hide_password=False)
    database = Database(theirs, secret_keys=())
    database.upgrade()
    database.close()
    yield theirs
    with superuser.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS rekey_before WITH (FORCE)")
        connection.exec_driver_sql(f"DROP OWNED BY {role} CASCADE")
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} OWNER TO CURRENT_USER")
        connection.exec_driver_sql(f"DROP ROLE {role}")


def libpq(url: str) -> dict[str, str]:
    """Return the environment by which PostgreSQL's own programs find the database."""
    parts = make_url(url)
    return {
        "PGHOST": parts.host or "",
        "PGPORT": str(parts.port),
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.database or "",
    }
