"""`rekey audit`: offline, with neither keys nor Slack."""

import csv
import io
import json
import sqlite3

import pytest

from tests.fakes.tampering import cut_off, drop_triggers, forge
from tests.integration.cli.conftest import Machine

AUDITED = 6
"""Records of an import of `ROSTER`: two accounts, three contacts, and the import."""


@pytest.fixture
def peopled(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return the same machine with its keys gone."""
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    return peopled


def tamper(machine: Machine, *statements: str) -> None:
    """Do to the file what the database itself refuses, as somebody with the file could."""
    drop_triggers(machine.database_file)
    connection = sqlite3.connect(machine.database_file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def head(machine: Machine) -> str:
    return machine.rekey("audit", "head").out.split()[0]


def test_head_is_hash_and_number(peopled: Machine) -> None:
    outcome = peopled.rekey("audit", "head")
    hash_, number = outcome.out.removesuffix("\n").split(" ")
    assert (len(hash_), number) == (64, str(AUDITED))
    assert int(hash_, 16)


def test_a_chain_that_holds(peopled: Machine) -> None:
    known = head(peopled)
    outcome = peopled.rekey("audit", "verify")
    assert outcome.code == 0
    assert outcome.out == f"{AUDITED} records hold; head {known} {AUDITED}; 0 erased\n"
    assert peopled.rekey("audit", "verify", "--expect-head", known.upper()).code == 0


def test_an_expected_head_that_is_not_there(peopled: Machine) -> None:
    outcome = peopled.rekey("audit", "verify", "--expect-head", "f" * 64)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("The audit chain does not hold: the expected head is not in")


def test_a_head_of_the_wrong_shape(peopled: Machine) -> None:
    assert peopled.rekey("audit", "verify", "--expect-head", "abc").code == 2


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE audit_records SET tag = 'slack:case:declined' WHERE number = 3",
         "record 3 was changed"),
        ("""UPDATE audit_details SET details = '{"name": "X"}' WHERE number = 3""",
         "the details of record 3 were changed"),
        ("DELETE FROM audit_records WHERE number = 3",
         "record 3 is missing: 4 comes in its place"),
        ("DELETE FROM audit_records WHERE number = 6",
         "5 records are there, and 6 were written"),
    ],
)  # fmt: skip
def test_a_chain_that_was_tampered_with(peopled: Machine, statement: str, fault: str) -> None:
    tamper(peopled, "PRAGMA foreign_keys = OFF", statement)
    outcome = peopled.rekey("audit", "verify")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"The audit chain does not hold: {fault}.\n"


def test_the_last_three_deleted_are_found_by_the_head_kept_elsewhere(peopled: Machine) -> None:
    known = head(peopled)
    cut_off(peopled.database_file, last=3)
    assert peopled.rekey("audit", "verify").code == 0  # the head beside the chain was cut, too
    outcome = peopled.rekey("audit", "verify", "--expect-head", known)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("The audit chain does not hold: the expected head is not in")


def test_a_forged_record_is_found_by_the_head_kept_elsewhere(peopled: Machine) -> None:
    known = head(peopled)
    forge(peopled.database_file, number=3, actor="con_mallory")
    assert peopled.rekey("audit", "verify").code == 0  # every hash from there on was made anew
    outcome = peopled.rekey("audit", "verify", "--expect-head", known)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("The audit chain does not hold: the expected head is not in")


def test_a_forgotten_person_is_no_fault(peopled: Machine) -> None:
    known = head(peopled)
    database = peopled.database()
    with database.unit_of_work() as uow:
        bob = uow.contacts.by_email("bob@acme.example")
        assert bob
        assert uow.audit.erase_details(bob.id) == 1  # of when he was imported
        uow.commit()
    database.close()
    outcome = peopled.rekey("audit", "verify", "--expect-head", known)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"{AUDITED} records hold; head {known} {AUDITED}; 1 erased\n")


def test_erased_details_hold_and_are_told(peopled: Machine) -> None:
    tamper(peopled, "DELETE FROM audit_details WHERE number = 3")
    outcome = peopled.rekey("audit", "verify")
    assert outcome.code == 0
    first, second = outcome.out.splitlines()
    assert first.endswith("; 1 erased")
    assert second.startswith("Erased are details beside the chain")


def test_jsonl_has_every_field(peopled: Machine) -> None:
    lines = [json.loads(line) for line in peopled.rekey("audit", "export").out.splitlines()]
    assert [line["number"] for line in lines] == list(range(1, AUDITED + 1))
    assert {"number", "at", "tag", "actor", "subscriber", "account", "case", "hash"} <= set(
        lines[0]
    )
    assert lines[-1]["hash"] == head(peopled)
    assert lines[-1]["tag"] == "operator:directory:imported"
    assert lines[-1]["details"]["file"] == "roster.yaml"


def test_csv_has_the_same(peopled: Machine) -> None:
    rows = list(
        csv.DictReader(io.StringIO(peopled.rekey("audit", "export", "--format", "csv").out))
    )
    lines = [json.loads(line) for line in peopled.rekey("audit", "export").out.splitlines()]
    assert [row["hash"] for row in rows] == [line["hash"] for line in lines]
    assert set(rows[0]) == set(lines[0]) | {"ticket"}
    assert json.loads(rows[2]["details"]) == lines[2]["details"]


def test_since_until_and_account_narrow_it(peopled: Machine) -> None:
    def count(*options: str) -> int:
        outcome = peopled.rekey("audit", "export", *options)
        assert outcome.code == 0, outcome.err
        return len(outcome.out.splitlines())

    assert count("--since", "2000-01-01") == AUDITED
    assert count("--until", "2000-01-01T00:00:00Z") == 0
    assert count("--since", "2999-12-31T23:00:00+02:00") == 0
    assert count("--account", "acme") == 1
    at = json.loads(peopled.rekey("audit", "export").out.splitlines()[0])["at"]
    assert count("--since", at) == AUDITED
    assert count("--until", at) == 0


@pytest.mark.parametrize("option", ["--since", "--until"])
@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "0001-01-01T00:00:00+23:00"])
def test_times_that_are_none(peopled: Machine, option: str, time: str) -> None:
    outcome = peopled.rekey("audit", "export", option, time)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"{option} takes an ISO 8601 date or instant")


def test_an_unknown_format(peopled: Machine) -> None:
    outcome = peopled.rekey("audit", "export", "--format", "xml")
    assert outcome.code == 2
    assert outcome.err == ("Invalid value for '--format': 'xml' is not one of 'jsonl', 'csv'.\n")


def test_an_account_that_there_is_not_is_warned_of(peopled: Machine) -> None:
    outcome = peopled.rekey("audit", "export", "--account", "acmee")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err == "Warning: no account has the id acmee\n"
    assert peopled.rekey("audit", "export", "--account", "acme").err == ""
