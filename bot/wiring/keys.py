"""Keys for one purpose each, made of the first of the secret keys."""

import hmac

from bot.settings.settings import Settings

SET_UP_CODE = "set-up code"
"""Keys the stored hashes of set-up codes."""
ATTEMPTS = "attempts"
"""Keys the stored hashes of user names that were typed with wrong passwords.

With a new first key those are counted anew.
"""
CSRF = "csrf"


def derive(settings: Settings, purpose: str) -> bytes:
    """Return a key of its own for one purpose, the same on every replica."""
    first = settings.secret_keys.get_secret_value()[0]
    return hmac.digest(first, f"rekey {purpose}".encode(), "sha256")
