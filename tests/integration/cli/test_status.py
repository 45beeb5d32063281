"""`rekey status`, for people and for programs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cli.console import MOST_SHOWN
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.notices import Channel, Notice, NoticeKind
from bot.domain.model.people import SuspensionCause
from bot.people.csv_file import COLUMNS
from tests.fakes import NOON, a_case, a_suspension
from tests.integration.cli.conftest import ROSTER, Machine

REASON = ("--reason", "called in: it was not them")
CALL_BACK = """\
    phone: "+44 20 7946 0101"
    manager: carol@acme.example
"""


def contact_id(machine: Machine, name: str) -> ContactId:
    with machine.database().snapshot() as uow:
        contact = uow.contacts.by_email(f"{name}@acme.example")
    assert contact is not None
    return contact.id


def with_case(machine: Machine, state: CaseState, *, name: str = "bob") -> str:
    case = a_case(
        subscriber_id=contact_id(machine, name),
        admin_id=contact_id(machine, "alice"),
        account_id=AccountId("acme"),
        state=state,
        completed_at=NOON if state is CaseState.COMPLETED else None,
    )
    with machine.database().unit_of_work() as uow:
        assert uow.cases.add(case)
        uow.commit()
    return case.id


def test_nothing_waits(peopled: Machine) -> None:
    assert peopled.rekey("status").out == "No case waits for anything.\n"
    assert peopled.rekey("status", "--json").json == {"cases": []}


def test_nothing_waits_of_whoever_was_pruned(peopled: Machine) -> None:
    with_case(peopled, CaseState.COMPLETED)
    assert len(peopled.rekey("status", "--json").json["cases"]) == 1
    without = ROSTER[: ROSTER.index("  - email: bob@acme.example")]
    file = peopled.write("left.yaml", without)
    assert peopled.rekey("people", "import", file, "--prune").code == 0
    assert peopled.rekey("status", "--json").json == {"cases": []}
    assert "operator:case:superseded" in peopled.tags()


def test_whom_fewer_than_two_can_reset_is_warned_of(peopled: Machine) -> None:
    warnings = [
        "Warning: only one person can reset alice@acme.example",
        "Warning: nobody can reset carol@acme.example",
    ]
    assert peopled.rekey("status").err.splitlines() == warnings
    assert peopled.rekey("status", "--json").err == ""
    assert peopled.rekey("status", "bob@acme.example").err == ""


@pytest.mark.parametrize("command", ["import", "status", "doctor"])
def test_all_whom_too_few_can_reset_are_named_and_a_terminal_gets_the_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    owners = [f"owner{n}@acme.example" for n in range(MOST_SHOWN + 2)]
    file = machine.write("owners.csv", "\n".join([",".join(COLUMNS), *map(alone, owners)]))
    arguments = {"import": ("people", "import", file)}.get(command, (command,))
    if command != "import":
        machine.rekey("people", "import", file)
    outcome = machine.rekey(*arguments)
    assert [name for name in owners if f"nobody can reset {name}" in outcome.out + outcome.err] == (
        owners
    )
    monkeypatch.setenv("FORCE_COLOR", "1")  # as a terminal is
    outcome = machine.rekey(*arguments)
    told = outcome.out + outcome.err
    assert "… and 2 more" in told
    assert sum(f"nobody can reset {name}" in told for name in owners) == MOST_SHOWN


def alone(owner: str) -> str:
    """Return the row of somebody who is alone in an account of their own."""
    name = owner.partition("@")[0]
    return f"{owner},{name},{name},,,,,,{name},{name} Ltd,optional,owner"


def test_json_of_a_contact(peopled: Machine) -> None:
    old = with_case(peopled, CaseState.DECLINED)
    new = with_case(peopled, CaseState.COMPLETED)
    assert peopled.rekey("status", "BOB@acme.example", "--json").json == {
        "contact": {
            "email": "bob@acme.example",
            "name": "Bob Brown",
            "suspended": False,
            "set_up_required": False,
        },
        "authenticators": [],
        "cases": [
            {
                "id": new,
                "kind": "reset",
                "state": "completed",
                "account": "acme",
                "admin": "alice@acme.example",
                "opened_at": "2026-01-01T12:00:00+00:00",
                "completed_at": "2026-01-01T12:00:00+00:00",
                "reminders_sent": 0,
            },
            {
                "id": old,
                "kind": "reset",
                "state": "declined",
                "account": "acme",
                "admin": "alice@acme.example",
                "opened_at": "2026-01-01T12:00:00+00:00",
                "completed_at": None,
                "reminders_sent": 0,
            },
        ],
    }


def test_json_without_a_contact_lists_what_waits(peopled: Machine) -> None:
    with_case(peopled, CaseState.DECLINED)
    waiting = with_case(peopled, CaseState.AWAITING_CONFIRMATION)
    cases = peopled.rekey("status", "--json").json["cases"]
    assert [(case["id"], case["subscriber"]) for case in cases] == [(waiting, "bob@acme.example")]


def test_a_table_says_what_each_case_waits_for(peopled: Machine) -> None:
    with_case(peopled, CaseState.AWAITING_CONFIRMATION)
    with_case(peopled, CaseState.COMPLETED, name="carol")
    out = peopled.rekey("status").out
    assert "the admin's Yes, until 2026-01-01 12:05 UTC" in out
    assert "the set-up; 0 reminders sent" in out
    assert "alice@acme.example" in out


def test_an_id_can_be_copied_from_a_narrow_terminal(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    case_id = with_case(peopled, CaseState.COMPLETED)
    for arguments in (["status"], ["status", "bob@acme.example"]):
        assert case_id in peopled.rekey(*arguments).out


def test_undelivered_messages_are_shown(peopled: Machine) -> None:
    with peopled.database().unit_of_work() as uow:
        notice = Notice(kind=NoticeKind.SUBSCRIBER_RESET, contact_id=contact_id_in(uow))
        message_id = uow.outbox.add(notice, now=NOON)
        assert message_id is not None
        later = NOON + timedelta(minutes=1)
        uow.outbox.reschedule(message_id, next_attempt_at=later, error="ratelimited", holder=None)
        mail_id = uow.outbox.add(replace(notice, channel=Channel.EMAIL), now=NOON)
        assert mail_id is not None
        uow.outbox.mark_failed(mail_id, now=NOON, error="smtp_550", holder=None)
        uow.commit()
    out = peopled.rekey("status").out
    assert "Undelivered messages" in out
    assert "subscriber reset" in out
    assert "bob@acme.example" in out
    assert "ratelimited" in out
    assert "2026-01-01 12:01 UTC" in out
    (refused,) = [line for line in out.splitlines() if "smtp_550" in line]
    assert "email" in refused
    assert "given up" in refused
    assert "1 message waits to leave, the oldest since 2026-01-01 12:00 UTC." in out


def test_nothing_is_said_of_messages_where_none_waits(peopled: Machine) -> None:
    assert "to leave" not in peopled.rekey("status").out


def contact_id_in(uow: object) -> ContactId:
    contact = uow.contacts.by_email("bob@acme.example")  # type: ignore[attr-defined]  # SqlUnitOfWork
    assert contact is not None
    return ContactId(contact.id)


def test_a_contact_for_people(peopled: Machine) -> None:
    outcome = peopled.rekey("status", "bob@acme.example")
    assert outcome.out == (
        "Bob Brown <bob@acme.example>: member of Acme Ltd, member of Globex Inc\n"
        "User name: bob\nNumber on file: none\nManager: none\nSlack identity: none\n"
        "No active authenticator.\nNo case.\n"
    )


def test_how_to_call_a_contact_back(peopled: Machine) -> None:
    roster = ROSTER.replace("    name: Bob Brown\n", f"    name: Bob Brown\n{CALL_BACK}")
    peopled.rekey("people", "import", peopled.write("r.yaml", roster))
    out = peopled.rekey("status", "bob@acme.example").out
    assert "Number on file: +44 20 7946 0101\nManager: carol@acme.example\n" in out
    assert "Slack identity: T01TEST/U01CAROL\n" in peopled.rekey("status", "carol@acme.example").out


def test_who_is_suspended_is_listed_with_cause_and_time(peopled: Machine) -> None:
    with peopled.database().unit_of_work() as uow:
        later = NOON + timedelta(days=1)
        for cause, at in [(SuspensionCause.LAPSED, NOON), (SuspensionCause.VETOED, later)]:
            uow.suspensions.add(a_suspension(contact_id_in(uow), cause=cause, suspended_at=at))
        uow.commit()
    assert peopled.rekey("people", "suspend", "alice@acme.example", *REASON).code == 0
    out = peopled.rekey("status", "bob@acme.example").out
    assert (
        "; suspended\nSuspended since 2026-01-02 12:00 UTC: “This wasn't me” was pressed\n" in out
    )
    assert "Suspended since 2026-01-01 12:00 UTC: 2FA was not set up in time\n" in out
    lines = peopled.rekey("status").out.splitlines()
    assert any("alice@acme.example" in line and "by the operator" in line for line in lines)
    assert any("bob@acme.example" in line and "2026-01-02 12:00 UTC" in line for line in lines)
    assert "suspended" not in peopled.rekey("status", "--json").out
    peopled.rekey("people", "reinstate", "alice@acme.example", *REASON)
    without = ROSTER.partition("  - email: bob@")[0]
    peopled.rekey("people", "import", peopled.write("r.yaml", without), "--prune")
    assert "Suspended" not in peopled.rekey("status").out


def test_an_unknown_contact(peopled: Machine) -> None:
    outcome = peopled.rekey("status", "x@acme.example", "--json")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "No contact has that e-mail address.\n"


def test_without_a_database_none_is_made(machine: Machine) -> None:
    outcome = machine.rekey("status")
    assert (outcome.code, outcome.err) == (
        1,
        "There is no database at var/rekey.db. “rekey db upgrade” makes one.\n",
    )
    assert not machine.database_file.exists()
