"""What was seen once is seen anew where it was changed, and only there."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.database import Database
from storage.unit_of_work import SqlUnitOfWork
from tests.fakes import an_event
from tests.machine import stores
from tests.machine.firm import OPERATOR, Firm


@pytest.fixture(params=[stores.in_memory, stores.on_sqlite], ids=lambda store: store.__name__)
def firm(request: pytest.FixtureRequest) -> Iterator[Firm]:
    with closing(request.param()) as firm:
        yield firm


def test_what_was_changed_is_seen_anew(firm: Firm) -> None:
    before = firm.contact("bob")
    firm.services.suspensions.suspend(before.email, reason="They called", operator=OPERATOR)
    assert (before.suspended, firm.contact("bob").suspended) == (False, True)


def test_what_stands_on_another_look_is_not_kept_beyond_it(firm: Firm) -> None:
    bob = firm.person("bob").id
    with firm.snapshot() as uow:
        (seen,) = [each for each in uow.contacts.with_ids((bob,)) if each.id == bob]
        assert uow.contacts.get(bob) == seen  # no statement was needed
    firm.services.suspensions.suspend(seen.email, reason="They called", operator=OPERATOR)
    assert firm.contact("bob").suspended


def test_what_others_changed_meanwhile_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, snapshot = [0], Database.snapshot

    def counted(self: Database) -> SqlUnitOfWork:
        opened[0] += 1
        return snapshot(self)

    monkeypatch.setattr(Database, "snapshot", counted)
    with closing(stores.on_sqlite()) as firm:
        bob = firm.contact("bob")
        with firm.unit_of_work() as uow:
            uow.audit.record(an_event())
            uow.commit()
        assert (firm.contact("bob"), opened) == (bob, [1])
        with firm.snapshot() as uow:
            assert (uow.audit.head()[1], opened) == (1, [2])
