"""At the same time, in threads that are held where it matters: one wins, the other is told so."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from bot.domain.model.cases import CaseState
from playground.slack.model import Delivery
from storage.authenticators import SqlAuthenticators
from tests.office import Office, Page
from tests.scenario.changes import give_roles, in_slack, suspend
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


def test_yes_twice_at_once(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    records = len(office.tags())

    def yes() -> Delivery:
        return office.as_(alice).click(block.as_seen(), "reset_yes")

    assert all(delivery.ok for delivery in at_once(office, yes, yes))

    (case,) = office.cases(bob)
    assert case.state is CaseState.COMPLETED
    tags = Counter(office.tags()[records:])
    assert tags["slack:case:executing"] == tags["slack:case:completed"] == 1
    assert tags["slack:reset:already_decided"] == 1
    assert len(office.dm(bob)) == 1
    assert len([dm for dm in office.dm(alice) if "was reset" in dm]) == 1
    told = [text for text in office.ephemerals(alice) if "This was decided before" in text]
    assert len(told) == 1


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


def suspended(office: Office) -> None:
    suspend(office, office.world.alice)


def without_a_role(office: Office) -> None:
    give_roles(office, office.world.alice, {})


@pytest.mark.parametrize(
    ("change", "tag"),
    [(suspended, "admin_suspended"), (without_a_role, "not_an_administrator")],
)
def test_standing_lost_while_slack_is_asked(
    office: Office, change: Callable[[Office], None], tag: str
) -> None:
    """The directory is asked in the very transaction that acts, so the last word is the newest."""
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    at_once(
        office,
        lambda: office.as_(alice).click(block, "reset_yes"),
        meanwhile=lambda: change(office),
    )
    (case,) = office.cases(office.world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, tag)
    assert office.active(office.world.bob.id) == 1
    assert office.dm(office.world.bob) == []


def test_deadline_passed_while_slack_is_asked(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    at_once(
        office,
        lambda: office.as_(alice).click(block, "reset_yes"),
        meanwhile=lambda: office.move(minutes=5),
    )
    (case,) = office.cases(office.world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deadline")
    assert office.active(office.world.bob.id) == 1


def test_no_while_yes_asks_slack(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    behind = block.as_seen()
    at_once(
        office,
        lambda: office.as_(alice).click(block, "reset_yes"),
        meanwhile=lambda: office.as_(alice).click(behind, "reset_no"),
    )
    (case,) = office.cases(office.world.bob)
    assert case.state is CaseState.DECLINED
    assert office.active(office.world.bob.id) == 1
    assert office.tags()[-1] == "slack:reset:already_decided"
    assert "This was decided before" in office.ephemerals(alice)[-1]


def test_subscriber_leaves_between_the_two_questions(office: Office) -> None:
    """Slack says of the admin that all is well; by the time of the second question it is not."""
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    at_once(
        office,
        lambda: office.as_(alice).click(block, "reset_yes"),
        meanwhile=lambda: in_slack(office, "U01BOB", deleted=True),
    )
    (case,) = office.cases(office.world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deactivated_refused")


def test_one_step_in_modal_and_portal_at_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both reach the moment before the step is taken, in two threads; the database lets one by."""
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    browser = office.browser()
    assert browser.password(alice).path == "/portal/sign-in"
    code = alice.code(office.clock)
    start = Barrier(2, timeout=PATIENCE.total_seconds())
    taken: list[bool] = []
    accept_step = SqlAuthenticators.accept_step

    def counted(self: SqlAuthenticators, *args: Any, **named: Any) -> bool:
        accepted = accept_step(self, *args, **named)
        taken.append(accepted)
        return accepted

    monkeypatch.setattr(SqlAuthenticators, "accept_step", counted)

    def in_slack_modal() -> Delivery:
        start.wait()
        return office.fill(alice, view, code=code)

    def at_the_portal() -> Page:
        start.wait()
        return browser.code(code)

    with ThreadPoolExecutor(2) as pool:
        modal, portal = pool.submit(in_slack_modal), pool.submit(at_the_portal)
        delivery, page = modal.result(), portal.result()
    signed_in = page.path == "/portal/"
    assert delivery.ok != signed_in
    assert sorted(taken) == [False, True]
    assert len(office.cases(office.world.bob)) == (1 if delivery.ok else 0)
