"""Who may drive the page: the page itself. It acts as anybody, so no other web page may.

A foreign `Host` is a name that somebody has pointed at this machine (DNS rebinding); browsers say
by `Sec-Fetch-Site` and `Origin` which page a request comes from.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
"""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, abort, request

LARGEST_BODY = 256 * 1024
"""Bytes; the fullest modal's answer has less."""

_OWN = frozenset({"same-origin", "none"})
_SAFE = frozenset({"GET", "HEAD"})
_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses what is not the page's own; `port` is where the page is served."""

    def __init__(self, *, port: int) -> None:
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)

    def register(self, page: Flask) -> None:
        """Attach the checks and the headers to every request."""
        page.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
        page.before_request(self._refuse_foreign)
        page.after_request(_finish)

    def _refuse_foreign(self) -> None:
        if request.headers.get("Host", "") not in self._hosts:
            _refuse("The playground's page answers under its own address only.")
        if request.method in _SAFE and request.path == "/":
            return  # a link from anywhere may lead here: the page itself tells nothing
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site not in _OWN:
            _refuse("Only the playground's own page may ask this.")
        if request.method in _SAFE:
            return  # without CORS no other page can read the answer
        if request.headers.get("Origin") not in self._origins:
            _refuse("Only the playground's own page may do this.")


def _refuse(why: str) -> None:
    abort(HTTPStatus.FORBIDDEN, description=why)


def _finish(response: Response) -> Response:
    response.headers.update(_HEADERS)
    response.headers["Cache-Control"] = (
        "no-store" if request.path.startswith("/api/") else "no-cache"
    )
    return response
