"""What `CaseRepository` promises of who carries a case out."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.model.cases import Case, CaseState, Lease
from bot.domain.model.ids import CaseId, LeaseHolder
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, World, a_case

UNTIL = NOON + timedelta(minutes=1)
BEFORE = UNTIL - timedelta(microseconds=1)
AWAITING, EXECUTING = CaseState.AWAITING_CONFIRMATION, CaseState.EXECUTING
MINE, OTHER = LeaseHolder("run_mine"), LeaseHolder("run_other")
LEASE = Lease(holder=MINE, until=UNTIL)


def rivals(*, until: datetime = UNTIL + timedelta(minutes=1)) -> Lease:
    return Lease(holder=OTHER, until=until)


def confirmed(uow: UnitOfWork, world: World, *, lease: Lease | None = LEASE) -> Case:
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id)
    assert uow.cases.add(case)
    moved = uow.cases.move(case.id, states=[AWAITING], to=EXECUTING, now=NOON, lease=lease)
    assert moved
    return moved


def complete(uow: UnitOfWork, case: Case, *, held_by: LeaseHolder | None) -> Case | None:
    return uow.cases.move(
        case.id, states=[EXECUTING], to=CaseState.COMPLETED, now=NOON, held_by=held_by
    )


def test_a_lease_that_has_not_run_out_is_respected(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world)
    assert uow.cases.due_to_carry_out(BEFORE) == ()
    assert uow.cases.take_lease(case.id, rivals(), now=BEFORE) is None
    assert complete(uow, case, held_by=OTHER) is None
    assert complete(uow, case, held_by=MINE)


def test_one_that_has_run_out_is_anybody_s(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world)
    assert uow.cases.due_to_carry_out(UNTIL) == (case,)
    assert uow.cases.take_lease(case.id, rivals(), now=UNTIL) == case
    assert uow.cases.due_to_carry_out(UNTIL) == ()
    assert uow.cases.take_lease(case.id, LEASE, now=UNTIL) is None
    assert complete(uow, case, held_by=MINE) is None
    assert uow.cases.get(case.id) == case


def test_its_holder_renews_it(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world)
    renewed = Lease(holder=MINE, until=UNTIL + timedelta(minutes=1))
    assert uow.cases.take_lease(case.id, renewed, now=BEFORE) == case
    assert uow.cases.take_lease(case.id, rivals(), now=UNTIL) is None
    assert uow.cases.due_to_carry_out(renewed.until) == (case,)


def test_without_a_lease_a_case_is_anybody_s(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world, lease=None)
    assert uow.cases.due_to_carry_out(NOON) == (case,)
    assert uow.cases.take_lease(case.id, LEASE, now=NOON) == case


def test_only_its_holder_ends_it(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world)
    assert not uow.cases.end_lease(case.id, holder=OTHER)
    assert uow.cases.due_to_carry_out(NOON) == ()
    assert uow.cases.end_lease(case.id, holder=MINE)
    assert uow.cases.due_to_carry_out(NOON) == (case,)
    assert not uow.cases.end_lease(case.id, holder=MINE)
    assert not uow.cases.end_lease(CaseId("case_unknown"), holder=MINE)


def test_all_are_released_at_once(uow: UnitOfWork, world: World) -> None:
    first = confirmed(uow, world)
    second = replace(a_case(subscriber_id=world.dana.id), state=EXECUTING)
    uow.cases.add(second, lease=rivals())
    assert uow.cases.due_to_carry_out(NOON) == ()
    assert uow.cases.release_leases() == 2
    assert uow.cases.due_to_carry_out(NOON) == (first, second)
    assert uow.cases.release_leases() == 0


@pytest.mark.parametrize("state", sorted(set(CaseState) - {EXECUTING}))
def test_only_what_is_carried_out_is_leased(
    store: Database, world: World, state: CaseState
) -> None:
    with store.unit_of_work() as uow:
        case = replace(a_case(subscriber_id=world.bob.id), state=state)
        uow.cases.add(case)
        assert uow.cases.due_to_carry_out(UNTIL) == ()
        assert uow.cases.take_lease(case.id, LEASE, now=UNTIL) is None
    with store.unit_of_work() as uow:
        assert uow.cases.take_lease(CaseId("case_unknown"), LEASE, now=UNTIL) is None


def test_a_case_that_has_moved_on_has_none(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world)
    assert complete(uow, case, held_by=MINE)
    assert not uow.cases.end_lease(case.id, holder=MINE)
    assert uow.cases.move(case.id, states=[CaseState.COMPLETED], to=EXECUTING, now=NOON)
    assert uow.cases.due_to_carry_out(NOON)  # nor would it, were it to come back


def test_a_move_schedules_the_next_reminder(uow: UnitOfWork, world: World) -> None:
    case = confirmed(uow, world)
    moved = uow.cases.move(
        case.id, states=[EXECUTING], to=CaseState.COMPLETED, now=NOON, remind_at=UNTIL
    )
    assert uow.cases.due_to_remind(BEFORE) == ()
    assert uow.cases.due_to_remind(UNTIL) == (moved,)
