"""What a password has to be (SP 800-63B-4, section 3.1.1.2)."""

import unicodedata

from bot.domain.errors import PasswordUnfit
from bot.domain.model import Contact

MIN_LENGTH_ALONE = 15
"""Characters of a password that may be all that is asked for (SP 800-63B-4, 3.1.1.2)."""

MIN_LENGTH_WITH_2FA = 8
"""Characters of a password that never suffices by itself (SP 800-63B-4, 3.1.1.2)."""

MAX_LENGTH = 256
"""Well above the 64 characters that SP 800-63B-4, 3.1.1.2, wants to be possible."""


def least_length(contact: Contact) -> int:
    """Return how many characters the contact's password needs: fewer where 2FA is required."""
    return MIN_LENGTH_WITH_2FA if contact.two_factor_required else MIN_LENGTH_ALONE


def normalise_password(typed: str) -> str:
    """Return one spelling for what different keyboards encode differently (NFC).

    Whatever hashes or verifies a password applies it first (SP 800-63B-4, 3.1.1.2).
    """
    return unicodedata.normalize("NFC", typed)


def verify_new_password(new: str, contact: Contact, *, current: str | None = None) -> None:
    """Raise `PasswordUnfit` for a password that is too short, too long, or the `current` one.

    Length is counted in code points after normalisation; no other rule of composition.
    """
    password = normalise_password(new)
    if not least_length(contact) <= len(password) <= MAX_LENGTH:
        raise PasswordUnfit
    if current is not None and password == normalise_password(current):
        raise PasswordUnfit
