"""`rekey keys rotate` and `rekey db upgrade`."""

import base64
import sqlite3

import pyotp
import pytest

from bot.clock import SystemClock
from storage.database import LATEST_REVISION
from tests.integration.cli.conftest import KEY, Machine

NEW_KEY = base64.b64encode(b"n" * 32).decode()
BOB = "bob@acme.example"


def version(machine: Machine, number: str) -> None:
    """Pretend that another version of Rekey has migrated the database."""
    connection = sqlite3.connect(machine.database_file)
    connection.execute("UPDATE alembic_version SET version_num = ?", (number,))
    connection.commit()
    connection.close()


def test_after_a_rotation_the_old_key_can_go(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = peopled.rekey("enrol", BOB, "--json").json["secret"]
    monkeypatch.setenv("REKEY_SECRET_KEYS", f"{NEW_KEY},{KEY}")
    monkeypatch.setenv("REKEY_AUDIT_CHANNEL", "C01AUDIT")
    outcome = peopled.rekey("keys", "rotate")
    assert outcome.code == 0, outcome.err
    with peopled.database().snapshot() as uow:
        told = [m.notice.slack_address for m in uow.outbox.due(SystemClock().now(), limit=9)]
    assert told == ["C01AUDIT"]
    assert outcome.out.startswith("1 shared secret was encrypted anew")
    assert peopled.tags()[-1] == "operator:keys:rotated"
    assert peopled.rekey("keys", "rotate").out.startswith("0 shared secrets")
    monkeypatch.setenv("REKEY_SECRET_KEYS", NEW_KEY)
    assert peopled.rekey("enrol", BOB, "--confirm", pyotp.TOTP(secret).now()).code == 0


def test_a_rotation_without_the_old_key_changes_nothing(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = peopled.rekey("enrol", BOB, "--json").json["secret"]
    monkeypatch.setenv("REKEY_SECRET_KEYS", NEW_KEY)
    outcome = peopled.rekey("keys", "rotate")
    assert (outcome.code, outcome.err) == (
        1,
        "No key in REKEY_SECRET_KEYS fits what is stored.\n",
    )
    monkeypatch.setenv("REKEY_SECRET_KEYS", KEY)
    assert peopled.rekey("enrol", BOB, "--confirm", pyotp.TOTP(secret).now()).code == 0


def test_upgrade_makes_and_migrates(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    for _ in range(2):
        outcome = machine.rekey("db", "upgrade")
        assert (outcome.code, outcome.out) == (0, "The database is up to date.\n"), outcome.err
    assert machine.database_file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["db", "upgrade"], "A newer version of Rekey has migrated this database"),
        (["keys", "rotate"], "A newer version of Rekey has migrated this database"),
        (["people", "import", "roster.yaml"], "A newer version of Rekey has migrated"),
        (["status"], "A newer version of Rekey has migrated this database"),
        (["audit", "verify"], "A newer version of Rekey has migrated this database"),
    ],
)
def test_a_database_of_a_newer_version_is_left_alone(
    peopled: Machine, arguments: list[str], sentence: str
) -> None:
    version(peopled, "9999")
    outcome = peopled.rekey(*arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(sentence)
    version(peopled, LATEST_REVISION)
    assert peopled.rekey("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("9999", "fail database: A newer version of Rekey has migrated this database"),
        ("0001", "fail database: of an older version of Rekey; rekey db upgrade migrates it"),
    ],
)
def test_a_database_of_another_version_fails_in_doctor(
    peopled: Machine, revision: str, sentence: str
) -> None:
    version(peopled, revision)
    outcome = peopled.rekey("doctor")
    assert outcome.code == 1
    assert sentence in outcome.out


def test_a_database_of_an_older_version_is_read_only_once_it_was_migrated(
    peopled: Machine,
) -> None:
    version(peopled, "0001")
    outcome = peopled.rekey("status")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        "The database is of an older version of Rekey: run “rekey db upgrade”.\n"
    )


def test_a_database_that_is_none_is_told(machine: Machine) -> None:
    machine.database_file.parent.mkdir()
    machine.database_file.write_text("not a database, not even a short one\n" * 100)
    for arguments in (["status"], ["audit", "verify"], ["db", "upgrade"]):
        outcome = machine.rekey(*arguments)
        assert outcome.code == 1
        assert outcome.err == "The database file is damaged, or is not a database at all.\n"
