"""`rekey people bind` and `bind --replace`, against the stand-in for Slack."""

import pytest

from bot.domain.model.notices import NoticeKind
from playground.slack import SlackStandIn
from tests.integration.cli.conftest import ALICE, BOB, Machine

UNRULY = "Bob\x1b[2K\x9b2K\u202e"
"""A name by which somebody would rub out a line of the operator's terminal, or turn it round."""
REPLACE = f"people bind --replace {ALICE}"


def bound(machine: Machine, email: str) -> str | None:
    slack = machine.contact(email).slack
    return slack.user if slack else None


def test_yes_binds_records_tells_and_asks_slack_no_more(
    peopled: Machine, slack: SlackStandIn
) -> None:
    outcome = peopled.done("people bind --yes")
    assert "T01TEST/U01BOB" in outcome.out
    assert outcome.out.endswith("1 contact bound.\n")
    assert bound(peopled, BOB) == "U01BOB"
    assert peopled.tags()[-1] == "operator:identity:bound"
    # Carol owns both his accounts.
    assert [notice.kind for notice in peopled.due()] == [
        NoticeKind.IDENTITY_BOUND,
        NoticeKind.OPERATOR_ACTED,
    ]
    slack.calls.clear()
    assert peopled.done("people bind").out == "Every contact has a Slack identity.\n"
    assert not slack.calls


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize(
    ("answers", "user"),
    [
        ("all\n", "U01BOB"),
        ("perhaps\nALL\n", "U01BOB"),
        ("none\n", None),
        ("some\nyes\n", "U01BOB"),
        ("some\nwhy?\n", None),
        ("", None),
    ],
)
def test_what_is_accepted_is_bound(peopled: Machine, answers: str, user: str | None) -> None:
    peopled.rekey("people bind", keyboard=answers)
    assert bound(peopled, BOB) == user


def test_of_several_with_one_address_and_of_guests_nobody_is_offered(
    peopled: Machine, slack: SlackStandIn
) -> None:
    slack.workspace.members["U01BOB"].is_restricted = True
    outcome = peopled.done("people bind --yes")
    assert outcome.out == "Nothing was bound.\n"
    assert outcome.err == "1 contact has no counterpart in Slack: bob@acme.example\n"
    slack.workspace.members["U01BOB"].is_restricted = False
    slack.add_person("U02BOB", name="Bob Blue", email=BOB)
    outcome = peopled.done("people bind --yes")
    assert "several of Slack's members have the address bob@acme.example" in outcome.err
    assert bound(peopled, BOB) is None


@pytest.mark.parametrize(
    ("line", "answers"),
    [
        ("people bind", "some\nyes\n"),
        ("people bind", "all\n"),
        (REPLACE, "yes\n"),
        (f"{REPLACE} --to U02ALICE", "yes\n"),
    ],
)
def test_a_name_does_nothing_to_the_terminal(
    peopled: Machine, slack: SlackStandIn, line: str, answers: str
) -> None:
    for member in slack.workspace.members.values():
        member.name = UNRULY
    outcome = peopled.done(line, keyboard=answers)
    assert "Bob [2K 2K" in outcome.out + outcome.err
    assert not set(outcome.out + outcome.err) & set("\x1b\x9b\u202e")


@pytest.mark.usefixtures("slack")
def test_who_has_the_address_takes_the_place(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REKEY_AUDIT_CHANNEL", "C01AUDIT")
    outcome = peopled.done(f"{REPLACE} --yes")
    for told in ("T01TEST/U01ALICE", "Alice Archer-Ames", f"{ALICE} is T01TEST/U02ALICE now"):
        assert told in outcome.out
    assert bound(peopled, ALICE) == "U02ALICE"
    assert peopled.tags()[-1] == "operator:identity:replaced"
    told_of = [n.slack_address for n in peopled.due() if n.kind is NoticeKind.IDENTITY_REPLACED]
    assert told_of == ["U01ALICE", None, None, "C01AUDIT"]


@pytest.mark.usefixtures("slack")
def test_somebody_else_takes_the_place_by_id(peopled: Machine) -> None:
    assert "Olga Other" in peopled.done(f"{REPLACE} --to U01OTHER --yes").out
    assert bound(peopled, ALICE) == "U01OTHER"


@pytest.mark.usefixtures("slack")
@pytest.mark.parametrize(("answer", "user"), [("yes\n", "U02ALICE"), ("no\n", "U01ALICE")])
def test_it_asks_before_it_replaces(peopled: Machine, answer: str, user: str) -> None:
    outcome = peopled.rekey(REPLACE, keyboard=answer)
    assert f"Take Alice Archer-Ames for Alice Archer <{ALICE}> from now on?" in outcome.err
    assert bound(peopled, ALICE) == user


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"{REPLACE} --to U01GUEST", "Guests of the workspace"),
        (f"{REPLACE} --to U01CAROL", "That Slack account is bound already"),
        (f"{REPLACE} --to U01NONE", "Slack refuses to tell who U01NONE is: user_not_found."),
        (f"people bind --replace {BOB}", "This contact has no Slack account to replace."),
        (REPLACE, f"Several of Slack's members have the address {ALICE}"),
    ],
)
def test_who_cannot_take_the_place_does_not(
    peopled: Machine, slack: SlackStandIn, line: str, sentence: str
) -> None:
    slack.add_person("U03ALICE", name="Alice Also", email=ALICE.upper())
    outcome = peopled.rekey(f"{line} --yes")
    assert outcome.code == 1
    assert outcome.err.startswith(sentence)
    if line == REPLACE:
        assert "U02ALICE" in outcome.out
        assert "U03ALICE" in outcome.out
    assert bool(slack.calls) is (BOB not in line)  # who has none to replace is not asked for
    assert (bound(peopled, ALICE), bound(peopled, BOB)) == ("U01ALICE", None)


def test_nobody_with_the_address_takes_no_place(peopled: Machine, slack: SlackStandIn) -> None:
    slack.workspace.members["U02ALICE"].deleted = True
    outcome = peopled.rekey(f"{REPLACE} --yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert f"No other member of Slack has the address {ALICE}" in outcome.err
