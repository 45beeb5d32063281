"""The operator's own acts beside the running program: each helps, and none stays silent."""

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.running import run
from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.people import SuspensionCause
from tests.office import AUDIT, Browser, Office
from tests.scenario.changes import (
    answer_to,
    answer_to_click,
    cause_of_suspension,
    join_slack,
    report,
)
from tests.secrecy import PASSWORD, SECRETS

Rekey = Callable[..., str]
REASON = "--reason=Lost the phone, called back on the number on file"
NEW = "U02BOB"


@pytest.fixture
def rekey(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Rekey:
    """Return what runs a command on the office's database, at the office's time, nobody at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.cli.tools.SystemClock", lambda: office.clock)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    for name, value in office.settings.items():
        monkeypatch.setenv(name, value)

    def rekey(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        ended = run(arguments)
        written = capsys.readouterr()
        assert ended == code, written.err
        office.deliver()
        return written.out if code == 0 else written.err

    return rekey


def channel(office: Office) -> list[str]:
    return [message.text for message in office.slack.messages(AUDIT)]


def enrol(office: Office, browser: Browser, set_up_code: str) -> None:
    page = browser.set_up_code(set_up_code)
    assert browser.first_code(office.first_code(page)).path == "/portal/", page.words
    office.deliver()


class TestTheOnlyOwnerWhoLostHerPhone:
    def test_nobody_in_slack_can_help_her_and_the_operator_does(
        self, office: Office, rekey: Rekey
    ) -> None:
        carol, alice = office.world.carol, office.world.alice
        assert "higher role" in answer_to(office, alice, f"<@{carol.slack.user}>")

        rekey("reset", carol.email, REASON, "--yes")
        (told,) = office.dm(carol)
        assert "Your 2FA was reset by the operator" in told
        assert "the help desk, +44 20 7946 0999" in told
        assert any("Carol Cole was reset by the operator" in text for text in channel(office))
        assert not any("called back on the number on file" in text for text in channel(office))
        (case,) = office.cases(carol)
        assert (case.kind, case.state) == (CaseKind.OPERATOR, CaseState.COMPLETED)
        office.move(days=1)
        office.sweep()
        assert office.heard(carol, "Your 2FA is still to be set up") == 1
        (shown,) = json.loads(rekey("status", "--json"))["cases"]
        assert (shown["subscriber"], shown["reminders_sent"]) == (carol.email, 1)

        browser = office.browser()
        assert browser.password(carol).heading == "Prove that it is you"
        office.deliver()
        enrol(office, browser, office.set_up_code(carol))
        assert office.cases(carol)[0].state is CaseState.RE_ENROLLED
        assert "An authenticator was added" in office.dm(carol)[-1]

    def test_with_slack_on_the_lost_phone_too_the_operator_hands_over_the_code(
        self, office: Office, rekey: Rekey
    ) -> None:
        carol, browser = office.world.carol, office.browser()
        rekey("reset", carol.email, REASON, "--yes")
        browser.password(carol)
        office.deliver()
        shown = rekey("set-up-code", carol.email, REASON)
        SECRETS.add_set_up_codes(shown)
        (code,) = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", shown)
        enrol(office, browser, code)
        assert office.cases(carol)[0].state is CaseState.RE_ENROLLED


class TestTheSilentOperator:
    def test_whoever_could_be_asked_in_slack_has_to_be(self, office: Office, rekey: Rekey) -> None:
        bob = office.world.bob
        with office.refused("operator:reset:somebody_entitled"):
            assert "3 people in Slack" in rekey("reset", bob.email, REASON, "--yes", code=1)

    def test_a_forced_reset_is_told_to_all_and_undone_by_this_was_not_me(
        self, office: Office, rekey: Rekey
    ) -> None:
        world = office.world
        rekey("reset", world.bob.email, REASON, "--yes", "--force")
        for owner in (world.carol, world.dana):
            (told,) = office.dm(owner)
            assert "The 2FA of Bob Brown was reset by the operator" in told
        opened = next(r for r in office.records() if r.tag == "operator:case:executing")
        assert opened.details is not None
        assert opened.details["entitled"] == "3"
        assert opened.details["operator_user"]
        assert opened.details["operator_host"]

        assert report(office, world.bob).ok
        assert cause_of_suspension(office, world.bob) is SuspensionCause.VETOED
        assert any("This wasn't me" in text for text in channel(office))
        assert office.reset(world.alice, world.bob).state is CaseState.COMPLETED

    def test_a_new_password_is_told_to_him_the_owners_and_the_channel(
        self, office: Office, rekey: Rekey, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        world = office.world
        monkeypatch.setattr(sys, "stdin", io.StringIO("another pass word\n"))
        SECRETS.add(PASSWORD, "another pass word")
        rekey("people", "set-password", world.bob.email, "--stdin")
        for person in (world.bob, world.carol, world.dana):
            told = office.dm(person)[-1]
            assert "The operator set a new password" in told
            assert "the help desk, +44 20 7946 0999" in told
        assert "set a new password for Bob Brown" in channel(office)[-1]


class TestAnotherSlackAccount:
    def test_takes_the_olds_place_in_everything(self, office: Office, rekey: Rekey) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        browser.password(world.bob)
        office.deliver()
        join_slack(office, NEW, name="Bob Brown again")
        rekey("people", "bind", "--replace", world.bob.email, "--to", NEW, "--yes")

        assert "bound another Slack account" in office.dm(world.bob)[-1]  # the account before
        assert "bound another Slack account to your contact" in office.as_(NEW).dm[-1].text
        for owner in (world.carol, world.dana):
            assert "bound another Slack account to the contact Bob" in office.dm(owner)[-1]
        assert "bound another Slack account to the contact Bob" in channel(office)[-1]

        assert browser.open("/portal/set-up").path == "/portal/sign-in"
        waiting = [m for m in office.as_(world.bob).dm if "show_set_up_code" in m.action_ids][-1]
        with office.refused("slack:set_up_code:not_a_contact"):
            answer_to_click(office, world.bob, waiting, "show_set_up_code")

        browser.password(world.bob)
        office.deliver()
        assert "show_set_up_code" in office.as_(NEW).dm[-1].action_ids
        assert "show_set_up_code" not in office.as_(world.bob).dm[-1].action_ids
