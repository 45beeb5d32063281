"""The promises of `ContactRepository`."""

from dataclasses import replace

import pytest

from bot.domain.model.ids import AccountId, ContactId
from bot.domain.model.people import Contact, Membership, Role
from bot.domain.model.roster import ChangeKind, RosterChange
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import ACME, GLOBEX, NOON, World, a_slack_identity, a_suspension


def _get(uow: UnitOfWork, contact_id: ContactId) -> Contact:
    contact = uow.contacts.get(contact_id)
    assert contact is not None
    return contact


def test_a_contact_is_found_in_each_way(uow: UnitOfWork, world: World) -> None:
    bob = _get(uow, world.bob.id)
    assert bob.name == "Bob Brown"
    assert bob.memberships == (
        Membership(account=ACME, role=Role.MEMBER),
        Membership(account=GLOBEX, role=Role.MEMBER),
    )
    assert uow.contacts.by_slack(world.bob.slack) == bob
    assert uow.contacts.by_email("bob@acme.example") == bob
    assert uow.contacts.by_username("bob") == bob


def test_an_address_is_found_whatever_its_case(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        found = uow.contacts.by_email("BoB@Acme.EXAMPLE")
    assert found
    assert found.id == world.bob.id


@pytest.mark.usefixtures("world")
def test_strangers_are_not_found(uow: UnitOfWork) -> None:
    assert uow.contacts.get(ContactId("con_nobody")) is None
    assert uow.contacts.by_slack(a_slack_identity("U01NOBODY")) is None
    assert uow.contacts.by_email("nobody@acme.example") is None
    assert uow.contacts.by_username("nobody") is None
    assert uow.contacts.account(AccountId("nowhere")) is None
    assert uow.contacts.password_hash(ContactId("con_nobody")) is None


@pytest.mark.usefixtures("world")
def test_a_user_name_is_exact(uow: UnitOfWork) -> None:
    assert uow.contacts.by_username("BOB") is None


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("team", "enterprise"),
    [
        pytest.param("T01OTHER", None, id="another-workspace"),
        pytest.param("T01TEST", "E01TEST", id="an-enterprise-more"),
        pytest.param("", None, id="no-workspace"),
    ],
)
def test_every_part_of_a_slack_identity_counts(
    store: Database, team: str, enterprise: str | None
) -> None:
    identity = a_slack_identity("U01BOB", team=team, enterprise=enterprise)
    with store.unit_of_work() as uow:
        assert uow.contacts.by_slack(identity) is None


def test_an_identity_with_enterprise_is_found_by_it_alone(store: Database, world: World) -> None:
    grid = a_slack_identity("U01BOB", enterprise="E01TEST")
    with store.unit_of_work() as uow:
        assert uow.contacts.bind_slack(world.bob.id, grid)
        assert uow.contacts.by_slack(world.bob.slack) is None
        found = uow.contacts.by_slack(grid)
    assert found
    assert (found.id, found.slack) == (world.bob.id, grid)


def test_whoever_was_looked_up_is_found_by_the_identity_bound_since(
    uow: UnitOfWork, world: World
) -> None:
    assert len(uow.contacts.with_ids([world.bob.id, world.alice.id])) == 2
    assert uow.contacts.by_slack(world.bob.slack) == _get(uow, world.bob.id)
    assert uow.contacts.bind_slack(world.bob.id, a_slack_identity("U01NEW"))
    assert uow.contacts.by_slack(world.bob.slack) is None
    uow.contacts.forget(world.alice.id)
    assert uow.contacts.by_slack(world.alice.slack) is None


def test_an_identity_of_somebody_else_is_not_bound(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        before = _get(uow, world.bob.id)
        assert not uow.contacts.bind_slack(world.bob.id, world.alice.slack)
        assert _get(uow, world.bob.id) == before
        assert uow.contacts.bind_slack(world.bob.id, a_slack_identity("U01NEW"))  # the unit goes on
        uow.commit()
    with store.unit_of_work() as uow:
        assert _get(uow, world.bob.id).slack == a_slack_identity("U01NEW")
        assert _get(uow, world.alice.id).slack == world.alice.slack


def test_the_same_identity_may_be_bound_again(uow: UnitOfWork, world: World) -> None:
    assert uow.contacts.bind_slack(world.bob.id, world.bob.slack)


@pytest.mark.usefixtures("world")
def test_nobody_is_bound_to_an_unknown_contact(uow: UnitOfWork) -> None:
    assert not uow.contacts.bind_slack(ContactId("con_nobody"), a_slack_identity("U01NEW"))


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("at_least", "people"),
    [
        pytest.param(Role.OWNER, ["carol", "dana"], id="owner"),
        pytest.param(Role.ADMINISTRATOR, ["alan", "alice", "carol", "dana"], id="administrator"),
        pytest.param(Role.MEMBER, ["alan", "alice", "bob", "carol", "dana"], id="member"),
    ],
)
def test_everybody_with_a_role_comes_once_and_by_email(
    store: Database, at_least: Role, people: list[str]
) -> None:
    with store.unit_of_work() as uow:
        found = uow.contacts.with_role([ACME.id, GLOBEX.id], at_least=at_least)
    assert [contact.username for contact in found] == people


@pytest.mark.usefixtures("world")
def test_a_role_counts_in_the_accounts_asked_for(store: Database) -> None:
    with store.unit_of_work() as uow:
        assert uow.contacts.with_role([], at_least=Role.MEMBER) == ()
        found = uow.contacts.with_role([GLOBEX.id], at_least=Role.MEMBER)
    assert [contact.username for contact in found] == ["bob", "dana"]
    assert len(found[0].memberships) == 2  # all of Bob's accounts, not only the one asked for


@pytest.mark.usefixtures("world")
def test_every_account_is_told_by_its_id_in_order(uow: UnitOfWork) -> None:
    assert uow.contacts.account_ids() == (ACME.id, GLOBEX.id)


@pytest.mark.usefixtures("world")
def test_an_account_is_found_by_its_id(uow: UnitOfWork) -> None:
    assert uow.contacts.account(GLOBEX.id) == GLOBEX


def test_a_password_is_replaced(uow: UnitOfWork, world: World) -> None:
    uow.contacts.set_password(world.bob.id, "hash 1", must_change=True)
    assert _get(uow, world.bob.id).password_must_change
    uow.contacts.set_password(world.bob.id, "hash 2", must_change=False)
    assert not _get(uow, world.bob.id).password_must_change
    assert uow.contacts.password_hash(world.bob.id) == "hash 2"
    assert uow.contacts.password_hash(world.alice.id) == "hash of correct horse alice"


def test_set_up_is_required_of_one_person(uow: UnitOfWork, world: World) -> None:
    uow.contacts.set_set_up_required(world.bob.id, required=True)
    assert _get(uow, world.bob.id).set_up_required
    assert not _get(uow, world.alice.id).set_up_required
    uow.contacts.set_set_up_required(world.bob.id, required=False)
    assert not _get(uow, world.bob.id).set_up_required


def test_the_epoch_rises_by_one_for_one_person(uow: UnitOfWork, world: World) -> None:
    assert [uow.contacts.raise_sign_in_epoch(world.bob.id) for _ in range(2)] == [1, 2]
    assert _get(uow, world.bob.id).sign_in_epoch == 2
    assert _get(uow, world.alice.id).sign_in_epoch == 0


def test_suspended_means_a_suspension_that_is_not_lifted(uow: UnitOfWork, world: World) -> None:
    assert not _get(uow, world.bob.id).suspended
    uow.suspensions.add(a_suspension(world.bob.id))
    assert _get(uow, world.bob.id).suspended
    assert not _get(uow, world.alice.id).suspended
    uow.suspensions.lift(world.bob.id, lifted_by=world.alan.id, now=NOON)
    assert not _get(uow, world.bob.id).suspended


def test_a_forgotten_contact_is_a_placeholder(uow: UnitOfWork, world: World) -> None:
    before = _get(uow, world.carol.id)
    uow.contacts.forget(world.carol.id)
    assert _get(uow, world.carol.id) == replace(
        before,
        name="(forgotten)",
        email=f"{world.carol.id}@forgotten.invalid",
        username=world.carol.id,
        phone=None,
        manager=None,
        slack=None,
    )
    assert uow.contacts.password_hash(world.carol.id) is None
    assert uow.contacts.by_email(world.carol.email) is None
    assert uow.contacts.by_username(world.carol.username) is None
    assert uow.contacts.by_slack(world.carol.slack) is None


def test_nobody_is_led_to_a_forgotten_contact_by_their_manager(
    uow: UnitOfWork, world: World
) -> None:
    before = _get(uow, world.bob.id)
    assert before.manager == world.carol.email
    uow.contacts.forget(world.alice.id)
    assert _get(uow, world.bob.id) == before
    uow.contacts.forget(world.carol.id)
    assert _get(uow, world.bob.id) == replace(before, manager=None)


def test_a_manager_is_forgotten_in_whatever_case_they_were_written(
    uow: UnitOfWork, world: World
) -> None:
    bob = uow.roster.read().contacts[world.bob.email]
    changed = replace(bob, manager="CAROL@acme.Example")
    change = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=changed)
    assert list(uow.roster.apply([change], now=NOON)) == [1]
    uow.contacts.forget(world.carol.id)
    assert _get(uow, world.bob.id).manager is None


def test_the_identity_of_a_forgotten_contact_is_free_again(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        uow.contacts.forget(world.carol.id)
        assert uow.contacts.bind_slack(world.bob.id, world.carol.slack)
        found = uow.contacts.by_slack(world.carol.slack)
    assert found
    assert found.id == world.bob.id


def test_forgetting_again_or_a_stranger_changes_nothing(store: Database, world: World) -> None:
    everybody = [person.id for person in world.people]
    with store.unit_of_work() as uow:
        uow.contacts.forget(world.carol.id)
        uow.contacts.forget(world.dana.id)  # two placeholders beside one another
        before = [_get(uow, contact_id) for contact_id in everybody]
        uow.contacts.forget(world.carol.id)
        uow.contacts.forget(ContactId("con_nobody"))
        assert [_get(uow, contact_id) for contact_id in everybody] == before


def test_whoever_holds_a_contact_sees_and_changes_them_as_ever(
    store: Database, world: World
) -> None:
    with store.unit_of_work() as uow:
        before = _get(uow, world.bob.id)
        uow.contacts.hold(world.bob.id)
        uow.contacts.hold(ContactId("con_nobody"))
        assert _get(uow, world.bob.id) == before
        uow.contacts.raise_sign_in_epoch(world.bob.id)
        uow.commit()
    with store.unit_of_work() as uow:
        assert _get(uow, world.bob.id).sign_in_epoch == before.sign_in_epoch + 1
