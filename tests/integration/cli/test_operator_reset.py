"""`rekey reset`: the last owner's way back in."""

import io
import sys

import pyotp
import pytest

from bot.clock import SystemClock
from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.errors import DirectoryRefusedError, DirectoryUnavailableError
from bot.domain.model.ids import SuspensionId
from bot.domain.model.notices import NoticeKind
from bot.domain.model.people import Suspension, SuspensionCause
from bot.domain.resets.carrying_out import LEASE_LASTS
from tests.fakes import NOON
from tests.integration.cli.conftest import Machine
from tests.integration.cli.test_binding import Terminal

CAROL, ALICE, BOB = (f"{name}@acme.example" for name in ("carol", "alice", "bob"))
REASON = "--reason=Lost her phone, called back"


@pytest.fixture
def enrolled(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine on which Carol, the only owner, and Alice have 2FA."""
    monkeypatch.setenv("REKEY_AUDIT_CHANNEL", "C01AUDIT")
    for email in (CAROL, ALICE):
        secret = peopled.rekey("enrol", email, "--json").json["secret"]
        assert peopled.rekey("enrol", email, "--confirm", pyotp.TOTP(secret).now()).code == 0
    return peopled


def reset_messages(machine: Machine) -> list[tuple[NoticeKind, str | None]]:
    """Return what was written about resets: the kind, and the Slack address of a channel."""
    kinds = {NoticeKind.SUBSCRIBER_RESET, NoticeKind.OWNER_RESET}
    with machine.database().snapshot() as uow:
        due = uow.outbox.due(SystemClock().now(), limit=99)
    return [(m.notice.kind, m.notice.slack_address) for m in due if m.notice.kind in kinds]


def answer(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Have somebody at the terminal who types that line."""
    monkeypatch.setattr(io, "TextIOWrapper", lambda _: Terminal(line))


def test_the_only_owner_is_reset_and_told_of(enrolled: Machine) -> None:
    outcome = enrolled.rekey("reset", CAROL, REASON, "--yes", "--json")
    assert outcome.code == 0, outcome.err
    assert set(outcome.json) == {"case", "state"}
    status = enrolled.rekey("status", CAROL, "--json").json
    assert status["authenticators"] == []
    assert status["contact"]["set_up_required"] is True
    case = status["cases"][0]
    assert (case["id"], case["state"]) == (outcome.json["case"], outcome.json["state"])
    assert (case["kind"], case["state"], case["admin"]) == ("operator", "completed", None)
    assert reset_messages(enrolled) == [
        (NoticeKind.SUBSCRIBER_RESET, None),
        (NoticeKind.OWNER_RESET, "C01AUDIT"),
    ]


def test_without_json_it_says_what_was_done(enrolled: Machine) -> None:
    outcome = enrolled.rekey("reset", CAROL, REASON, "--yes")
    assert outcome.out.startswith(f"The 2FA of {CAROL} was reset: case case_")
    assert "set 2FA up again at the next sign-in" in outcome.err


def test_whom_an_operator_suspended_is_reinstated_instead(enrolled: Machine) -> None:
    assert enrolled.rekey("people", "suspend", CAROL, REASON).code == 0
    outcome = enrolled.rekey("reset", CAROL, REASON, "--yes")
    assert outcome.code == 1
    assert "use “rekey people reinstate”" in outcome.err
    assert "Ask the operator" not in outcome.err


def test_somebody_who_is_entitled_has_to_be_asked(enrolled: Machine) -> None:
    outcome = enrolled.rekey("reset", ALICE, REASON, "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("1 person in Slack may reset this contact.")
    assert enrolled.tags()[-1] == "operator:reset:somebody_entitled"
    assert enrolled.rekey("reset", ALICE, REASON, "--yes", "--force").code == 0


@pytest.mark.parametrize(("line", "code"), [("yes\n", 0), ("Y\n", 0), ("no\n", 1), ("sure\n", 1)])
def test_it_asks_first(
    enrolled: Machine, monkeypatch: pytest.MonkeyPatch, line: str, code: int
) -> None:
    before = enrolled.tags()
    answer(monkeypatch, line)
    outcome = enrolled.rekey("reset", CAROL, REASON)
    assert isinstance(sys.stdin, Terminal)
    question = f"Reset the 2FA of Carol Cole <{CAROL}>, number on file: none? (yes/no)"
    assert question in outcome.err
    assert outcome.code == code
    assert (enrolled.tags() == before) is (code == 1)


def test_where_nobody_can_be_asked_nothing_is_done(enrolled: Machine) -> None:
    before = enrolled.tags()
    outcome = enrolled.rekey("reset", CAROL, REASON)
    assert (outcome.code, outcome.err) == (2, "There is no terminal to ask at: use --yes.\n")
    assert enrolled.tags() == before


@pytest.mark.parametrize(
    ("email", "reason", "sentence"),
    [
        ("nobody@acme.example", REASON, "No contact has that e-mail address."),
        (CAROL, "--reason=", "Say why"),
        (CAROL, "--reason=123456", "This holds digits that look like a code"),
    ],
)
def test_refusals_are_one_sentence(
    enrolled: Machine, email: str, reason: str, sentence: str
) -> None:
    outcome = enrolled.rekey("reset", email, reason, "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(sentence)
    assert outcome.err.count("\n") == 1


def test_a_reason_is_needed(enrolled: Machine) -> None:
    outcome = enrolled.rekey("reset", CAROL, "--yes")
    assert (outcome.code, outcome.err) == (2, "Missing option '--reason'.\n")


def test_what_the_operator_suspended_is_reinstated_first(enrolled: Machine) -> None:
    with enrolled.database().unit_of_work() as uow:
        carol = uow.contacts.by_email(CAROL)
        assert carol is not None
        uow.suspensions.add(
            Suspension(
                id=SuspensionId("susp_1"),
                contact_id=carol.id,
                cause=SuspensionCause.OPERATOR,
                case_id=None,
                suspended_by=None,
                suspended_at=NOON,
                lifted_by=None,
                lifted_at=None,
            )
        )
        uow.commit()
    outcome = enrolled.rekey("reset", CAROL, REASON, "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert "rekey people reinstate" in outcome.err


def test_neither_keys_nor_slack_are_needed(
    enrolled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    outcome = enrolled.rekey("reset", CAROL, REASON, "--yes")
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize(
    ("fault", "state", "said"),
    [
        (DirectoryUnavailableError, "executing", "goes on by itself while “rekey serve” runs."),
        (DirectoryRefusedError, "failed", "is half done."),
    ],
)
def test_a_directory_that_fails_is_said(
    enrolled: Machine,
    monkeypatch: pytest.MonkeyPatch,
    fault: type[Exception],
    state: str,
    said: str,
) -> None:
    def fail(_directory: EmbeddedDirectory, _contact_id: str) -> int:
        raise fault

    monkeypatch.setattr(EmbeddedDirectory, "end_sessions", fail)
    outcome = enrolled.rekey("reset", CAROL, REASON, "--yes", "--json")
    assert (outcome.code, outcome.json["state"]) == (1, state)
    assert outcome.err.rstrip().endswith(said)
    assert outcome.json["case"] in outcome.err
    status = enrolled.rekey("status", CAROL, "--json").json
    assert status["cases"][0]["state"] == state
    again = enrolled.rekey("reset", CAROL, REASON, "--yes")
    assert (again.code, "already under way" in again.err) == (1, state == "executing")


def test_one_that_is_killed_leaves_the_reset_to_the_sweep(
    enrolled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_directory: EmbeddedDirectory, _contact_id: str) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(EmbeddedDirectory, "end_sessions", killed)
    enrolled.rekey("reset", CAROL, REASON, "--yes")
    status = enrolled.rekey("status", CAROL, "--json").json
    assert (len(status["authenticators"]), status["cases"][0]["state"]) == (1, "executing")
    with enrolled.database().snapshot() as uow:
        (case,) = uow.cases.due_to_carry_out(SystemClock().now() + LEASE_LASTS)
    assert case.id == status["cases"][0]["id"]
