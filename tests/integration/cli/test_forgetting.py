"""`rekey people forget`: what is left of a leaver, down to the bytes of the database's file."""

import io
from dataclasses import replace

import pyotp
import pytest

from bot.clock import SystemClock
from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from tests.fakes import a_case, a_session
from tests.integration.cli.conftest import ROSTER, Machine
from tests.integration.cli.test_binding import Terminal

BOB = "bob@acme.example"
WITH_BOB = ROSTER.replace(
    "    name: Bob Brown\n",
    "    name: Bob Brown\n    phone: '+44 20 7946 0155'\n    manager: carol@acme.example\n",
).replace("    name: Alice Archer\n", f"    name: Alice Archer\n    manager: {BOB}\n")
WITHOUT_BOB, _, _ = ROSTER.partition(f"  - email: {BOB}")
REASON = "He lost his phone on the night train"
BROWSER, ADDRESS = "Falkon on Haiku", "198.51.100.77"
PERSONAL = ["Bob Brown", BOB, "7946 0155", REASON, "HD-4711", BROWSER, ADDRESS, "bob"]


@pytest.fixture
def left(machine: Machine) -> Machine:
    """Return a machine that knows much about Bob, who has left."""
    assert machine.rekey("people", "import", machine.write("all.yaml", WITH_BOB)).code == 0
    secret = machine.rekey("enrol", BOB, "--json").json["secret"]
    assert machine.rekey("enrol", BOB, "--confirm", pyotp.TOTP(secret).now()).code == 0
    reset = machine.rekey("reset", BOB, f"--reason={REASON}", "--yes", "--force")
    assert reset.code == 0, reset.err
    with machine.database().unit_of_work() as uow:
        bob, alice = (uow.contacts.by_email(f"{name}@acme.example") for name in ("bob", "alice"))
        assert bob is not None
        assert alice is not None
        case = a_case(subscriber_id=bob.id, state=CaseState.RE_ENROLLED, reason=REASON)
        uow.cases.add(replace(case, ticket="HD-4711"))
        session = replace(a_session(bob.id), browser=BROWSER, address=ADDRESS)
        uow.sessions.add(session, token_hash="x")
        text = "A reset is under way, asked for by Bob Brown."
        notice = Notice(kind=NoticeKind.REPLY, contact_id=alice.id, facts={"text": text})
        message_id = uow.outbox.add(notice, now=SystemClock().now())
        assert message_id is not None
        uow.outbox.mark_sent(message_id, now=SystemClock().now())
        uow.commit()
    file = machine.write("less.yaml", WITHOUT_BOB)
    assert machine.rekey("people", "import", file, "--prune").code == 0
    return machine


def found_in(machine: Machine) -> list[str]:
    """Return what of Bob stands anywhere in the database's files."""
    files = list(machine.database_file.parent.iterdir())
    assert machine.database_file in files
    stored = b"".join(file.read_bytes() for file in files)
    return [text for text in PERSONAL if text.encode() in stored]


def test_nothing_personal_is_left_in_the_file(left: Machine) -> None:
    assert found_in(left) == PERSONAL
    head = left.rekey("audit", "head").out.split()[0]
    outcome = left.rekey("people", "forget", BOB, "--yes")
    assert outcome.code == 0, outcome.err
    assert "Warning" not in outcome.err
    assert found_in(left) == []

    verified = left.rekey("audit", "verify", "--expect-head", head)
    assert verified.code == 0, verified.err
    erased = outcome.out.partition("the details of ")[2].split()[0]
    assert f"{erased} erased" in verified.out
    assert int(erased) > 5
    assert left.tags()[-1] == "operator:contact:forgotten"
    assert left.rekey("status", "--json").code == 0


def test_the_address_may_come_back_as_somebody_new(left: Machine) -> None:
    left.rekey("people", "forget", BOB, "--yes")
    outcome = left.rekey("people", "import", "all.yaml")
    assert f"+ contact {BOB}" in outcome.out
    assert left.rekey("status", BOB, "--json").json["cases"] == []


def test_who_belongs_to_an_account_is_not_forgotten(peopled: Machine) -> None:
    outcome = peopled.rekey("people", "forget", BOB, "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("This contact still belongs to an account.")


def test_it_asks_first_and_no_means_no(left: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert left.rekey("people", "forget", BOB).code == 2
    before = left.tags()
    monkeypatch.setattr(io, "TextIOWrapper", lambda _: Terminal("no\n"))
    outcome = left.rekey("people", "forget", BOB)
    assert outcome.code == 1
    assert outcome.err.endswith("Nothing was changed.\n")
    assert left.tags() == before


def test_beside_a_reader_the_log_is_emptied_later_and_that_is_said(left: Machine) -> None:
    database = left.database()
    with database.snapshot() as uow:
        uow.audit.head()
        outcome = left.rekey("people", "forget", BOB, "--yes")
    assert outcome.code == 0
    assert "Warning: another program reads the database" in outcome.err
    assert database.scrub()
    database.close()
    assert found_in(left) == []


def test_needs_neither_keys_nor_slack(left: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    assert left.rekey("people", "forget", BOB, "--yes").code == 0


def test_a_new_address_takes_the_user_name_once_the_old_one_was_forgotten(left: Machine) -> None:
    moved = left.write("moved.yaml", WITH_BOB.replace(BOB, "bob.brown@acme.example"))
    refused = left.rekey("people", "import", moved)
    assert refused.code == 1
    assert f"the user name bob is {BOB}'s; where that is the same person, prune" in refused.err
    assert left.rekey("people", "forget", BOB, "--yes").code == 0
    assert left.rekey("people", "import", moved).code == 0
    assert "User name: bob\n" in left.rekey("status", "bob.brown@acme.example").out
