"""Passwords as argon2id hashes, and those that everybody chooses."""

from functools import cache
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_NOBODY = (
    "$argon2id$v=19$m=65536,t=3,p=4$cmVrZXktbm9ib2R5LTAwMQ"
    "$2EA0LSe0ON5RIOzOG0cACqBP1bLl0kTjdk4H2gRDg6I"
)
"""A hash under the same parameters, of no password: what is verified where there is none."""

MOST_AT_ONCE = 2
"""Of 64 MiB each; further ones wait their turn, so that no rush of sign-ins fills the memory."""
_turns = Semaphore(MOST_AT_ONCE)


class ArgonPasswords:
    """The port `Passwords` by argon2-cffi's default parameters (RFC 9106, section 4).

    A process works on `MOST_AT_ONCE` passwords at once, however many of these there are.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()

    def hash(self, password: str) -> str:
        """Hash with a fresh salt; takes about 0.2 s."""
        with _turns:
            return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they match; does the same work, and is false, where there is no hash."""
        try:
            with _turns:
                matched = self._hasher.verify(password_hash or _NOBODY, password)
        except (VerificationError, InvalidHashError):
            return False
        return matched and bool(password_hash)

    def is_common(self, password: str) -> bool:
        """Whether it is among what attackers try first; the first look-up reads the lists, 0.2 s.

        Those lists hold what leaked most often, and the words and names that are used most.
        """
        return password.casefold() in _common()


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  # 15 MB, seldom of use

    return frozenset(word for words in FREQUENCY_LISTS.values() for word in words)
