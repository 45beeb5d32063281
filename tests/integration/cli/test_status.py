"""`rekey status`, for people and for programs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cli.console import MOST_SHOWN
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import AccountId
from bot.domain.model.notices import Channel, Notice, NoticeKind
from bot.domain.model.people import SuspensionCause
from bot.people.csv_file import COLUMNS
from tests.fakes import NOON, a_case, a_suspension
from tests.integration.cli.conftest import ALICE, BOB, CAROL, ROSTER, WITHOUT_BOB, Machine

CALL_BACK = """\
    phone: "+44 20 7946 0101"
    manager: carol@acme.example
"""
NOTHING_WAITS = "No case waits for anything.\n"


def with_case(machine: Machine, state: CaseState, *, of: str = BOB) -> str:
    case = a_case(
        subscriber_id=machine.contact(of).id,
        admin_id=machine.contact(ALICE).id,
        account_id=AccountId("acme"),
        state=state,
        completed_at=NOON if state is CaseState.COMPLETED else None,
    )
    with machine.stored() as uow:
        assert uow.cases.add(case)
    return case.id


def test_where_nothing_waits_whom_too_few_can_reset_is_warned_of(peopled: Machine) -> None:
    outcome = peopled.done("status")
    assert outcome.out == NOTHING_WAITS  # no messages, either
    assert outcome.err.splitlines() == [
        "Warning: only one person can reset alice@acme.example",
        "Warning: nobody can reset carol@acme.example",
    ]
    outcome = peopled.done("status --json")
    assert (outcome.json, outcome.err) == ({"cases": []}, "")


@pytest.mark.parametrize("line", ["people import owners.csv", "status", "doctor"])
def test_all_whom_too_few_can_reset_are_named_and_a_terminal_gets_the_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    owners = [f"owner{n}@acme.example" for n in range(MOST_SHOWN + 2)]
    # Each is alone in an account of their own.
    rows = [f"{name},o{n},O,,,,,,a{n},A Ltd,optional,owner" for n, name in enumerate(owners)]
    machine.write("owners.csv", "\n".join([",".join(COLUMNS), *rows]))
    machine.done("people import owners.csv")
    outcome = machine.rekey(line)
    told = outcome.out + outcome.err
    assert [name for name in owners if f"nobody can reset {name}" in told] == owners
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal is
    outcome = machine.rekey(line)
    told = outcome.out + outcome.err
    assert "… and 2 more" in told
    assert sum(f"nobody can reset {name}" in told for name in owners) == MOST_SHOWN


def test_json_of_a_contact(peopled: Machine) -> None:
    declined = {
        "id": with_case(peopled, CaseState.DECLINED),
        "kind": "reset",
        "state": "declined",
        "account": "acme",
        "admin": ALICE,
        "opened_at": "2026-01-01T12:00:00+00:00",
        "completed_at": None,
        "reminders_sent": 0,
    }
    completed = declined | {
        "id": with_case(peopled, CaseState.COMPLETED),
        "state": "completed",
        "completed_at": "2026-01-01T12:00:00+00:00",
    }
    outcome = peopled.done("status BOB@acme.example --json")
    contact = {"email": BOB, "name": "Bob Brown", "suspended": False, "set_up_required": False}
    assert outcome.err == ""
    assert outcome.json == {
        "contact": contact,
        "authenticators": [],
        "cases": [completed, declined],
    }


def test_what_waits_is_listed_until_they_leave(peopled: Machine) -> None:
    with_case(peopled, CaseState.DECLINED)
    waiting = with_case(peopled, CaseState.COMPLETED)
    cases = peopled.done("status --json").json["cases"]
    assert [(case["id"], case["subscriber"]) for case in cases] == [(waiting, BOB)]
    peopled.import_people(WITHOUT_BOB, "--prune")
    assert peopled.done("status --json").json == {"cases": []}
    assert "operator:case:superseded" in peopled.tags()


def test_a_table_says_what_each_case_waits_for(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_case(peopled, CaseState.AWAITING_CONFIRMATION)
    case_id = with_case(peopled, CaseState.COMPLETED, of=CAROL)
    out = peopled.done("status").out
    for said in ("the admin's Yes, until 2026-01-01 12:05 UTC", "the set-up; 0 reminders sent"):
        assert said in out
    assert ALICE in out
    monkeypatch.setenv("COLUMNS", "80")  # where an id can be copied still
    for line in ("status", f"status {CAROL}"):
        assert case_id in peopled.done(line).out


def test_undelivered_messages_are_shown(peopled: Machine) -> None:
    notice = Notice(kind=NoticeKind.SUBSCRIBER_RESET, contact_id=peopled.contact(BOB).id)
    later = NOON + timedelta(minutes=1)
    with peopled.stored() as uow:
        message_id = uow.outbox.add(notice, now=NOON)
        mail_id = uow.outbox.add(replace(notice, channel=Channel.EMAIL), now=NOON)
        assert message_id is not None
        assert mail_id is not None
        uow.outbox.reschedule(message_id, next_attempt_at=later, error="ratelimited", holder=None)
        uow.outbox.mark_failed(mail_id, now=NOON, error="smtp_550", holder=None)
    out = peopled.done("status").out
    assert "Undelivered messages" in out
    (waits,) = [line for line in out.splitlines() if "ratelimited" in line]
    (refused,) = [line for line in out.splitlines() if "smtp_550" in line]
    for said in ("subscriber reset", BOB, "2026-01-01 12:01 UTC"):
        assert said in waits
    assert "email" in refused
    assert "given up" in refused
    assert "1 message waits to leave, the oldest since 2026-01-01 12:00 UTC." in out


def test_a_contact_for_people(peopled: Machine) -> None:
    outcome = peopled.done(f"status {BOB}")
    assert outcome.err == ""
    assert outcome.out == (
        "Bob Brown <bob@acme.example>: member of Acme Ltd, member of Globex Inc\n"
        "User name: bob\nNumber on file: none\nManager: none\nSlack identity: none\n"
        "No active authenticator.\nNo case.\n"
    )
    name = "    name: Bob Brown\n"
    peopled.import_people(ROSTER.replace(name, f"{name}{CALL_BACK}"))
    out = peopled.done(f"status {BOB}").out
    assert "Number on file: +44 20 7946 0101\nManager: carol@acme.example\n" in out
    assert "Slack identity: T01TEST/U01CAROL\n" in peopled.done(f"status {CAROL}").out


def test_who_is_suspended_is_listed_with_cause_and_time(peopled: Machine) -> None:
    bob, later = peopled.contact(BOB).id, NOON + timedelta(days=1)
    with peopled.stored() as uow:
        for cause, at in [(SuspensionCause.LAPSED, NOON), (SuspensionCause.VETOED, later)]:
            uow.suspensions.add(a_suspension(bob, cause=cause, suspended_at=at))
    peopled.done(f"people suspend {ALICE} --reason 'called in'")
    out = peopled.done(f"status {BOB}").out
    assert (
        "; suspended\nSuspended since 2026-01-02 12:00 UTC: “This wasn't me” was pressed\n" in out
    )
    assert "Suspended since 2026-01-01 12:00 UTC: 2FA was not set up in time\n" in out
    lines = peopled.done("status").out.splitlines()
    assert any(ALICE in line and "by the operator" in line for line in lines)
    assert any(BOB in line and "2026-01-02 12:00 UTC" in line for line in lines)
    assert "suspended" not in peopled.done("status --json").out
    peopled.done(f"people reinstate {ALICE} --reason 'called back'")
    peopled.import_people(WITHOUT_BOB, "--prune")
    assert "Suspended" not in peopled.done("status").out
