"""What a new password has to be."""

import pytest

from bot.domain.model.errors import PasswordGuessable, PasswordUnfit
from bot.domain.model.people import Contact, Role
from bot.domain.set_up.passwords import normalise_password, verify_new_password
from tests.fakes import ACME, GLOBEX, FakePasswords, a_contact

WITH_2FA = a_contact(roles={ACME: Role.MEMBER, GLOBEX: Role.MEMBER})
WITHOUT = a_contact(roles={GLOBEX: Role.MEMBER})


@pytest.mark.parametrize(
    ("contact", "password"),
    [
        pytest.param(WITH_2FA, "x" * 8, id="eight beside a second factor"),
        pytest.param(WITHOUT, "x" * 15, id="fifteen alone"),
        pytest.param(WITH_2FA, "ü" * 256, id="the longest, in code points"),
    ],
)
def test_fit(contact: Contact, password: str) -> None:
    verify_new_password(password, contact, passwords=FakePasswords(), current="another one")


@pytest.mark.parametrize(
    ("contact", "password"),
    [
        pytest.param(WITH_2FA, "x" * 7, id="too short"),
        pytest.param(WITHOUT, "x" * 14, id="too short to stand alone"),
        pytest.param(WITH_2FA, "x" * 257, id="too long"),
        pytest.param(WITH_2FA, "the current one", id="the current one"),
        pytest.param(WITH_2FA, "u\u0308" * 7, id="too short once it is normalised"),
    ],
)
def test_unfit(contact: Contact, password: str) -> None:
    with pytest.raises(PasswordUnfit):
        verify_new_password(password, contact, passwords=FakePasswords(), current="the current one")


def test_a_first_password_has_none_to_differ_from() -> None:
    verify_new_password("x" * 8, WITH_2FA, passwords=FakePasswords())


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("Qwertyuiop12345", id="what everybody chooses"),
        pytest.param("Bob.Miller 1985!!", id="the name and a year"),
        pytest.param("bob@example.com", id="the e-mail address"),
        pytest.param("bobbobbobbob", id="the user name, again and again"),
        pytest.param("Rekey-rekey-2026", id="the name of what it opens"),
        pytest.param("REKEYmiller0001", id="some of each"),
    ],
)
def test_guessable(password: str) -> None:
    bob = a_contact(
        "bob",
        name="Bob Miller",
        roles={ACME: Role.MEMBER, GLOBEX: Role.MEMBER},
    )
    with pytest.raises(PasswordGuessable):
        verify_new_password(password, bob, passwords=FakePasswords())


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("bob likes herring", id="a word of many"),
        pytest.param("qwertyuiop12345 and more", id="what everybody chooses, and more"),
        pytest.param("8163 5526 0712", id="no letters at all"),
        pytest.param("jjjjjjjjjjj", id="a name too short to look for"),
    ],
)
def test_nothing_but_the_whole_is_looked_up(password: str) -> None:
    j = a_contact("bob", name="J", roles={ACME: Role.MEMBER})
    verify_new_password(password, j, passwords=FakePasswords())


def test_two_encodings_of_one_letter_are_one_password() -> None:
    assert normalise_password("u\u0308") == normalise_password("\u00fc")
