"""`rekey audit head`, `verify` and `export`: offline, with neither keys nor Slack."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tampering import cut_off, drop_triggers, forge
from tests.integration.cli.conftest import BOB, Machine

AUDITED = 6
"""Records of an import of `ROSTER`: two accounts, three contacts, and the import."""
NOT_THERE = "The audit chain does not hold: the expected head is not in"


@pytest.fixture
def peopled(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return the same machine with its keys gone."""
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    return peopled


def exported(machine: Machine) -> list[dict[str, Any]]:
    return [json.loads(line) for line in machine.done("audit export").out.splitlines()]


def tamper(machine: Machine, statement: str) -> None:
    """Do to the file what the database itself refuses, as somebody with the file could."""
    drop_triggers(machine.database_file)
    connection = sqlite3.connect(machine.database_file)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_chain_that_holds_is_told_with_its_head(peopled: Machine) -> None:
    known, number = peopled.done("audit head").out.removesuffix("\n").split(" ")
    assert (len(known), number) == (64, str(AUDITED))
    holds = f"{AUDITED} records hold; head {known} {AUDITED}; 0 erased\n"
    assert peopled.done("audit verify").out == holds
    assert peopled.done(f"audit verify --expect-head {known.upper()}").out == holds


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
    tamper(peopled, statement)
    outcome = peopled.rekey("audit verify")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"The audit chain does not hold: {fault}.\n"


@pytest.mark.parametrize(
    "made_anew", [partial(cut_off, last=3), partial(forge, number=3, actor="con_mallory")]
)
def test_a_chain_made_anew_is_found_by_the_head_kept_elsewhere(
    peopled: Machine, made_anew: Callable[[Path], None]
) -> None:
    known = peopled.done("audit head").out.split()[0]
    made_anew(peopled.database_file)
    peopled.done("audit verify")
    outcome = peopled.rekey(f"audit verify --expect-head {known}")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(NOT_THERE)


def test_the_details_of_a_forgotten_person_are_no_fault_and_told(peopled: Machine) -> None:
    known = peopled.done("audit head").out.split()[0]
    bob = peopled.contact(BOB)
    with peopled.stored() as uow:
        assert uow.audit.erase_details(bob.id) == 1  # of when he was imported
    outcome = peopled.done(f"audit verify --expect-head {known}")
    holds, erased = outcome.out.splitlines()
    assert holds == f"{AUDITED} records hold; head {known} {AUDITED}; 1 erased"
    assert erased.startswith("Erased are details beside the chain")


def test_an_export_has_every_field_in_both_formats(peopled: Machine) -> None:
    lines = exported(peopled)
    assert [line["number"] for line in lines] == list(range(1, AUDITED + 1))
    fields = {"number", "at", "tag", "actor", "subscriber", "account", "case", "hash"}
    assert fields <= set(lines[0])
    assert lines[-1]["hash"] == peopled.done("audit head").out.split()[0]
    assert lines[-1]["tag"] == "operator:directory:imported"
    assert lines[-1]["details"]["file"] == "roster.yaml"
    table = peopled.done("audit export --format csv").out
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["hash"] for row in rows] == [line["hash"] for line in lines]
    assert set(rows[0]) == set(lines[0]) | {"ticket"}
    assert json.loads(rows[2]["details"]) == lines[2]["details"]


@pytest.mark.parametrize(
    ("option", "count"),
    [
        ("--since 2000-01-01", AUDITED),
        ("--since 2999-12-31T23:00:00+02:00", 0),
        ("--since {first}", AUDITED),
        ("--until 2000-01-01T00:00:00Z", 0),
        ("--until {first}", 0),
        ("--account acme", 1),
    ],
)
def test_since_until_and_account_narrow_it(peopled: Machine, option: str, count: int) -> None:
    option = option.format(first=exported(peopled)[0]["at"])
    outcome = peopled.done(f"audit export {option}")
    assert (len(outcome.out.splitlines()), outcome.err) == (count, "")


def test_an_account_that_there_is_not_is_warned_of(peopled: Machine) -> None:
    outcome = peopled.done("audit export --account acmee")
    assert (outcome.out, outcome.err) == ("", "Warning: no account has the id acmee\n")
