"""The promises of `RosterRepository`."""

from dataclasses import replace

import pytest

from bot.domain.model.ids import AccountId
from bot.domain.model.people import AuthenticatorState, Role, TwoFactor
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from storage.database import Database
from storage.errors import RosterConflictError
from tests.fakes import (
    ACME,
    GLOBEX,
    NOON,
    World,
    a_session,
    a_slack_identity,
    an_account,
    an_authenticator,
)

ERIN = RosterContact(
    id=None,
    email="Erin@Acme.example",
    username="erin",
    name="Erin Eads",
    phone=None,
    manager=None,
    slack=None,
    roles={ACME.id: Role.MEMBER},
)


def _apply(store: Database, *changes: RosterChange) -> list[int]:
    with store.unit_of_work() as uow:
        done = list(uow.roster.apply(changes, now=NOON))
        uow.commit()
    return done


def _read(store: Database, email: str) -> RosterContact:
    with store.unit_of_work() as uow:
        return uow.roster.read().contacts[email]


def _added(contact: RosterContact) -> RosterChange:
    return RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)


def test_the_roster_holds_everybody_and_every_account(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        roster = uow.roster.read()
    assert roster.accounts == {ACME.id: ACME, GLOBEX.id: GLOBEX}
    assert list(roster.contacts) == [
        f"{name}@acme.example" for name in ("alan", "alice", "bob", "carol", "dana")
    ]
    assert roster.contacts["bob@acme.example"] == RosterContact(
        id=world.bob.id,
        email="bob@acme.example",
        username="bob",
        name="Bob Brown",
        phone="+44 20 7946 0100",
        manager="carol@acme.example",
        slack=world.bob.slack,
        roles={ACME.id: Role.MEMBER, GLOBEX.id: Role.MEMBER},
    )


def test_an_empty_store_has_an_empty_roster(store: Database) -> None:
    with store.unit_of_work() as uow:
        roster = uow.roster.read()
    assert (roster.accounts, roster.contacts) == ({}, {})


@pytest.mark.usefixtures("world")
def test_an_added_contact_gets_an_id_and_a_lower_case_address(store: Database) -> None:
    _apply(store, _added(ERIN))
    added = _read(store, "erin@acme.example")
    assert added.id
    assert added.id.startswith("con_")
    assert replace(added, id=None, email=ERIN.email) == ERIN
    with store.unit_of_work() as uow:
        erin = uow.contacts.get(added.id)
        assert erin
        assert (erin.set_up_required, erin.password_must_change) == (False, False)
        assert erin.sign_in_epoch == 0
        assert uow.contacts.password_hash(added.id) is None


@pytest.mark.usefixtures("world")
def test_accounts_are_added_and_changed(store: Database) -> None:
    hooli = an_account("hooli", name="Hooli")
    renamed = replace(GLOBEX, name="Globex plc", two_factor=TwoFactor.REQUIRED)
    _apply(
        store,
        RosterChange(kind=ChangeKind.ACCOUNT_CHANGED, account=renamed),
        RosterChange(kind=ChangeKind.ACCOUNT_ADDED, account=hooli),
    )
    with store.unit_of_work() as uow:
        assert uow.contacts.account(hooli.id) == hooli
        assert uow.contacts.account(GLOBEX.id) == renamed


def test_a_changed_contact_is_as_told_and_keeps_the_rest(store: Database, world: World) -> None:
    bob = replace(
        _read(store, "bob@acme.example"),
        username="robert",
        phone=None,
        roles={ACME.id: Role.ADMINISTRATOR},
        slack=a_slack_identity("U01ROBERT"),
    )
    _apply(store, RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=bob))
    assert _read(store, "bob@acme.example") == bob
    with store.unit_of_work() as uow:
        assert uow.contacts.password_hash(world.bob.id) == "hash of correct horse bob"
        assert len(uow.authenticators.active_of(world.bob.id)) == 1


def test_a_removed_contact_keeps_nothing_to_act_by(store: Database, world: World) -> None:
    with store.unit_of_work() as uow:
        uow.authenticators.add(pending := an_authenticator(world.bob.id), shared_secret="S")
        uow.sessions.add(a_session(world.bob.id), token_hash="hash")
        uow.commit()
    bob = _read(store, "bob@acme.example")

    _apply(store, RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=bob))

    assert _read(store, "bob@acme.example") == replace(bob, roles={}, slack=None)
    assert world.bob.authenticator_id
    with store.unit_of_work() as uow:
        contact = uow.contacts.get(world.bob.id)
        assert contact
        assert contact.memberships == ()
        assert uow.contacts.by_slack(world.bob.slack) is None
        for each in (pending.id, world.bob.authenticator_id):
            authenticator = uow.authenticators.get(each)
            assert authenticator
            assert authenticator.state is AuthenticatorState.INVALIDATED
        assert uow.sessions.open_count(world.bob.id, now=NOON) == 0
        assert contact.sign_in_epoch == 1
        alice = uow.authenticators.active_of(world.alice.id)
        assert len(alice) == 1  # nobody else is touched


@pytest.mark.usefixtures("world")
def test_a_removed_contact_can_come_back(store: Database) -> None:
    bob = _read(store, "bob@acme.example")
    _apply(store, RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=bob))
    _apply(store, RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=bob))
    assert _read(store, "bob@acme.example") == bob


@pytest.mark.usefixtures("world")
def test_contacts_without_slack_are_those_of_an_account(store: Database) -> None:
    bob = _read(store, "bob@acme.example")
    _apply(store, _added(ERIN), RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=bob))
    with store.unit_of_work() as uow:
        assert [contact.username for contact in uow.contacts.without_slack()] == ["erin"]


@pytest.mark.usefixtures("world")
def test_removals_and_changes_come_before_additions(store: Database) -> None:
    bob = _read(store, "bob@acme.example")
    carol = _read(store, "carol@acme.example")
    heir = replace(ERIN, username="bob", slack=carol.slack)
    _apply(
        store,
        _added(heir),
        RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=replace(bob, username="robert")),
        RosterChange(kind=ChangeKind.CONTACT_REMOVED, contact=carol),
    )
    assert _read(store, "erin@acme.example").username == "bob"
    assert _read(store, "erin@acme.example").slack == carol.slack


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)], ids=["down", "up"])
def test_user_names_go_round_whatever_the_order(store: Database, order: slice) -> None:
    names = {"bob": "carol", "carol": "dana", "dana": "bob", "alan": "alice", "alice": "ali"}
    changes = [
        RosterChange(
            kind=ChangeKind.CONTACT_CHANGED,
            contact=replace(_read(store, f"{before}@acme.example"), username=after),
        )
        for before, after in names.items()
    ]
    _apply(store, *changes[order])
    assert {before: _read(store, f"{before}@acme.example").username for before in names} == names


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "clash",
    [
        pytest.param(replace(ERIN, username="bob"), id="user-name"),
        pytest.param(replace(ERIN, email="BOB@acme.example"), id="address"),
        pytest.param(replace(ERIN, slack=a_slack_identity("U01BOB")), id="identity"),
        pytest.param(replace(ERIN, roles={AccountId("nowhere"): Role.OWNER}), id="account"),
    ],
)
def test_a_conflict_is_refused_whole(store: Database, clash: RosterContact) -> None:
    harmless = replace(ERIN, email="frank@acme.example", username="frank")
    with pytest.raises((RosterConflictError, ValueError)):
        _apply(store, _added(harmless), _added(clash))
    with store.unit_of_work() as uow:
        assert len(uow.roster.read().contacts) == 5


@pytest.mark.usefixtures("world")
def test_two_who_change_do_not_get_one_user_name(store: Database) -> None:
    both = [
        RosterChange(
            kind=ChangeKind.CONTACT_CHANGED,
            contact=replace(_read(store, f"{name}@acme.example"), username="same"),
        )
        for name in ("bob", "carol")
    ]
    with pytest.raises((RosterConflictError, ValueError)):
        _apply(store, *both)
    assert _read(store, "bob@acme.example").username == "bob"


@pytest.mark.usefixtures("world")
def test_progress_counts_up_to_all(store: Database) -> None:
    many = [
        _added(replace(ERIN, email=f"e{i}@acme.example", username=f"e{i}")) for i in range(2100)
    ]
    done = _apply(store, *many)
    assert done == sorted(done)
    assert done[-1] == len(many)


@pytest.mark.usefixtures("world")
def test_no_change_is_no_work(store: Database) -> None:
    assert _apply(store) == []
