"""The promise of `ContactRepository.search`: who is found by a part of a name."""

import pytest

from bot.domain.model.ids import AccountId
from bot.domain.model.people import Membership, Role
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.domain.ports.unit_of_work import UnitOfWork
from tests.fakes import ACME, GLOBEX, NOON

BOTH = [ACME.id, GLOBEX.id]


def _add(uow: UnitOfWork, username: str, name: str, *, account: AccountId = ACME.id) -> None:
    contact = RosterContact(
        id=None,
        email=f"{username}@elsewhere.example",
        username=username,
        name=name,
        phone=None,
        manager=None,
        slack=None,
        roles={account: Role.MEMBER},
    )
    change = RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)
    assert list(uow.roster.apply([change], now=NOON)) == [1]


def _found(uow: UnitOfWork, words: str, *, limit: int = 100) -> list[str]:
    return [contact.username for contact in uow.contacts.search(BOTH, words, limit=limit)]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "words", ["Bob Brown", "ob Bro", "bob", "BOB", " bob ", "b@acme.example", "BOB@ACME"]
)
def test_a_part_of_name_user_name_or_address_finds(uow: UnitOfWork, words: str) -> None:
    assert _found(uow, words) == ["bob"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("words", ["bob alice", "bobb", "7946", "carol@acme.example bob"])
def test_what_is_in_none_of_them_finds_nobody(uow: UnitOfWork, words: str) -> None:
    assert _found(uow, words) == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("words", ["élodie", "ÉLODIE", "Élodie ÜN", "ünal", "Ü", "é"])
def test_case_does_not_matter_in_any_alphabet(uow: UnitOfWork, words: str) -> None:
    _add(uow, "eu", "Élodie Ünal")
    assert _found(uow, words) == ["eu"]


@pytest.mark.usefixtures("world")
def test_a_capital_in_a_user_name_is_found_by_a_small_letter(uow: UnitOfWork) -> None:
    _add(uow, "ÉMILE", "Somebody")
    assert _found(uow, "émile") == ["ÉMILE"]


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("sign", ["%", "_", "\\"])
def test_signs_mean_themselves(uow: UnitOfWork, sign: str) -> None:
    assert _found(uow, sign) == []
    _add(uow, "odd", f"Od{sign}d")
    assert _found(uow, sign) == ["odd"]
    assert _found(uow, f"d{sign}D") == ["odd"]
    assert _found(uow, f"b{sign}b") == []


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("words", ["", " "])
def test_nothing_typed_finds_everybody_by_name(uow: UnitOfWork, words: str) -> None:
    _add(uow, "zoe", "aaron")  # in small letters, and yet the first
    _add(uow, "second", "Bob Brown")
    _add(uow, "émile", "Émile")
    assert _found(uow, words) == [
        *("zoe", "alan", "alice", "bob", "second"),  # the Bobs by address
        *("carol", "dana", "émile"),
    ]


@pytest.mark.usefixtures("world")
def test_the_limit_counts_people_not_their_accounts(uow: UnitOfWork) -> None:
    assert _found(uow, "", limit=3) == ["alan", "alice", "bob"]
    (bob,) = uow.contacts.search(BOTH, "bob", limit=1)
    assert bob.memberships == (
        Membership(account=ACME, role=Role.MEMBER),
        Membership(account=GLOBEX, role=Role.MEMBER),
    )


@pytest.mark.usefixtures("world")
def test_only_people_of_the_accounts_are_found(uow: UnitOfWork) -> None:
    found = uow.contacts.search([GLOBEX.id], "", limit=100)
    assert [contact.username for contact in found] == ["bob", "dana"]
    assert [m.account for m in found[0].memberships] == [ACME, GLOBEX]  # whole all the same
    assert uow.contacts.search([GLOBEX.id], "alice", limit=100) == ()
    assert uow.contacts.search([], "", limit=100) == ()
