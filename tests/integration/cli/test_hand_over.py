"""`rekey set-up-code`: a code of a sign-in that waits, shown at the console."""

import re
from datetime import datetime, timedelta

import pytest

from bot.clock import SystemClock
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import SessionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import SessionStage
from bot.domain.set_up.set_up_codes import hash_set_up_code, normalise_set_up_code
from bot.settings.loading import load_settings
from bot.wiring.keys import SET_UP_CODE, derive
from tests.fakes import a_case, a_session
from tests.integration.cli.conftest import Machine

BOB = "bob@acme.example"
REASON = ("--reason", "In the mountains without a phone")


@pytest.fixture
def waiting(peopled: Machine) -> SessionId:
    """Have Bob wait for the set-up code of his first set-up."""
    with peopled.database().unit_of_work() as uow:
        bob = uow.contacts.by_email(BOB)
        assert bob is not None
        case = a_case(
            subscriber_id=bob.id, kind=CaseKind.FIRST_SET_UP, state=CaseState.COMPLETED, proof=None
        )
        assert uow.cases.add(case)
        uow.commit()
    return wait(peopled)


def wait(machine: Machine) -> SessionId:
    now = SystemClock().now()
    with machine.database().unit_of_work() as uow:
        bob = uow.contacts.by_email(BOB)
        assert bob is not None
        session = a_session(
            bob.id,
            stage=SessionStage.AWAITING_SET_UP_CODE,
            created_at=now,
            expires_at=now + timedelta(minutes=30),
        )
        uow.sessions.add(session, token_hash=f"hash of {session.id}")
        uow.commit()
    return session.id


def fits(machine: Machine, code: str, session_id: SessionId) -> bool:
    """Whether `serve`, with these settings, would take the code at that sign-in."""
    normal = normalise_set_up_code(code)
    assert normal is not None
    code_hash = hash_set_up_code(normal, session_id, pepper=derive(load_settings(), SET_UP_CODE))
    with machine.database().unit_of_work() as uow:
        return uow.sessions.spend_set_up_code(
            session_id, code_hash=code_hash, now=SystemClock().now()
        )


def test_the_code_alone_stands_on_standard_output(peopled: Machine, waiting: SessionId) -> None:
    outcome = peopled.rekey("set-up-code", BOB, *REASON)
    assert outcome.code == 0, outcome.err
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}\n", outcome.out)
    assert "For Bob Brown, number on file: none on file." in outcome.err
    assert "Firefox on Linux, 192.0.2.7" in outcome.err
    assert outcome.out.strip() not in outcome.err
    assert fits(peopled, outcome.out.strip(), waiting)


def test_json(peopled: Machine, waiting: SessionId) -> None:
    outcome = peopled.rekey("set-up-code", BOB, *REASON, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.json.keys() == {"set_up_code", "session", "expires_at"}
    assert outcome.json["session"] == waiting
    left = datetime.fromisoformat(outcome.json["expires_at"]) - SystemClock().now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    assert fits(peopled, outcome.json["set_up_code"], waiting)


def test_is_audited_and_told_without_the_code(peopled: Machine, waiting: SessionId) -> None:
    code = peopled.rekey("set-up-code", BOB, *REASON, "--json").json["set_up_code"]
    with peopled.database().snapshot() as uow:
        record = list(uow.audit.records())[-1]
        due = uow.outbox.due(SystemClock().now(), limit=100)
    assert record.tag == "operator:set_up_code:handed_over"
    assert record.details is not None
    assert record.details["reason"] == REASON[1]
    assert record.details["session"] == waiting
    assert record.details["operator_user"]
    assert record.details["operator_host"]
    kinds = [message.notice.kind for message in due]
    assert NoticeKind.SUBSCRIBER_HANDED_OVER in kinds
    assert NoticeKind.OPERATOR_ACTED in kinds
    written = peopled.database_file.read_bytes()
    assert code.encode() not in written
    assert code.replace("-", "").encode() not in written


def test_of_several_sign_ins_one_is_named(peopled: Machine, waiting: SessionId) -> None:
    other = wait(peopled)
    unnamed = peopled.rekey("set-up-code", BOB, *REASON)
    assert (unnamed.code, unnamed.out) == (1, "")
    assert waiting in unnamed.err
    assert other in unnamed.err
    assert "add --session" in unnamed.err
    named = peopled.rekey("set-up-code", BOB, *REASON, "--session", waiting, "--json")
    assert named.json["session"] == waiting


def test_nobody_waits(peopled: Machine) -> None:
    outcome = peopled.rekey("set-up-code", BOB, *REASON)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("No sign-in of this person waits for a set-up code.")
    assert peopled.tags()[-1] == "operator:set_up_code:nobody_waits"


def test_an_address_that_is_nobodys(peopled: Machine) -> None:
    outcome = peopled.rekey("set-up-code", "nobody@acme.example", *REASON)
    assert (outcome.code, outcome.err) == (1, "No contact has that e-mail address.\n")


@pytest.mark.usefixtures("waiting")
def test_a_reason_that_holds_a_code_is_refused(peopled: Machine) -> None:
    outcome = peopled.rekey("set-up-code", BOB, "--reason", "code 123456")
    assert (outcome.code, outcome.out) == (1, "")
    assert "look like a code" in outcome.err


def test_a_reason_is_asked_for(peopled: Machine) -> None:
    outcome = peopled.rekey("set-up-code", BOB)
    assert outcome.code == 2
    assert "--reason" in outcome.err


def test_keys_are_needed_and_no_slack(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    outcome = peopled.rekey("set-up-code", BOB, *REASON)
    assert (outcome.code, outcome.err) == (1, "REKEY_SECRET_KEYS: is missing\n")
