"""`rekey people bind --replace`, against the stand-in for Slack."""

import io
from collections.abc import Iterator

import pytest

from bot.clock import SystemClock
from bot.domain.model.notices import NoticeKind
from playground.slack import SlackStandIn
from tests.integration.cli.conftest import Machine
from tests.integration.cli.test_binding import UNRULY, Terminal

ALICE = "alice@acme.example"
REPLACE = ("people", "bind", "--replace", ALICE)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=SystemClock()) as stand_in:
        stand_in.add_person("U01ALICE", name="Alice Archer", email=ALICE, deleted=True)
        stand_in.add_person("U02ALICE", name="Alice Archer-Ames", email=ALICE)
        stand_in.add_person("U01OTHER", name="Olga Other", email="olga@acme.example")
        stand_in.add_person("U01GUEST", name="Gus Guest", is_restricted=True)
        monkeypatch.setenv("SLACK_API_URL", stand_in.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", stand_in.bot_token)
        monkeypatch.setenv("REKEY_AUDIT_CHANNEL", "C01AUDIT")
        yield stand_in


def identity_of_alice(machine: Machine) -> str | None:
    with machine.database().snapshot() as uow:
        contact = uow.contacts.by_email(ALICE)
    assert contact is not None
    return contact.slack.user if contact.slack else None


@pytest.mark.usefixtures("slack")
class TestReplace:
    def test_who_has_the_address_takes_the_place(self, peopled: Machine) -> None:
        outcome = peopled.rekey(*REPLACE, "--yes")
        assert outcome.code == 0, outcome.err
        assert "T01TEST/U01ALICE" in outcome.out
        assert "Alice Archer-Ames" in outcome.out
        assert f"{ALICE} is T01TEST/U02ALICE now" in outcome.out
        assert identity_of_alice(peopled) == "U02ALICE"
        assert peopled.tags()[-1] == "operator:identity:replaced"
        with peopled.database().snapshot() as uow:
            notices = [message.notice for message in uow.outbox.due(SystemClock().now(), limit=9)]
        told = [n.slack_address for n in notices if n.kind is NoticeKind.IDENTITY_REPLACED]
        assert told == ["U01ALICE", None, None, "C01AUDIT"]

    def test_somebody_else_is_named_by_id(self, peopled: Machine) -> None:
        outcome = peopled.rekey(*REPLACE, "--to", "U01OTHER", "--yes")
        assert outcome.code == 0, outcome.err
        assert "Olga Other" in outcome.out
        assert identity_of_alice(peopled) == "U01OTHER"

    @pytest.mark.parametrize(("line", "bound"), [("yes\n", "U02ALICE"), ("no\n", "U01ALICE")])
    def test_it_asks_first(
        self, peopled: Machine, monkeypatch: pytest.MonkeyPatch, line: str, bound: str
    ) -> None:
        monkeypatch.setattr(io, "TextIOWrapper", lambda _: Terminal(line))
        outcome = peopled.rekey(*REPLACE)
        assert f"Take Alice Archer-Ames for Alice Archer <{ALICE}> from now on?" in outcome.err
        assert identity_of_alice(peopled) == bound

    @pytest.mark.parametrize("to", [[], ["--to", "U02ALICE"]])
    def test_a_name_does_nothing_to_the_terminal(
        self,
        peopled: Machine,
        slack: SlackStandIn,
        monkeypatch: pytest.MonkeyPatch,
        to: list[str],
    ) -> None:
        slack.workspace.members["U02ALICE"].name = UNRULY
        monkeypatch.setattr(io, "TextIOWrapper", lambda _: Terminal("yes\n"))
        outcome = peopled.rekey(*REPLACE, *to)
        assert outcome.code == 0, outcome.err
        assert "Take Bob [2K 2K for Alice Archer" in outcome.err
        assert not set(outcome.out + outcome.err) & set("\x1b\x9b\u202e")

    def test_where_nobody_can_be_asked_nothing_is_done(self, peopled: Machine) -> None:
        assert peopled.rekey(*REPLACE).code == 2
        assert identity_of_alice(peopled) == "U01ALICE"

    def test_several_with_the_address_are_shown_and_none_is_taken(
        self, peopled: Machine, slack: SlackStandIn
    ) -> None:
        slack.add_person("U03ALICE", name="Alice Also", email=ALICE.upper())
        outcome = peopled.rekey(*REPLACE, "--yes")
        assert outcome.code == 1
        assert "U02ALICE" in outcome.out
        assert "U03ALICE" in outcome.out
        assert outcome.err.startswith(f"Several of Slack's members have the address {ALICE}")
        assert identity_of_alice(peopled) == "U01ALICE"

    def test_nobody_with_the_address(self, peopled: Machine, slack: SlackStandIn) -> None:
        slack.workspace.members["U02ALICE"].deleted = True
        outcome = peopled.rekey(*REPLACE, "--yes")
        assert (outcome.code, outcome.out) == (1, "")
        assert f"No other member of Slack has the address {ALICE}" in outcome.err

    @pytest.mark.parametrize(
        ("user", "sentence"),
        [
            ("U01GUEST", "Guests of the workspace"),
            ("U01CAROL", "That Slack account is bound already"),
            ("U01NOBODY", "Slack refuses to tell who U01NOBODY is: user_not_found."),
        ],
    )
    def test_refusals_are_one_sentence(
        self, peopled: Machine, slack: SlackStandIn, user: str, sentence: str
    ) -> None:
        slack.add_person("U01CAROL", name="Carol Cole")
        outcome = peopled.rekey(*REPLACE, "--to", user, "--yes")
        assert outcome.code == 1
        assert outcome.err.startswith(sentence)
        assert identity_of_alice(peopled) == "U01ALICE"

    def test_who_has_no_identity_has_none_to_replace(
        self, peopled: Machine, slack: SlackStandIn
    ) -> None:
        outcome = peopled.rekey("people", "bind", "--replace", "bob@acme.example", "--yes")
        assert outcome.code == 1
        assert outcome.err.startswith("This contact has no Slack account to replace.")
        assert slack.calls == []


def test_to_alone_is_wrong_use(peopled: Machine) -> None:
    outcome = peopled.rekey("people", "bind", "--to", "U02ALICE")
    assert (outcome.code, outcome.err) == (2, "--to belongs to --replace.\n")


def test_no_answer_is_one_sentence(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    for to in ([], ["--to", "U02ALICE"]):
        outcome = peopled.rekey(*REPLACE, *to, "--yes")
        assert outcome.code == 1
        assert outcome.err.startswith("Slack could not be asked for its members")
    assert identity_of_alice(peopled) == "U01ALICE"
