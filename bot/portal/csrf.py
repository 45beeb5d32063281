"""CSRF tokens: a form is taken only from the browser, and in the session, that it was made for.

A signed double submit: the hidden field is an HMAC over the browser's own random cookie and the
session's token, so there is nothing to store, and a form made before a sign-in is void after it.
"""

import hashlib
import hmac

FIELD = "csrf_token"


def csrf_token(key: bytes, *, browser: str, session: str | None) -> str:
    """Return the hidden field's value."""
    message = f"rekey-csrf\n{browser}\n{session or ''}"
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def fits(given: str, key: bytes, *, browser: str | None, session: str | None) -> bool:
    """Whether a form came with the token that was made for this browser and session."""
    if browser is None:
        return False
    expected = csrf_token(key, browser=browser, session=session)
    return hmac.compare_digest(given.encode(), expected.encode())
