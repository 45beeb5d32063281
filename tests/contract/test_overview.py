"""The promise of `OverviewRepository`: pages of contacts, and an account's last acts."""

from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseKind, CaseState
from bot.domain.model.ids import ContactId
from bot.domain.model.people import SuspensionCause
from storage.database import Database
from tests.fakes import (
    ACME,
    GLOBEX,
    NOON,
    World,
    a_case,
    a_suspension,
    an_event,
    bind,
)


def _found(store: Database, words: str = "", *, offset: int = 0, limit: int = 9) -> list[str]:
    with store.snapshot() as uow:
        page = uow.overview.page(ACME.id, words, offset=offset, limit=limit)
    return [entry.contact.username for entry in page.entries]


@pytest.mark.usefixtures("world")
def test_pages_follow_each_other_by_name(store: Database) -> None:
    assert _found(store, limit=2) == ["alan", "alice"]
    assert _found(store, offset=2, limit=2) == ["bob", "carol"]
    assert _found(store, offset=4, limit=2) == []
    with store.snapshot() as uow:
        assert uow.overview.page(ACME.id, "", offset=4, limit=2).total == 4
        assert uow.overview.page(GLOBEX.id, " ", offset=0, limit=1).total == 2
        assert uow.overview.page(ACME.id, "al", offset=2, limit=1).total == 2
        assert uow.overview.page(ACME.id, "nobody", offset=2, limit=1).total == 0


@pytest.mark.usefixtures("world")
def test_words_are_looked_for_as_in_a_search(store: Database) -> None:
    assert _found(store, " AL") == ["alan", "alice"]
    assert _found(store, "bob@acme") == ["bob"]
    assert _found(store, "%") == []
    assert _found(store, "dana") == []
    with store.snapshot() as uow:
        page = uow.overview.page(ACME.id, "al", offset=1, limit=1)
        assert ([e.contact.username for e in page.entries], page.total) == (["alice"], 2)
        assert len(uow.overview.page(ACME.id, "bob", offset=0, limit=1).entries) == 1


def test_entry_tells_of_authenticators_and_their_last_use(store: Database, world: World) -> None:
    later = NOON + timedelta(hours=1)
    assert world.alan.authenticator_id is not None
    with store.unit_of_work() as uow:
        bind(uow, world.alan.id, "JBSWY3DPEHPK3PXP")
        assert uow.authenticators.accept_step(world.alan.authenticator_id, step=10**9, now=later)
        uow.authenticators.invalidate_all(world.bob.id, now=NOON)
        uow.commit()
    with store.snapshot() as uow:
        alan, alice, bob, _ = uow.overview.page(ACME.id, "", offset=0, limit=9).entries
    assert (alan.authenticators, alan.last_used_at) == (2, later)
    assert (alice.authenticators, alice.last_used_at) == (1, None)
    assert (bob.authenticators, bob.last_used_at) == (0, None)
    assert (alan.waits_for, alan.waits_since, alan.suspension) == (None, None, None)
    assert alan.contact.role_in(ACME.id) is not None


def test_entry_tells_of_the_newest_case_that_waits_for_a_set_up(
    store: Database, world: World
) -> None:
    bob, first = world.bob.id, CaseKind.FIRST_SET_UP
    with store.unit_of_work() as uow:
        for kind, state, at in (
            (CaseKind.RESET, CaseState.LAPSED, NOON),
            (first, CaseState.COMPLETED, NOON + timedelta(days=1)),
            (CaseKind.RESET, CaseState.RE_ENROLLED, NOON + timedelta(days=2)),
        ):
            case = a_case(subscriber_id=bob, kind=kind, state=state, completed_at=at)
            assert uow.cases.add(case)
        uow.commit()
    with store.snapshot() as uow:
        (entry,) = uow.overview.page(ACME.id, "bob", offset=0, limit=9).entries
    assert (entry.waits_for, entry.waits_since) == (first, NOON + timedelta(days=1))


def test_entry_tells_of_a_veto_before_other_suspensions(store: Database, world: World) -> None:
    bob = world.bob.id
    veto = a_suspension(bob)
    with store.unit_of_work() as uow:
        uow.suspensions.add(veto)
        later = NOON + timedelta(days=1)
        uow.suspensions.add(a_suspension(bob, cause=SuspensionCause.LAPSED, suspended_at=later))
        uow.commit()
    with store.snapshot() as uow:
        (entry,) = uow.overview.page(ACME.id, "bob", offset=0, limit=9).entries
    assert entry.suspension == veto
    with store.unit_of_work() as uow:
        uow.suspensions.lift(bob, lifted_by="con_alice", now=NOON)
        uow.commit()
    with store.snapshot() as uow:
        (entry,) = uow.overview.page(ACME.id, "bob", offset=0, limit=9).entries
    assert entry.suspension is None


@pytest.mark.usefixtures("world")
def test_last_acts_are_the_accounts_own_newest_first(store: Database) -> None:
    tags = ["slack:case:declined", "slack:case:shown", "slack:case:completed", "slack:case:shown"]
    with store.unit_of_work() as uow:
        for tag in tags:
            uow.audit.record(an_event(tag, account=ACME.id, details={"reason": "Lost it"}))
        uow.audit.record(an_event(account=GLOBEX.id))
        uow.audit.record(an_event())
        uow.commit()
    with store.snapshot() as uow:
        newest = uow.overview.last_acts(ACME.id, limit=3)
        picked = uow.overview.last_acts(ACME.id, limit=9, without=["slack:case:shown"])
    assert [record.tag for record in newest] == tags[:0:-1]
    assert [record.tag for record in picked] == [tags[2], tags[0]]
    assert {record.details for record in newest} == {None}
    assert {record.account for record in newest} == {ACME.id}


def test_contacts_are_read_together(store: Database, world: World) -> None:
    with store.snapshot() as uow:
        found = uow.contacts.with_ids({world.bob.id, world.dana.id, ContactId("con_none")})
        assert {contact.id for contact in found} == {world.bob.id, world.dana.id}
        assert set(found) == {uow.contacts.get(world.bob.id), uow.contacts.get(world.dana.id)}
        assert uow.contacts.with_ids([]) == ()
