"""`rekey people bind`, against the stand-in for Slack."""

import io
import sys
from collections.abc import Iterator

import pytest

from bot.clock import SystemClock
from bot.domain.model.notices import NoticeKind
from playground.slack import SlackStandIn
from tests.integration.cli.conftest import Machine

UNRULY = "Bob\x1b[2K\x9b2K\u202e"
"""A name by which somebody would rub out a line of the operator's terminal, or turn it round."""


class Terminal(io.StringIO):
    """Standard input with somebody at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=SystemClock()) as stand_in:
        stand_in.add_person("U01CAROL", name="Carol Cole", email="carol@acme.example")
        stand_in.add_person("U01BOB", name="Bob Brown", email="Bob@acme.example")
        monkeypatch.setenv("SLACK_API_URL", stand_in.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", stand_in.bot_token)
        yield stand_in


def identity_of_bob(machine: Machine) -> str | None:
    with machine.database().snapshot() as uow:
        contact = uow.contacts.by_email("bob@acme.example")
    assert contact is not None
    return contact.slack.user if contact.slack else None


@pytest.mark.usefixtures("slack")
class TestBind:
    def test_yes_binds_records_and_tells(self, peopled: Machine) -> None:
        outcome = peopled.rekey("people", "bind", "--yes")
        assert outcome.code == 0, outcome.err
        assert "T01TEST/U01BOB" in outcome.out
        assert outcome.out.endswith("1 contact bound.\n")
        assert identity_of_bob(peopled) == "U01BOB"
        assert peopled.tags()[-1] == "operator:identity:bound"
        with peopled.database().snapshot() as uow:
            to_bob, to_carol = uow.outbox.due(SystemClock().now(), limit=9)
        assert to_bob.notice.kind is NoticeKind.IDENTITY_BOUND
        assert to_carol.notice.kind is NoticeKind.OPERATOR_ACTED  # she owns both his accounts

    def test_when_everybody_is_bound_slack_is_not_asked(
        self, peopled: Machine, slack: SlackStandIn
    ) -> None:
        peopled.rekey("people", "bind", "--yes")
        slack.calls.clear()
        outcome = peopled.rekey("people", "bind")
        assert (outcome.code, outcome.out) == (0, "Every contact has a Slack identity.\n")
        assert not slack.calls

    def test_without_a_terminal_nothing_is_bound(self, peopled: Machine) -> None:
        outcome = peopled.rekey("people", "bind")
        assert (outcome.code, identity_of_bob(peopled)) == (2, None)
        assert outcome.err.endswith("There is no terminal to ask at: use --yes.\n")

    @pytest.mark.parametrize(
        ("answers", "bound"),
        [
            ("all\n", "U01BOB"),
            ("perhaps\nALL\n", "U01BOB"),
            ("none\n", None),
            ("some\nyes\n", "U01BOB"),
            ("some\nwhy?\n", None),
            ("", None),
        ],
    )
    def test_what_is_accepted_is_bound(
        self,
        peopled: Machine,
        monkeypatch: pytest.MonkeyPatch,
        answers: str,
        bound: str | None,
    ) -> None:
        terminal = Terminal(answers)
        monkeypatch.setattr(io, "TextIOWrapper", lambda _: terminal)
        peopled.rekey("people", "bind")
        assert sys.stdin is terminal
        assert identity_of_bob(peopled) == bound

    def test_several_members_with_one_address_are_refused(
        self, peopled: Machine, slack: SlackStandIn
    ) -> None:
        slack.add_person("U02BOB", name="Bob Blue", email="bob@acme.example")
        outcome = peopled.rekey("people", "bind", "--yes")
        assert outcome.code == 0
        assert "several of Slack's members have the address bob@acme.example" in outcome.err
        assert identity_of_bob(peopled) is None

    def test_guests_are_not_offered(self, peopled: Machine, slack: SlackStandIn) -> None:
        slack.workspace.members["U01BOB"].is_restricted = True
        outcome = peopled.rekey("people", "bind", "--yes")
        assert outcome.out == "Nothing was bound.\n"
        assert outcome.err == "1 contact has no counterpart in Slack: bob@acme.example\n"

    @pytest.mark.parametrize("answers", ["some\nyes\n", "all\n"])
    def test_a_name_does_nothing_to_the_terminal(
        self,
        peopled: Machine,
        slack: SlackStandIn,
        monkeypatch: pytest.MonkeyPatch,
        answers: str,
    ) -> None:
        slack.workspace.members["U01BOB"].name = UNRULY
        monkeypatch.setattr(io, "TextIOWrapper", lambda _: Terminal(answers))
        outcome = peopled.rekey("people", "bind")
        assert outcome.code == 0, outcome.err
        assert "Bob [2K 2K" in outcome.out
        assert not set(outcome.out + outcome.err) & set("\x1b\x9b\u202e")


def test_a_refusal_of_slacks_is_one_sentence(peopled: Machine, slack: SlackStandIn) -> None:
    slack.workspace.scopes = frozenset({"chat:write"})
    outcome = peopled.rekey("people", "bind", "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == "Slack refuses to list its members: missing_scope.\n"


def test_a_wrong_token_is_one_sentence(peopled: Machine, slack: SlackStandIn) -> None:
    slack.tokens.bot = "xoxb-another"
    outcome = peopled.rekey("people", "bind", "--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("Slack could not be asked for its members")


@pytest.mark.parametrize("fault", ["server_error", "garbage"])
def test_a_page_that_a_proxy_sends_is_not_printed(
    peopled: Machine, slack: SlackStandIn, fault: str
) -> None:
    getattr(slack.faults, fault)("users.list")
    outcome = peopled.rekey("people", "bind", "--yes")
    assert (outcome.code, outcome.err) == (
        1,
        "Slack could not be asked for its members; rekey doctor may say why.\n",
    )


def test_no_answer_is_one_sentence(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    outcome = peopled.rekey("people", "bind", "--yes")
    assert (outcome.code, outcome.err) == (
        1,
        "Slack could not be asked for its members; rekey doctor may say why.\n",
    )


def test_a_token_is_needed(peopled: Machine) -> None:
    outcome = peopled.rekey("people", "bind", "--yes")
    assert (outcome.code, outcome.err) == (1, "SLACK_BOT_TOKEN: is missing\n")
