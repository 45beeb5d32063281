"""The Portal's cookies: all HttpOnly, `SameSite=Lax`, and gone with the browser's session.

Lax, not Strict, since people come by a link from Slack. Under https each is `Secure` and carries
the `__Host-` prefix, so that no neighbouring host can plant one.
"""

import secrets
from enum import StrEnum

from flask import Request
from werkzeug.wrappers import Response

_LONGEST = 128
_BROWSER_BYTES = 32


class Cookie(StrEnum):
    SESSION = "rekey_session"  # the session's token
    BROWSER = "rekey_browser"  # random; what the CSRF tokens of this browser are made from
    NOTICE = "rekey_notice"  # what to say once, by its key


class Cookies:
    """Reads and writes them under the names that fit the deployment."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def name(self, cookie: Cookie) -> str:
        """Return the name under which browsers know it."""
        return f"__Host-{cookie}" if self._secure else cookie

    def read(self, request: Request, cookie: Cookie) -> str | None:
        """Return its value; `None` for none, and for one that we never made."""
        value = request.cookies.get(self.name(cookie), "")
        return value if 0 < len(value) <= _LONGEST else None

    def write(self, response: Response, cookie: Cookie, value: str) -> None:
        """Set it for as long as the browser runs."""
        response.set_cookie(
            self.name(cookie), value, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def clear(self, response: Response, cookie: Cookie) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self.name(cookie), path="/", secure=self._secure, httponly=True, samesite="Lax"
        )


def new_browser() -> str:
    """Make a value for `Cookie.BROWSER`."""
    return secrets.token_urlsafe(_BROWSER_BYTES)
