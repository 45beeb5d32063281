"""`rekey people forget`: what is left of a leaver, down to the bytes of the database's file."""

from dataclasses import replace

import pytest

from bot.clock import SystemClock
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from tests.fakes import a_case, a_session
from tests.integration.cli.conftest import ALICE, BOB, ROSTER, WITHOUT_BOB, Machine

WITH_BOB = ROSTER.replace(
    "    name: Bob Brown\n",
    "    name: Bob Brown\n    phone: '+44 20 7946 0155'\n    manager: carol@acme.example\n",
).replace("    name: Alice Archer\n", f"    name: Alice Archer\n    manager: {BOB}\n")
REASON = "He lost his phone on the night train"
BROWSER, ADDRESS = "Falkon on Haiku", "198.51.100.77"
PERSONAL = ["Bob Brown", BOB, "7946 0155", REASON, "HD-4711", BROWSER, ADDRESS, "bob"]
FORGET = f"people forget {BOB}"


@pytest.fixture
def left(machine: Machine) -> Machine:
    """Return a machine that knows much about Bob, who has left."""
    machine.import_people(WITH_BOB)
    machine.enrol(BOB)
    machine.done(f"reset {BOB} --yes --force --reason", REASON)
    bob, alice = machine.contact(BOB), machine.contact(ALICE)
    text = "A reset is under way, asked for by Bob Brown."
    case = a_case(subscriber_id=bob.id, state=CaseState.RE_ENROLLED, reason=REASON)
    session = replace(a_session(bob.id), browser=BROWSER, address=ADDRESS)
    notice = Notice(kind=NoticeKind.REPLY, contact_id=alice.id, facts={"text": text})
    with machine.stored() as uow:
        uow.cases.add(replace(case, ticket="HD-4711"))
        uow.sessions.add(session, token_hash="x")
        message_id = uow.outbox.add(notice, now=SystemClock().now())
        assert message_id is not None
        uow.outbox.mark_sent(message_id, now=SystemClock().now())
    machine.import_people(WITHOUT_BOB, "--prune")
    return machine


def found_in(machine: Machine) -> list[str]:
    """Return what of Bob stands anywhere in the database's files."""
    files = list(machine.database_file.parent.iterdir())
    assert machine.database_file in files
    stored = b"".join(file.read_bytes() for file in files)
    return [text for text in PERSONAL if text.encode() in stored]


def test_nothing_personal_is_left_in_the_file(
    left: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found_in(left) == PERSONAL
    monkeypatch.delenv("REKEY_SECRET_KEYS")  # which are not needed
    head = left.done("audit head").out.split()[0]
    outcome = left.done(f"{FORGET} --yes")
    assert "Warning" not in outcome.err
    assert found_in(left) == []

    verified = left.done(f"audit verify --expect-head {head}")
    erased = outcome.out.partition("the details of ")[2].split()[0]
    assert f"{erased} erased" in verified.out
    assert int(erased) > 5
    assert left.tags()[-1] == "operator:contact:forgotten"
    left.done("status --json")


def test_the_address_may_come_back_as_somebody_new(left: Machine) -> None:
    left.done(f"{FORGET} --yes")
    assert f"+ contact {BOB}" in left.import_people(WITH_BOB).out
    assert left.done(f"status {BOB} --json").json["cases"] == []


def test_it_asks_first_and_no_means_no(left: Machine) -> None:
    before = left.tags()
    outcome = left.rekey(FORGET, keyboard="no\n")
    assert outcome.code == 1
    assert outcome.err.endswith("Nothing was changed.\n")
    assert left.tags() == before


def test_beside_a_reader_the_log_is_emptied_later_and_that_is_said(left: Machine) -> None:
    database = left.database()
    with database.snapshot() as uow:
        uow.audit.head()
        outcome = left.done(f"{FORGET} --yes")
    assert "Warning: another program reads the database" in outcome.err
    assert database.scrub()
    database.close()
    assert found_in(left) == []


def test_a_new_address_takes_the_user_name_once_the_old_one_was_forgotten(left: Machine) -> None:
    moved = left.write("moved.yaml", WITH_BOB.replace(BOB, "bob.brown@acme.example"))
    refused = left.rekey(f"people import {moved}")
    assert refused.code == 1
    assert f"the user name bob is {BOB}'s; where that is the same person, prune" in refused.err
    left.done(f"{FORGET} --yes")
    left.done(f"people import {moved}")
    assert "User name: bob\n" in left.done("status bob.brown@acme.example").out
