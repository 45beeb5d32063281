"""At the same time, in threads that are held where it matters: one wins, the other is told so."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest

from bot.domain.model.cases import CaseState
from playground.slack.model import Delivery
from tests.office import Office
from tests.scenario.changes import ended, give_roles, in_slack, suspend
from tests.scenario.conftest import PATIENCE


def at_once(
    office: Office, *acts: Callable[[], Delivery], meanwhile: Callable[[], object] = lambda: None
) -> list[Delivery]:
    """Start the acts together; each is held at its first question to Slack until all are there.

    `meanwhile` happens while they wait.
    """
    gates = [office.slack.faults.hold("users.info") for _ in acts]
    with ThreadPoolExecutor(len(acts)) as pool:
        running: list[Future[Delivery]] = [pool.submit(act) for act in acts]
        try:
            for gate in gates:
                assert gate.arrived.wait(PATIENCE.total_seconds())
            meanwhile()
        finally:
            for gate in gates:
                gate.release()
        done = [future.result() for future in running]
    office.deliver()
    return done


def test_two_admins_ask_for_the_same_person_at_once(office: Office) -> None:
    world = office.world
    views = {admin.username: office.ask(admin, world.bob) for admin in (world.alice, world.alan)}
    done = at_once(
        office,
        lambda: office.fill(world.alice, views["alice"]),
        lambda: office.fill(world.alan, views["alan"]),
    )
    (case,) = office.cases(world.bob)
    assert sorted(delivery.ok for delivery in done) == [False, True]
    (refused,) = [delivery for delivery in done if not delivery.ok]
    winner = "Alice Archer" if case.admin_id == world.alice.id else "Alan Ames"
    assert winner in refused.errors["code"]
    assert Counter(office.tags())["slack:reset:case_open"] == 1


def _suspended(office: Office) -> None:
    suspend(office, office.world.alice)


def _without_a_role(office: Office) -> None:
    give_roles(office, office.world.alice, {})


def _too_late(office: Office) -> None:
    office.move(minutes=5)


def _subscriber_gone(office: Office) -> None:
    """Of the admin Slack has said that all is well; the second question is about him."""
    in_slack(office, "U01BOB", deleted=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_suspended, "admin_suspended"),
        (_without_a_role, "not_an_administrator"),
        (_too_late, "deadline"),
        (_subscriber_gone, "deactivated_refused"),
    ],
)
def test_what_changes_while_slack_is_asked_counts(
    office: Office, change: Callable[[Office], None], reason: str
) -> None:
    """The roster is asked in the very transaction that acts, so the last word is the newest."""
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    yes = partial(office.as_(alice).click, block, "reset_yes")
    at_once(office, yes, meanwhile=lambda: change(office))
    assert ended(office, bob) == (CaseState.EXPIRED, reason)
    assert office.active(bob.id) == 1
    assert office.dm(bob) == []


def test_no_while_yes_asks_slack(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    yes, no = (
        partial(office.as_(alice).click, seen, action_id)
        for seen, action_id in ((block, "reset_yes"), (block.as_seen(), "reset_no"))
    )
    at_once(office, yes, meanwhile=no)
    assert ended(office, bob)[0] is CaseState.DECLINED
    assert office.active(bob.id) == 1
    assert office.tags()[-1] == "slack:reset:already_decided"
