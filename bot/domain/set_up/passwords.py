"""What a password has to be (SP 800-63B-4, section 3.1.1.2)."""

import unicodedata

from bot.domain.model.errors import PasswordGuessable, PasswordUnfit
from bot.domain.model.people import Contact
from bot.domain.ports.passwords import Passwords

MIN_LENGTH_ALONE = 15
"""Characters of a password that may be all that is asked for (SP 800-63B-4, 3.1.1.2)."""

MIN_LENGTH_WITH_2FA = 8
"""Characters of a password that never suffices by itself (SP 800-63B-4, 3.1.1.2)."""

MAX_LENGTH = 256
"""Well above the 64 characters that SP 800-63B-4, 3.1.1.2, wants to be possible."""

_SERVICE = "Rekey"
_MIN_WORD = 3
"""Letters of a word that a password may not consist of; of shorter ones any could."""


def least_length(contact: Contact) -> int:
    """Return how many characters the contact's password needs: fewer where 2FA is required."""
    return MIN_LENGTH_WITH_2FA if contact.two_factor_required else MIN_LENGTH_ALONE


def normalise_password(typed: str) -> str:
    """Return one spelling for what different keyboards encode differently (NFC).

    Whatever hashes or verifies a password applies it first (SP 800-63B-4, 3.1.1.2).
    """
    return unicodedata.normalize("NFC", typed)


def verify_new_password(
    new: str, contact: Contact, *, passwords: Passwords, current: str | None = None
) -> None:
    """Raise `PasswordUnfit` for a password that is too short, too long, or the `current` one.

    Length is counted in code points after normalisation; no other rule of composition. Raises
    `PasswordGuessable` where all of it is what many people choose, or their names and addresses.
    """
    password = normalise_password(new)
    if not least_length(contact) <= len(password) <= MAX_LENGTH:
        raise PasswordUnfit
    if current is not None and password == normalise_password(current):
        raise PasswordUnfit
    if passwords.is_common(password) or _tells_only_whose(password, contact):
        raise PasswordGuessable


def _tells_only_whose(password: str, contact: Contact) -> bool:
    """Whether it consists of words about the contact or of Rekey's name, and of no more letters."""
    user, _, host = contact.email.partition("@")
    about = {contact.username, contact.name, *contact.name.split(), contact.email, user, host}
    rest = letters = _letters(password)
    for word in sorted(map(_letters, {*about, _SERVICE}), key=len, reverse=True):
        if len(word) >= _MIN_WORD:
            rest = "".join(rest.split(word))
    return bool(letters) and not rest


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text.casefold()))
