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
from tests.integration.cli.conftest import BOB, Machine

REASON = "In the mountains without a phone"
HAND_OVER = f"set-up-code {BOB} --reason '{REASON}'"


@pytest.fixture
def waiting(peopled: Machine) -> SessionId:
    """Have Bob wait for the set-up code of his first set-up."""
    case = a_case(
        subscriber_id=peopled.contact(BOB).id,
        kind=CaseKind.FIRST_SET_UP,
        state=CaseState.COMPLETED,
        proof=None,
    )
    with peopled.stored() as uow:
        assert uow.cases.add(case)
    return wait(peopled)


def wait(machine: Machine) -> SessionId:
    now = SystemClock().now()
    session = a_session(
        machine.contact(BOB).id,
        stage=SessionStage.AWAITING_SET_UP_CODE,
        created_at=now,
        expires_at=now + timedelta(minutes=30),
    )
    with machine.stored() as uow:
        uow.sessions.add(session, token_hash=f"hash of {session.id}")
    return session.id


def fits(machine: Machine, code: str, session_id: SessionId) -> bool:
    """Whether `serve`, with these settings, would take the code at that sign-in."""
    normal = normalise_set_up_code(code)
    assert normal is not None
    code_hash = hash_set_up_code(normal, session_id, pepper=derive(load_settings(), SET_UP_CODE))
    with machine.stored() as uow:
        return uow.sessions.spend_set_up_code(
            session_id, code_hash=code_hash, now=SystemClock().now()
        )


def test_the_code_alone_stands_on_standard_output(peopled: Machine, waiting: SessionId) -> None:
    outcome = peopled.done(HAND_OVER)
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}\n", outcome.out)
    assert "For Bob Brown, number on file: none on file." in outcome.err
    assert "Firefox on Linux, 192.0.2.7" in outcome.err
    assert outcome.out.strip() not in outcome.err
    assert fits(peopled, outcome.out.strip(), waiting)


def test_json_is_audited_and_told_without_the_code(peopled: Machine, waiting: SessionId) -> None:
    outcome = peopled.done(f"{HAND_OVER} --json")
    assert outcome.err == ""
    assert outcome.json.keys() == {"set_up_code", "session", "expires_at"}
    assert outcome.json["session"] == waiting
    left = datetime.fromisoformat(outcome.json["expires_at"]) - SystemClock().now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    with peopled.stored() as uow:
        record = list(uow.audit.records())[-1]
    assert record.tag == "operator:set_up_code:handed_over"
    assert record.details is not None
    assert (record.details["reason"], record.details["session"]) == (REASON, waiting)
    assert record.details["operator_user"]
    assert record.details["operator_host"]
    kinds = {notice.kind for notice in peopled.due()}
    assert {NoticeKind.SUBSCRIBER_HANDED_OVER, NoticeKind.OPERATOR_ACTED} <= kinds
    code = outcome.json["set_up_code"]
    for file in peopled.database_file.parent.iterdir():
        assert code.encode() not in file.read_bytes()
        assert code.replace("-", "").encode() not in file.read_bytes()
    assert fits(peopled, code, waiting)


def test_of_several_sign_ins_one_is_named(peopled: Machine, waiting: SessionId) -> None:
    other = wait(peopled)
    unnamed = peopled.rekey(HAND_OVER)
    assert (unnamed.code, unnamed.out) == (1, "")
    for said in (waiting, other, "add --session"):
        assert said in unnamed.err
    assert peopled.done(f"{HAND_OVER} --session {waiting} --json").json["session"] == waiting
