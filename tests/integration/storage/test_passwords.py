"""Passwords as argon2id hashes, and those that everybody chooses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError

import pytest
from argon2 import PasswordHasher, extract_parameters

from storage import passwords
from storage.passwords import MOST_AT_ONCE, ArgonPasswords


def test_a_password_is_verified_against_its_own_hash() -> None:
    argon = ArgonPasswords()
    hashed = argon.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert argon.verify(hashed, "correct horse")
    assert not argon.verify(hashed, "battery staple")


def test_where_there_is_no_hash_the_same_work_says_no() -> None:
    assert not ArgonPasswords().verify(None, "correct horse")
    stand_in = extract_parameters(passwords._NOBODY)  # noqa: SLF001  # what costs the same work
    assert stand_in == extract_parameters(PasswordHasher().hash("any"))


def test_no_password_fits_where_there_is_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    argon = ArgonPasswords()
    monkeypatch.setattr(passwords, "_NOBODY", argon.hash("correct horse"))
    assert not argon.verify(None, "correct horse")


def test_what_is_no_hash_fits_no_password() -> None:
    assert not ArgonPasswords().verify("not a hash", "correct horse")
    assert not ArgonPasswords().verify("", "correct horse")


@pytest.mark.parametrize("password", ["password1", "PASSWORD1", "1qaz2wsx3edc4rfv", "information"])
def test_what_everybody_chooses_is_known(password: str) -> None:
    assert ArgonPasswords().is_common(password)


def test_what_holds_more_than_that_is_not() -> None:
    assert not ArgonPasswords().is_common("password1 and herring")


@pytest.mark.parametrize(
    "work",
    [
        lambda: ArgonPasswords().verify(None, "correct horse"),
        lambda: ArgonPasswords().hash("correct horse"),
    ],
    ids=["verify", "hash"],
)
def test_no_more_than_a_few_are_worked_on_at_once(
    work: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = Barrier(MOST_AT_ONCE, timeout=10)
    crowd = Barrier(MOST_AT_ONCE + 1)

    class Slow:
        """A hasher that is at work until one too many is."""

        def hash(self, _password: str) -> str:
            allowed.wait()
            with pytest.raises(BrokenBarrierError):
                crowd.wait(timeout=0.2)
            return "a hash"

        def verify(self, _password_hash: str, password: str) -> bool:
            return bool(self.hash(password))

    monkeypatch.setattr(passwords, "PasswordHasher", Slow)
    with ThreadPoolExecutor(2 * MOST_AT_ONCE) as people:
        for each in [people.submit(work) for _ in range(2 * MOST_AT_ONCE)]:
            each.result()
