"""The promises of `AuthenticatorRepository`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model.ids import AuthenticatorId, ContactId
from bot.domain.model.people import Authenticator, AuthenticatorState
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON, World, an_authenticator

STEP = 58_000_000
LATER = NOON + timedelta(seconds=30)


def _get(uow: UnitOfWork, authenticator_id: AuthenticatorId) -> Authenticator:
    found = uow.authenticators.get(authenticator_id)
    assert found is not None
    return found


def _pending(uow: UnitOfWork, world: World, *, minutes: int = 0) -> Authenticator:
    made = an_authenticator(world.dana.id, created_at=NOON + timedelta(minutes=minutes))
    uow.authenticators.add(made, shared_secret=f"SECRET{minutes}")
    return made


def _active(uow: UnitOfWork, world: World, *, minutes: int = 0) -> Authenticator:
    made = _pending(uow, world, minutes=minutes)
    assert uow.authenticators.activate(made.id, step=STEP, now=NOON)
    return _get(uow, made.id)


def test_a_pending_one_is_stored_with_its_secret(uow: UnitOfWork, world: World) -> None:
    made = _pending(uow, world)
    assert _get(uow, made.id) == made
    assert uow.authenticators.shared_secret(made.id) == "SECRET0"
    assert uow.authenticators.pending_of(world.dana.id) == (made,)
    assert uow.authenticators.active_of(world.dana.id) == ()


def test_the_active_ones_of_two_are_told_apart(uow: UnitOfWork, world: World) -> None:
    later, earlier = _active(uow, world, minutes=1), _active(uow, world)
    _pending(uow, world, minutes=2)
    danas = (earlier, later)
    bobs = uow.authenticators.active_of(world.bob.id)
    assert bobs
    assert uow.authenticators.active_of_both(world.dana.id, world.bob.id) == (danas, bobs)
    assert uow.authenticators.active_of_both(world.bob.id, world.dana.id) == (bobs, danas)
    unknown = ContactId("con_nobody")
    assert uow.authenticators.active_of_both(world.bob.id, unknown) == (bobs, ())
    uow.authenticators.invalidate_all(world.bob.id, now=NOON)
    assert uow.authenticators.active_of_both(world.bob.id, world.dana.id) == ((), danas)


def test_an_unknown_id_has_no_authenticator_and_no_secret(store: Database) -> None:
    unknown = AuthenticatorId("aut_unknown")
    with store.unit_of_work() as uow:
        assert uow.authenticators.get(unknown) is None
        with pytest.raises(KeyError):
            uow.authenticators.shared_secret(unknown)
        assert not uow.authenticators.activate(unknown, step=STEP, now=NOON)
        assert not uow.authenticators.accept_step(unknown, step=STEP, now=NOON)
        uow.authenticators.count_failure(unknown)
        uow.authenticators.invalidate(unknown, now=NOON)


def test_it_becomes_active_once(uow: UnitOfWork, world: World) -> None:
    made = _pending(uow, world)
    assert uow.authenticators.activate(made.id, step=STEP, now=LATER)
    assert not uow.authenticators.activate(made.id, step=STEP + 1, now=LATER)
    bound = replace(made, state=AuthenticatorState.ACTIVE, bound_at=LATER)
    assert _get(uow, made.id) == bound
    assert uow.authenticators.active_of(world.dana.id) == (bound,)
    assert uow.authenticators.pending_of(world.dana.id) == ()


def test_the_step_that_bound_is_not_accepted_again(uow: UnitOfWork, world: World) -> None:
    active = _active(uow, world)
    assert not uow.authenticators.accept_step(active.id, step=STEP, now=LATER)
    assert uow.authenticators.accept_step(active.id, step=STEP + 1, now=LATER)


def test_a_step_is_accepted_once_and_no_earlier_one_after_it(uow: UnitOfWork, world: World) -> None:
    active = _active(uow, world)
    assert uow.authenticators.accept_step(active.id, step=STEP + 5, now=LATER)
    for step in (STEP + 5, STEP + 4):
        assert not uow.authenticators.accept_step(active.id, step=step, now=LATER)
    assert uow.authenticators.accept_step(active.id, step=STEP + 6, now=LATER)


def test_an_accepted_step_forgets_failures_and_is_a_use(uow: UnitOfWork, world: World) -> None:
    active = _active(uow, world)
    for _ in range(3):
        uow.authenticators.count_failure(active.id)
    assert _get(uow, active.id).failed_in_a_row == 3
    assert uow.authenticators.accept_step(active.id, step=STEP + 1, now=LATER)
    assert _get(uow, active.id) == replace(active, last_used_at=LATER, failed_in_a_row=0)


def test_a_refused_step_forgets_nothing(uow: UnitOfWork, world: World) -> None:
    active = _active(uow, world)
    uow.authenticators.count_failure(active.id)
    uow.authenticators.accept_step(active.id, step=STEP, now=LATER)
    assert _get(uow, active.id) == replace(active, failed_in_a_row=1)


def test_only_an_active_one_accepts_a_step(uow: UnitOfWork, world: World) -> None:
    pending, gone = _pending(uow, world), _active(uow, world, minutes=1)
    uow.authenticators.invalidate(gone.id, now=NOON)
    for each in (pending, gone):
        assert not uow.authenticators.accept_step(each.id, step=STEP + 1, now=LATER)


def test_an_invalidated_one_never_becomes_active(uow: UnitOfWork, world: World) -> None:
    made = _pending(uow, world)
    uow.authenticators.invalidate(made.id, now=NOON)
    assert not uow.authenticators.activate(made.id, step=STEP, now=NOON)
    assert _get(uow, made.id).state is AuthenticatorState.INVALIDATED


def test_all_of_a_contact_are_invalidated_and_the_active_ones_named(
    uow: UnitOfWork, world: World
) -> None:
    newer, older = _active(uow, world, minutes=2), _active(uow, world, minutes=1)
    pending = _pending(uow, world)
    assert uow.authenticators.active_of(world.dana.id) == (older, newer)
    assert uow.authenticators.invalidate_all(world.dana.id, now=NOON) == (older.id, newer.id)
    assert uow.authenticators.active_of(world.dana.id) == ()
    assert uow.authenticators.pending_of(world.dana.id) == ()
    assert _get(uow, pending.id).state is AuthenticatorState.INVALIDATED
    assert uow.authenticators.invalidate_all(world.dana.id, now=NOON) == ()
    assert len(uow.authenticators.active_of(world.bob.id)) == 1  # nobody else's


def test_failures_count_for_one_authenticator(uow: UnitOfWork, world: World) -> None:
    one, other = _active(uow, world), _active(uow, world, minutes=1)
    uow.authenticators.count_failure(one.id)
    assert _get(uow, one.id).failed_in_a_row == 1
    assert _get(uow, other.id).failed_in_a_row == 0
