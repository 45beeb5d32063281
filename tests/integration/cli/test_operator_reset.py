"""`rekey reset`: the last owner's way back in."""

import pytest

from bot.clock import SystemClock
from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.errors import DirectoryRefusedError, DirectoryUnavailableError
from bot.domain.model.notices import NoticeKind
from bot.domain.resets.carrying_out import LEASE_LASTS
from tests.integration.cli.conftest import ALICE, CAROL, Machine

REASON = "--reason='Lost her phone, called back'"
ASK = f"reset {CAROL} {REASON}"


@pytest.fixture
def enrolled(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine on which Carol, the only owner, and Alice have 2FA."""
    monkeypatch.setenv("REKEY_AUDIT_CHANNEL", "C01AUDIT")
    for email in (CAROL, ALICE):
        peopled.enrol(email)
    return peopled


def test_the_only_owner_is_reset_and_told_of(enrolled: Machine) -> None:
    outcome = enrolled.done(f"{ASK} --yes --json")
    assert set(outcome.json) == {"case", "state"}
    status = enrolled.done(f"status {CAROL} --json").json
    assert status["authenticators"] == []
    assert status["contact"]["set_up_required"] is True
    case = status["cases"][0]
    assert (case["id"], case["state"]) == (outcome.json["case"], outcome.json["state"])
    assert (case["kind"], case["state"], case["admin"]) == ("operator", "completed", None)
    kinds = {NoticeKind.SUBSCRIBER_RESET, NoticeKind.OWNER_RESET}
    assert [(n.kind, n.slack_address) for n in enrolled.due() if n.kind in kinds] == [
        (NoticeKind.SUBSCRIBER_RESET, None),
        (NoticeKind.OWNER_RESET, "C01AUDIT"),
    ]


@pytest.mark.parametrize("answer", ["yes\n", "Y\n", "no\n", "sure\n"])
def test_it_asks_first_and_says_what_was_done(enrolled: Machine, answer: str) -> None:
    before = enrolled.tags()
    outcome = enrolled.rekey(ASK, keyboard=answer)
    question = f"Reset the 2FA of Carol Cole <{CAROL}>, number on file: none? (yes/no)"
    assert question in outcome.err
    if answer in {"yes\n", "Y\n"}:
        assert outcome.code == 0
        assert outcome.out.startswith(f"The 2FA of {CAROL} was reset: case case_")
        assert "set 2FA up again at the next sign-in" in outcome.err
    else:
        assert (outcome.code, enrolled.tags()) == (1, before)


def test_whom_an_operator_suspended_is_reinstated_instead(enrolled: Machine) -> None:
    enrolled.done(f"people suspend {CAROL} {REASON}")
    outcome = enrolled.rekey(f"{ASK} --yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert "use “rekey people reinstate”" in outcome.err
    assert "Ask the operator" not in outcome.err


def test_somebody_who_is_entitled_has_to_be_asked(enrolled: Machine) -> None:
    outcome = enrolled.rekey(f"reset {ALICE} {REASON} --yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("1 person in Slack may reset this contact.")
    assert enrolled.tags()[-1] == "operator:reset:somebody_entitled"
    enrolled.done(f"reset {ALICE} {REASON} --yes --force")


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
    outcome = enrolled.rekey(f"{ASK} --yes --json")
    assert (outcome.code, outcome.json["state"]) == (1, state)
    assert outcome.err.rstrip().endswith(said)
    assert outcome.json["case"] in outcome.err
    assert enrolled.done(f"status {CAROL} --json").json["cases"][0]["state"] == state
    again = enrolled.rekey(f"{ASK} --yes")
    assert (again.code, "already under way" in again.err) == (1, state == "executing")


def test_one_that_is_killed_leaves_the_reset_to_the_sweep(
    enrolled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_directory: EmbeddedDirectory, _contact_id: str) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(EmbeddedDirectory, "end_sessions", killed)
    enrolled.rekey(f"{ASK} --yes")
    status = enrolled.done(f"status {CAROL} --json").json
    assert (len(status["authenticators"]), status["cases"][0]["state"]) == (1, "executing")
    with enrolled.stored() as uow:
        (case,) = uow.cases.due_to_carry_out(SystemClock().now() + LEASE_LASTS)
    assert case.id == status["cases"][0]["id"]
