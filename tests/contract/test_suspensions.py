"""The promises of `SuspensionRepository`."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.model.people import SuspensionCause
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, World, a_case, a_suspension

LATER = NOON + timedelta(days=1)


def test_a_suspension_holds_for_its_contact(store: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id)
    suspension = a_suspension(world.bob.id, case_id=case.id, suspended_by=world.bob.id)
    with store.unit_of_work() as uow:
        uow.cases.add(case)
        uow.suspensions.add(suspension)
        assert uow.suspensions.current(world.bob.id) == suspension
        assert uow.suspensions.current(world.alice.id) is None


def test_a_veto_comes_before_a_newer_lapse(store: Database, world: World) -> None:
    vetoed = a_suspension(world.bob.id)
    lapsed = a_suspension(world.bob.id, cause=SuspensionCause.LAPSED, suspended_at=LATER)
    with store.unit_of_work() as uow:
        uow.suspensions.add(vetoed)
        uow.suspensions.add(lapsed)
        assert uow.suspensions.current(world.bob.id) == vetoed


def test_of_two_vetoes_the_newer_holds(store: Database, world: World) -> None:
    newer = a_suspension(world.bob.id, suspended_at=LATER)
    with store.unit_of_work() as uow:
        uow.suspensions.add(newer)
        uow.suspensions.add(a_suspension(world.bob.id))
        assert uow.suspensions.current(world.bob.id) == newer


def test_what_holds_is_lifted_once(uow: UnitOfWork, world: World) -> None:
    uow.suspensions.add(a_suspension(world.bob.id))
    uow.suspensions.add(a_suspension(world.bob.id, cause=SuspensionCause.OPERATOR))
    uow.suspensions.add(a_suspension(world.dana.id))
    assert uow.suspensions.lift(world.bob.id, lifted_by=world.alan.id, now=LATER) == 2
    assert uow.suspensions.current(world.bob.id) is None
    assert uow.suspensions.current(world.dana.id)
    assert uow.suspensions.lift(world.bob.id, lifted_by=world.alan.id, now=LATER) == 0


def test_every_suspension_is_told_the_newest_first(store: Database, world: World) -> None:
    lapsed = a_suspension(world.bob.id, cause=SuspensionCause.LAPSED, suspended_at=LATER)
    vetoed = a_suspension(world.bob.id, suspended_by=world.bob.id)
    with store.unit_of_work() as uow:
        uow.suspensions.add(vetoed)
        uow.suspensions.lift(world.bob.id, lifted_by=world.alan.id, now=LATER)
        uow.suspensions.add(lapsed)
        uow.suspensions.add(a_suspension(world.dana.id))
        lifted = replace(vetoed, lifted_by=world.alan.id, lifted_at=LATER)
        assert uow.suspensions.of(world.bob.id) == (lapsed, lifted)
        assert uow.suspensions.of(world.alice.id) == ()


def test_an_operator_lifts_by_a_name_that_is_no_contact_s(store: Database, world: World) -> None:
    suspension = a_suspension(world.bob.id, cause=SuspensionCause.OPERATOR)
    with store.unit_of_work() as uow:
        uow.suspensions.add(suspension)
        assert uow.suspensions.lift(world.bob.id, lifted_by="operator", now=LATER) == 1
        (lifted,) = uow.suspensions.of(world.bob.id)
    assert (lifted.lifted_by, lifted.lifted_at) == ("operator", LATER)


def test_all_that_hold_are_told_the_newest_first(store: Database, world: World) -> None:
    danas = a_suspension(world.dana.id)
    bobs = a_suspension(world.bob.id, cause=SuspensionCause.OPERATOR, suspended_at=LATER)
    with store.unit_of_work() as uow:
        uow.suspensions.add(a_suspension(world.bob.id))
        uow.suspensions.lift(world.bob.id, lifted_by=world.alan.id, now=LATER)
        uow.suspensions.add(danas)
        uow.suspensions.add(bobs)
        assert uow.suspensions.holding() == (bobs, danas)
