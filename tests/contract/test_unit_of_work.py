"""One transaction over everything stored; nothing stays unless it was committed."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import (
    NOON,
    World,
    a_case,
    a_session,
    a_slack_identity,
    a_suspension,
    an_event,
)


class BrokenError(Exception):
    """What goes wrong in the middle of a unit."""


def _change_everything(store: Database, world: World, *, commit: bool, fail: bool = False) -> None:
    bob = world.bob
    assert bob.authenticator_id
    with store.unit_of_work() as uow:
        uow.contacts.raise_sign_in_epoch(bob.id)
        uow.authenticators.invalidate(bob.authenticator_id, now=NOON)
        uow.sessions.add(a_session(bob.id), token_hash="hash")
        uow.suspensions.add(a_suspension(bob.id))
        uow.cases.add(a_case(subscriber_id=bob.id))
        uow.attempts.record(AttemptKind.CODE, "key", at=NOON)
        uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=NOON)
        uow.audit.record(an_event())
        if commit:
            uow.commit()
        if fail:
            raise BrokenError


def _changed(store: Database, world: World) -> list[bool]:
    bob = world.bob
    with store.unit_of_work() as uow:
        contact = uow.contacts.get(bob.id)
        assert contact
        return [
            contact.sign_in_epoch == 1,
            not uow.authenticators.active_of(bob.id),
            uow.sessions.by_token_hash("hash") is not None,
            contact.suspended,
            uow.cases.open_of(bob.id) is not None,
            uow.attempts.prune(before=NOON + timedelta(days=1), limit=9) == 1,
            uow.outbox.backlog().pending > 0,
            uow.audit.head()[1] == 1,
        ]


def test_what_was_committed_stays(store: Database, world: World) -> None:
    _change_everything(store, world, commit=True)
    assert all(_changed(store, world))


def test_what_was_not_committed_is_rolled_back(store: Database, world: World) -> None:
    _change_everything(store, world, commit=False)
    assert not any(_changed(store, world))


def test_an_exception_rolls_back(store: Database, world: World) -> None:
    with pytest.raises(BrokenError):
        _change_everything(store, world, commit=False, fail=True)
    assert not any(_changed(store, world))


def test_an_exception_after_the_commit_undoes_nothing(store: Database, world: World) -> None:
    with pytest.raises(BrokenError):
        _change_everything(store, world, commit=True, fail=True)
    assert all(_changed(store, world))


def test_what_comes_after_the_commit_is_rolled_back(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        uow.contacts.raise_sign_in_epoch(world.bob.id)
        uow.commit()
        uow.contacts.raise_sign_in_epoch(world.bob.id)
    with store.unit_of_work() as uow:
        contact = uow.contacts.get(world.bob.id)
    assert contact
    assert contact.sign_in_epoch == 1


def _roles_taken(uow: UnitOfWork, world: World) -> object:
    bob = uow.roster.read().contacts[world.bob.email]
    return list(
        uow.roster.apply([RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=bob)], now=NOON)
    )


def _account_renamed(uow: UnitOfWork, world: World) -> object:
    renamed = replace(world.acme, name="Acme & Daughters")
    return list(
        uow.roster.apply([RosterChange(kind=ChangeKind.ACCOUNT_CHANGED, account=renamed)], now=NOON)
    )


CHANGES: dict[str, Callable[[UnitOfWork, World], object]] = {
    "set-up": lambda uow, world: uow.contacts.set_set_up_required(world.bob.id, required=True),
    "password": lambda uow, world: uow.contacts.set_password(world.bob.id, "h", must_change=True),
    "epoch": lambda uow, world: uow.contacts.raise_sign_in_epoch(world.bob.id),
    "slack": lambda uow, world: uow.contacts.bind_slack(world.bob.id, a_slack_identity("U01NEW")),
    "forgotten": lambda uow, world: uow.contacts.forget(world.bob.id),
    "manager-forgotten": lambda uow, world: uow.contacts.forget(world.carol.id),
    "suspended": lambda uow, world: uow.suspensions.add(a_suspension(world.bob.id)),
    "roles-taken": _roles_taken,
    "account-renamed": _account_renamed,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_unit_sees_its_own_changes(
    store: Database, world: World, change: Callable[[UnitOfWork, World], object]
) -> None:
    with store.unit_of_work() as uow:
        before = uow.contacts.get(world.bob.id)
        change(uow, world)
        changed = uow.contacts.get(world.bob.id)
        uow.commit()
    assert changed != before
    with store.unit_of_work() as uow:
        assert uow.contacts.get(world.bob.id) == changed


def test_a_unit_sees_that_it_lifted_a_suspension(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        uow.suspensions.add(a_suspension(world.bob.id))
        before = uow.contacts.get(world.bob.id)
        assert before
        assert before.suspended
        uow.suspensions.lift(world.bob.id, lifted_by="operator", now=NOON)
        after = uow.contacts.get(world.bob.id)
    assert after
    assert not after.suspended


@pytest.mark.usefixtures("world")
def test_the_sender_is_woken_after_a_commit_with_a_message(
    store: Database, woken: list[str]
) -> None:
    with store.unit_of_work() as uow:
        uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=NOON)
        uow.commit()
        assert woken == []  # the unit still holds the database
    assert woken == ["woken"]


def test_the_sender_sleeps_on_without_commit_or_message(
    store: Database, world: World, woken: list[str]
) -> None:
    with store.unit_of_work() as uow:
        uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=NOON)
    with store.unit_of_work() as uow:
        uow.contacts.raise_sign_in_epoch(world.bob.id)
        uow.commit()
    assert woken == []


@pytest.mark.usefixtures("world")
def test_the_sender_may_open_a_unit_when_it_is_woken(store: Database) -> None:
    due: list[int] = []

    def drain() -> None:
        with store.unit_of_work() as uow:
            due.append(len(uow.outbox.due(NOON, limit=10)))

    store._on_outbox = drain  # noqa: SLF001  # the one callback, exchanged for this test
    with store.unit_of_work() as uow:
        uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=NOON)
        uow.commit()
    assert due == [1]


def test_a_unit_within_a_unit_is_a_fault(store: Database) -> None:
    with (
        store.unit_of_work(),
        pytest.raises(RuntimeError, match="open in this thread already"),
        store.unit_of_work(),
    ):
        pass
    with store.unit_of_work():
        pass  # and the fault left nothing locked


def test_units_of_several_threads_queue(store: Database, world: World) -> None:
    clicks = 8
    barrier = threading.Barrier(clicks)

    def click() -> None:
        barrier.wait()
        with store.unit_of_work() as uow:
            contact = uow.contacts.get(world.bob.id)
            assert contact
            uow.contacts.raise_sign_in_epoch(world.bob.id)
            uow.audit.record(an_event())
            uow.commit()

    threads = [threading.Thread(target=click) for _ in range(clicks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.unit_of_work() as uow:
        contact = uow.contacts.get(world.bob.id)
        assert contact
        assert contact.sign_in_epoch == clicks
        assert uow.audit.head()[1] == clicks


def test_a_snapshot_sees_one_moment_and_hinders_nobody(store: Database, world: World) -> None:
    with store.snapshot() as reading:
        before = reading.contacts.get(world.bob.id)
        with store.unit_of_work() as uow:
            uow.contacts.raise_sign_in_epoch(world.bob.id)
            uow.commit()
        assert reading.contacts.get(world.bob.id) == before
    with store.snapshot() as reading:
        assert reading.contacts.get(world.bob.id) != before


def test_a_snapshot_commits_nothing(store: Database) -> None:
    with store.snapshot() as reading, pytest.raises(RuntimeError, match="nothing to commit"):
        reading.commit()
