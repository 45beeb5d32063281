"""`rekey audit show`: one case's story; and the ticket in an export."""

import csv
import io
import json
from dataclasses import replace

import pytest

from bot.domain.model.ids import AccountId, CaseId, ContactId
from tests.fakes import a_case, an_event
from tests.integration.cli.conftest import ALICE, BOB, Machine

CASE = CaseId("case_0123456789abcdef0123")
AT = "2026-01-01 12:00:00 UTC"
ASKED = (
    "Alice Archer asked to reset the 2FA of Bob Brown for the account Acme Ltd; "
    "Yes or No is awaited."
)
REFUSED = (
    "A reset of the 2FA of Bob Brown, asked for by Alice Archer, was refused: "
    "the time to answer was over."
)


@pytest.fixture
def storied(peopled: Machine) -> Machine:
    """Return a machine on which Alice has asked to reset Bob, and was told No once before."""
    alice, bob = peopled.contact(ALICE), peopled.contact(BOB)
    event = an_event(
        "slack:case:awaiting_confirmation",
        actor=alice.id,
        subscriber=bob.id,
        account=AccountId("acme"),
        case=CASE,
        details={"proof": "video", "reason": "Lost the phone", "ticket": "=HD-42"},
    )
    with peopled.stored() as uow:
        uow.cases.add(
            a_case(case_id=CASE, subscriber_id=bob.id, admin_id=alice.id, ticket="=HD-42")
        )
        uow.audit.record(event)
        uow.audit.record(replace(event, tag="slack:reset:confirm_expired", details={}))
        uow.audit.record(an_event("slack:reset:outranked", actor=alice.id))
    return peopled


def test_tells_what_happened_in_order_by_whom_and_with_which_details(storied: Machine) -> None:
    assert (
        storied.done(f"audit show {CASE}").out
        == f"""\
Case {CASE}
  kind        reset
  state       awaiting confirmation
  account     Acme Ltd (acme)
  subscriber  Bob Brown <bob@acme.example>
  admin       Alice Archer <alice@acme.example>
  ticket      =HD-42

{AT}  {ASKED}
{" " * len(AT)}  proven: on a video call
{" " * len(AT)}  why: Lost the phone
{" " * len(AT)}  ticket: =HD-42
{AT}  {REFUSED}
"""
    )


def test_as_json(storied: Machine) -> None:
    told = storied.done(f"audit show {CASE} --json").json
    assert (told["case"]["id"], told["case"]["ticket"]) == (CASE, "=HD-42")
    assert told["case"]["subscriber"] == "bob@acme.example"
    assert [record["tag"] for record in told["records"]] == [
        "slack:case:awaiting_confirmation",
        "slack:reset:confirm_expired",
    ]
    exported = [json.loads(line) for line in storied.done("audit export").out.splitlines()]
    for record in told["records"]:
        assert record.pop("text").endswith(".")
        assert record in exported


def test_says_what_was_erased(storied: Machine) -> None:
    bob = storied.contact(BOB)
    with storied.stored() as uow:
        uow.audit.erase_details(bob.id)
    out = storied.done(f"audit show {CASE}").out
    assert out.count("(its details were erased)") == 2
    assert "Lost the phone" not in out


def test_people_who_are_in_no_record_by_name(storied: Machine) -> None:
    with storied.stored() as uow:
        event = an_event("sweep:case:expired", actor="sweep", case=CASE)
        uow.audit.record(event)
        uow.audit.record(an_event("slack:case:declined", actor=ContactId("con_gone"), case=CASE))
    lines = storied.done(f"audit show {CASE}").out.splitlines()
    assert "  Nobody answered in time, or " in lines[-2]
    assert lines[-1].endswith("  con_gone answered No, and nothing was changed.")


def test_the_ticket_has_a_column_that_no_spreadsheet_computes(storied: Machine) -> None:
    out = storied.done("audit export --format csv").out
    tickets = {row["tag"]: row["ticket"] for row in csv.DictReader(io.StringIO(out))}
    assert tickets["slack:case:awaiting_confirmation"] == "'=HD-42"
    assert tickets["slack:reset:outranked"] == ""
