"""How messages leave when Slack makes it hard: by DM instead, later, once; or never, and told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Message as Queued
from bot.domain.model.notices import NoticeKind
from playground.slack.faults import Faults
from playground.slack.model import Message
from tests.fakes import Person
from tests.office import CHANNEL, Office
from tests.scenario.changes import in_slack

HOUR = timedelta(hours=1)
Fault = Callable[[Faults, str], object]


def undelivered(office: Office) -> list[Queued]:
    """Return what `rekey status` shows under the cases."""
    with office.rekey.database.unit_of_work() as uow:
        return list(uow.outbox.undelivered())


def spend(office: Office, response_url: str | None) -> None:
    """Use a response_url as often as Slack allows."""
    assert response_url is not None
    leave = office.slack.workspace.response_urls[response_url.rsplit("/", 1)[-1]]
    leave.uses = leave.MOST_USES


def blocks_in_dm(office: Office, person: Person) -> list[Message]:
    return [m for m in office.as_(person).dm if "reset_yes" in m.action_ids]


class TestResponseUrl:
    """Slack takes five answers within thirty minutes; what comes later goes to the DM."""

    def test_used_up_or_too_old_before_the_block(self, office: Office) -> None:
        alice, bob = office.world.alice, office.world.bob
        delivery = office.type(alice, "<@U01BOB>")
        assert office.fill(alice, office.as_(alice).modal).ok
        spend(office, delivery.response_url)
        office.deliver()
        assert undelivered(office) == []
        (block,) = blocks_in_dm(office, alice)
        office.press(alice, "reset_no", block)
        office.move(seconds=30)
        view = office.ask(alice, bob)
        office.move(minutes=31)  # the modal lay open
        assert office.fill(alice, view).ok
        office.deliver()
        (block,) = blocks_in_dm(office, alice)
        office.press(alice, "reset_yes", block)
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        assert block.action_ids == []

    def test_older_than_thirty_minutes_by_our_own(self, office: Office) -> None:
        """After an outage the URL is not even tried."""
        alice, bob = office.world.alice, office.world.bob
        block = office.request(alice, bob)
        office.as_(alice).click(block, "reset_yes")
        office.slack.faults.server_error("response_url", times=None)
        office.deliver()
        tried = len([c for c in office.slack.calls if c.method == "response_url"])
        office.slack.faults.clear()
        office.move(minutes=31)
        office.deliver()
        assert len([c for c in office.slack.calls if c.method == "response_url"]) == tried
        assert "The 2FA of Bob Brown was reset" in office.dm(alice)[-1]
        assert undelivered(office) == []

    def test_used_up_before_an_answer_or_an_outcome(self, office: Office) -> None:
        world = office.world
        block = office.request(world.alice, world.bob)
        click = office.as_(world.alan).click(block, "reset_yes", even_if_unseen=True)
        spend(office, click.response_url)
        office.deliver()
        assert len(office.dm(world.alan)) == 1
        spend(office, office.as_(world.alice).click(block, "reset_yes").response_url)
        office.deliver()
        assert office.heard(world.alice, "The 2FA of Bob Brown was reset") == 1
        assert undelivered(office) == []


class TestNever:
    @pytest.mark.parametrize("error", ["user_disabled", "cannot_dm_bot", "messages_tab_disabled"])
    def test_dm_to_the_subscriber_is_told_to_the_admin(self, office: Office, error: str) -> None:
        alice, bob = office.world.alice, office.world.bob
        block = office.request(alice, bob)
        in_slack(office, "U01BOB", dm_error=error)
        office.press(alice, "reset_yes", block)
        assert office.cases(bob)[0].state is CaseState.COMPLETED
        (report,) = [dm for dm in office.dm(alice) if "could not be delivered" in dm]
        assert error in report
        assert "Bob Brown (bob@acme.example)" in report
        (lost,) = undelivered(office)
        assert (lost.notice.kind, lost.error) == (NoticeKind.SUBSCRIBER_RESET, error)
        assert lost.failed_at is not None
        office.move(days=30)
        office.deliver()
        assert office.dm(bob) == []  # given up for good
        assert office.heard(alice, "could not be delivered") == 1

    def test_dm_to_the_admin_stays_in_status(self, office: Office) -> None:
        alice, bob = office.world.alice, office.world.bob
        block = office.request(alice, bob)
        in_slack(office, "U01ALICE", dm_error="messages_tab_disabled")
        office.press(alice, "reset_yes", block)
        assert block.action_ids == []
        (lost,) = undelivered(office)
        assert (lost.notice.kind, lost.error) == (NoticeKind.OUTCOME, "messages_tab_disabled")
        assert office.heard(bob, "was reset") == 1

    def test_audit_channel_that_the_bot_is_not_in(self, office: Office) -> None:
        alice = office.world.alice
        block = office.request(alice, office.world.bob)
        office.slack.faults.fail("chat.postMessage", error="not_in_channel", times=None)
        office.press(alice, "reset_yes", block)
        office.slack.faults.clear()
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED
        kinds = {message.notice.kind for message in undelivered(office)}
        assert NoticeKind.OWNER_RESET in kinds


TROUBLES: dict[str, Fault] = {
    "429": lambda faults, method: faults.rate_limit(method, retry_after=120),
    "500": lambda faults, method: faults.server_error(method),
    "503": lambda faults, method: faults.server_error(method, status=503),
    "dropped": lambda faults, method: faults.drop(method),
    "garbage": lambda faults, method: faults.garbage(method),
    "internal_error": lambda faults, method: faults.fail(method, error="internal_error"),
    "token_revoked": lambda faults, method: faults.fail(method, error="token_revoked"),
}


class TestLater:
    @pytest.mark.parametrize("trouble", list(TROUBLES.values()), ids=list(TROUBLES))
    def test_dm_is_delivered_once_all_the_same(self, office: Office, trouble: Fault) -> None:
        world = office.world
        block = office.request(world.alice, world.bob)
        office.as_(world.alice).click(block, "reset_yes")
        trouble(office.slack.faults, "chat.postMessage")
        office.deliver()
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED
        waiting = undelivered(office)
        assert waiting
        assert all(message.failed_at is None for message in waiting)
        office.deliver()  # nothing is due yet
        assert undelivered(office) == waiting

        office.move(minutes=3)
        office.deliver()
        assert undelivered(office) == []
        for person in (world.bob, world.alice, world.carol):
            assert office.heard(person, "was reset") == 1

    def test_block_that_comes_too_late_is_not_posted_at_all(self, office: Office) -> None:
        alice = office.world.alice
        view = office.ask(alice, office.world.bob)
        office.slack.faults.server_error("response_url", times=None)
        assert office.fill(alice, view).ok
        office.deliver()
        office.move(minutes=5)
        office.slack.faults.clear()
        office.sweep()
        assert [m for m in office.as_(alice).messages(CHANNEL) if m.action_ids] == []
        assert "Nobody answered in time" in office.dm(alice)[-1]
        assert undelivered(office) == []

    def test_what_an_outage_held_back_leaves_after_a_restart(self, office: Office) -> None:
        world = office.world
        office.request(world.alice, world.bob)
        office.slack.faults.drop("chat.postMessage", times=None)
        office.press(world.alice, "reset_yes")
        office.slack.faults.clear()
        office.restart()
        office.move(days=1)
        office.deliver()
        assert len(office.dm(world.bob)) == 1
