"""A Yes that could not be carried out at once: it is stored, goes on by itself, and says so."""

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.cases import CaseState
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.resets.carrying_out import ExecutingService
from playground.slack.model import Message
from tests.office import AUDIT, Office
from tests.scenario.changes import answer_to, cause_of_suspension, in_slack, report

UNDER_WAY = "The reset of Bob Brown is being carried out"


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have the directory answer nothing about the last effect, until this is undone."""
    monkeypatch.setattr(EmbeddedDirectory, "open_sessions", _silent)
    return monkeypatch


def say_yes(office: Office) -> Message:
    """Ask for Bob's reset, and confirm it; return what the block has become."""
    block = office.request(office.world.alice, office.world.bob)
    office.press(office.world.alice, "reset_yes", block)
    return block


def sweep_in_vain(office: Office) -> None:
    with pytest.RaisesGroup(DirectoryUnavailableError, flatten_subgroups=True):
        office.sweep()
    office.deliver()


class TestADirectoryThatIsAway:
    def test_is_said_and_the_sweep_goes_on(self, office: Office, away: pytest.MonkeyPatch) -> None:
        alice, bob = office.world.alice, office.world.bob
        block = say_yes(office)
        assert UNDER_WAY in block.shown
        assert "goes on by itself" in block.shown
        assert "reset_yes" not in block.action_ids
        sweep_in_vain(office)
        assert office.cases(bob)[0].state is CaseState.EXECUTING
        assert (office.active(bob.id), office.heard(bob, "was reset")) == (1, 0)
        assert not [text for text in office.dm(alice) if "reset" in text]  # nothing new to tell
        away.undo()
        office.sweep()
        office.sweep()
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        assert (office.active(bob.id), office.heard(bob, "was reset")) == (0, 1)
        assert "The 2FA of Bob Brown was reset" in office.dm(alice)[-1]
        assert [tag for tag in office.tags() if ":case:" in tag] == [
            "slack:case:awaiting_confirmation",
            "slack:case:executing",
            "sweep:case:completed",
        ]
        told = [m for m in office.slack.workspace.messages if m.channel == AUDIT]
        assert len([m for m in told if "Bob Brown" in m.shown]) == 1

    def test_leaves_no_other_way_meanwhile(self, office: Office, away: pytest.MonkeyPatch) -> None:
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        block = office.request(alice, bob)
        for action in ("reset_yes", "reset_yes", "reset_no"):  # before the block is replaced
            assert office.as_(alice).click(block, action).ok
        assert office.tags()[-2:] == ["slack:reset:already_decided"] * 2
        office.deliver()
        assert sum("decided before" in text for text in office.ephemerals(alice)) == 2
        office.move(minutes=10)  # the deadline for an answer does not touch what was answered
        sweep_in_vain(office)
        for admin in (alice, alan):
            assert "Ask Alice Archer" in answer_to(office, admin, "<@U01BOB>")
        status = answer_to(office, alan, "status <@U01BOB>")
        assert "; answered <!date^" in status
        assert "case_cancel" not in office.as_(alan).ephemerals[-1].action_ids
        assert "; answered <!date^" in answer_to(office, alan, "pending")
        away.undo()
        office.sweep()
        assert office.cases(bob)[0].state is CaseState.COMPLETED

    def test_lets_the_subscriber_sign_in_until_it_is_done(
        self, office: Office, away: pytest.MonkeyPatch
    ) -> None:
        bob, browser = office.world.bob, office.browser()
        say_yes(office)
        browser.password(bob)
        assert browser.code(bob.code(office.clock)).path == "/portal/"
        away.undo()
        office.sweep()
        assert browser.open("/portal/").path == "/portal/sign-in"
        assert browser.password(bob).heading == "Prove that it is you"

    def test_lets_a_report_stop_it(self, office: Office, away: pytest.MonkeyPatch) -> None:
        """Bob reports what Alan did before; Alice's reset, which came on top, is not done."""
        away.undo()
        alice, alan, bob = office.world.alice, office.world.alan, office.world.bob
        office.reset(alan, bob)
        office.set_up(bob)
        away.setattr(EmbeddedDirectory, "open_sessions", _silent)
        say_yes(office)
        away.undo()
        office.move(seconds=1)
        report(office, bob)
        office.sweep()
        assert office.cases(bob)[0].state is CaseState.EXPIRED
        assert cause_of_suspension(office, bob) == "vetoed"
        assert "was not reset" in office.dm(alice)[-1]
        assert office.tags().count("sweep:case:completed") == 0

    def test_lets_slack_stop_it(self, office: Office, away: pytest.MonkeyPatch) -> None:
        say_yes(office)
        away.undo()
        in_slack(office, office.world.alice.slack.user, deleted=True)
        office.sweep()
        (case,) = office.cases(office.world.bob)
        assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deactivated_refused")
        assert office.active(office.world.bob.id) == 1


class TestAProcessThatDies:
    """Between the commit of Yes and its work; another begins over the same database."""

    @pytest.fixture(autouse=True)
    def _dies(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        def die(*_: object, **__: object) -> None:
            raise RuntimeError("it is gone")

        monkeypatch.setattr(ExecutingService, "perform", die)
        self.block = say_yes(office)
        monkeypatch.undo()
        office.restart()

    def test_leaves_the_case_to_the_next_once_its_lease_has_run_out(self, office: Office) -> None:
        bob = office.world.bob
        assert "goes on by itself" in office.ephemerals(office.world.alice)[-1]
        office.sweep()
        assert office.cases(bob)[0].state is CaseState.EXECUTING
        office.move(seconds=60)
        office.sweep()
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        assert office.heard(bob, "was reset") == 1

    def test_leaves_it_at_once_to_one_that_runs_alone(self, office: Office) -> None:
        assert office.rekey.executing.release_leases() == 1
        office.sweep()
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED
        assert office.active(office.world.bob.id) == 0


def _silent(_directory: EmbeddedDirectory, _contact_id: str) -> int:
    raise DirectoryUnavailableError
