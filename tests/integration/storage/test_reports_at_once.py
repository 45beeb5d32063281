"""A report beside a reset that is asked for: one of them knows of the other, whatever the clock."""

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.errors import NotYoursToLift, ReportTooLate
from bot.domain.model.people import SuspensionCause
from bot.domain.standing.suspensions import reported_since
from tests.fakes import NOON, a_case
from tests.integration.storage.desk import Desk


@pytest.fixture
def reset_by_alice(desk: Desk) -> Desk:
    """Bob has enrolled anew after a reset by Alice, which he may report."""
    world = desk.world
    with desk.database.unit_of_work() as uow:
        uow.cases.add(
            a_case(
                subscriber_id=world.bob.id,
                admin_id=world.alice.id,
                state=CaseState.RE_ENROLLED,
                re_enrolled_at=NOON,
            )
        )
        uow.commit()
    return desk


def test_whoever_asks_while_a_report_is_taken_is_told_of_it(reset_by_alice: Desk) -> None:
    desk = reset_by_alice
    reporting, asking = desk.at_once(
        desk.report, lambda: desk.ask(desk.world.alice), paused_at="INSERT INTO suspensions"
    )
    assert reporting is None
    assert isinstance(asking, NotYoursToLift)
    assert desk.states() == [CaseState.VETOED]


def test_a_report_while_a_reset_is_asked_for_counts_as_made_since(reset_by_alice: Desk) -> None:
    desk = reset_by_alice
    asking, reporting = desk.at_once(
        lambda: desk.ask(desk.world.alan), desk.report, paused_at="INSERT INTO cases"
    )
    assert (asking, reporting) == (None, None)
    assert desk.states() == [CaseState.AWAITING_CONFIRMATION, CaseState.VETOED]
    assert desk.holding() == [SuspensionCause.VETOED]
    with desk.database.unit_of_work() as uow:
        waiting = uow.cases.open_of(desk.world.bob.id)
        assert waiting
        assert reported_since(uow, waiting)


def test_a_report_of_a_case_whose_place_is_just_taken_is_too_late(desk: Desk) -> None:
    """It is no second press: nothing was suspended, and nobody was told."""
    desk.have_bob_set_up()
    with desk.database.snapshot() as uow:
        (completed,) = uow.cases.of(desk.world.bob.id)
    desk.have_alices_yes()
    reports, bob = desk.services.reports, desk.world.bob.slack
    resetting, reporting = desk.at_once(
        desk.sweep, lambda: reports.report(bob, completed.id), paused_at="UPDATE contacts"
    )
    assert resetting is None
    assert isinstance(reporting, ReportTooLate)
    assert sorted(desk.states()) == [CaseState.COMPLETED, CaseState.SUPERSEDED]
    assert desk.holding() == []


@pytest.mark.postgresql
@pytest.mark.parametrize("desk", ["postgresql"], indirect=True)
def test_two_who_ask_about_each_other_queue(desk: Desk) -> None:
    """Each holds both people, in one order; the first is stopped between the two."""
    world = desk.world
    one, other = desk.at_once(
        lambda: desk.ask(world.alan, about=world.alice),
        lambda: desk.ask(world.alice, about=world.alan),
        paused_at="SELECT contacts.id \n",
        nth=2,
    )
    assert (one, other) == (None, None)
