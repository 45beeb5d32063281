"""What every page of the Portal shares: cookies, CSRF tokens, headers, drawing, error pages."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from threading import BoundedSemaphore

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from bot.domain.model.errors import Fault
from bot.domain.ports.clock import Clock
from bot.domain.set_up.sessions import SignedSession
from bot.portal import csrf
from bot.portal.cookies import Cookie, Cookies, new_browser
from bot.portal.settings import PortalSettings
from bot.portal.texts import (
    FORM_TOO_OLD,
    NOTICES,
    TOO_MANY_FORMS,
    FormError,
    Problem,
    minute,
    problem_of,
)

PREFIX = "/portal"
LARGEST_BODY = 16 * 1024
"""Bytes; the longest form, with two passwords, has less than a quarter of it."""
FORMS_AT_ONCE = 4
"""Half of the server's threads: however many people sign in, Slack and health find another one."""
_TRY_AGAIN_AFTER = "5"
"""Seconds, in which those that are at work have ended."""

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SAFE = ("GET", "HEAD", "OPTIONS")
_HSTS = "max-age=31536000"


class Web:
    """Draws pages and keeps a browser's cookies; one for the whole Portal."""

    def __init__(self, settings: PortalSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self.cookies = Cookies(secure=settings.secure_cookies)
        self._places = BoundedSemaphore(FORMS_AT_ONCE)

    def token(self) -> str | None:
        """Return the session's token that the browser sent, if any."""
        return self.cookies.read(request, Cookie.SESSION)

    def draw(
        self,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        error: FormError | None = None,
        notice: str | None = None,
        **values: object,
    ) -> Response:
        """Return a page with a CSRF token for its form, and the error at its field."""
        kept = self.cookies.read(request, Cookie.BROWSER)
        browser = kept or new_browser()
        said = self.cookies.read(request, Cookie.NOTICE)
        page = render_template(
            f"portal/{template}",
            issuer=self._settings.issuer,
            help_contact=self._settings.help_contact,
            csrf_field=csrf.FIELD,
            csrf_token=csrf.csrf_token(
                self._settings.csrf_key, browser=browser, session=self.token()
            ),
            error=error,
            notice=NOTICES.get(notice or said or ""),
            minute=partial(minute, now=self._clock.now()),
            **values,
        )
        response = make_response(page, error.status if error else status)
        if kept is None:
            self.cookies.write(response, Cookie.BROWSER, browser)
        if said is not None:
            self.cookies.clear(response, Cookie.NOTICE)
        return response

    def go(
        self, endpoint: str, *, signed: SignedSession | None = None, notice: str | None = None
    ) -> BaseResponse:
        """Send the browser on to a page, with the session's new token if it has one."""
        response = redirect(url_for(f"portal.{endpoint}"), HTTPStatus.SEE_OTHER)
        if signed is not None:
            self.cookies.write(response, Cookie.SESSION, signed.token)
        if notice is not None:
            self.cookies.write(response, Cookie.NOTICE, notice)
        return response

    def forget(self, response: BaseResponse) -> BaseResponse:
        """Have the browser forget its session."""
        self.cookies.clear(response, Cookie.SESSION)
        return response

    def problem(self, status: int, words: Problem | None = None) -> Response:
        """Return a page that says what went wrong, and nothing about the inside."""
        said = words or problem_of(status)
        return self.draw("problem.html", status=HTTPStatus(status), problem=said)

    def refuse_forgery(self) -> Response | None:
        """Answer a form that was not made for this browser and session; `None` for one that was."""
        if request.method in _SAFE:
            return None
        given = request.form.get(csrf.FIELD, "")
        browser = self.cookies.read(request, Cookie.BROWSER)
        key, session = self._settings.csrf_key, self.token()
        if csrf.fits(given, key, browser=browser, session=session):
            return None
        return self.problem(HTTPStatus.BAD_REQUEST, FORM_TOO_OLD)

    def admit(self) -> Response | None:
        """Turn a form away at once where as many as may be are at work; else it takes a place."""
        if request.method in _SAFE:
            return None
        g.has_place = self._places.acquire(blocking=False)
        if g.has_place:
            return None
        page = self.problem(HTTPStatus.SERVICE_UNAVAILABLE, TOO_MANY_FORMS)
        page.headers["Retry-After"] = _TRY_AGAIN_AFTER
        return page

    def leave(self, _error: BaseException | None) -> None:
        """Give the form's place back, whatever came of it."""
        if g.pop("has_place", False):
            self._places.release()

    def register(self, app: Flask) -> None:
        """Attach limits, headers and error pages; requests outside the Portal see none of them."""
        app.before_request(self._limit)
        app.after_request(self._finish)
        app.register_error_handler(HTTPException, self._http_error)
        app.register_error_handler(Fault, self._fault)

    def _limit(self) -> None:
        if _is_ours():
            request.max_content_length = LARGEST_BODY

    def _finish(self, response: Response) -> Response:
        if not _is_ours():
            return response
        for name, value in _HEADERS.items():
            response.headers[name] = value
        if request.endpoint != "portal.static":
            response.headers["Cache-Control"] = "no-store"
        if self._settings.secure_cookies:
            response.headers["Strict-Transport-Security"] = _HSTS
        return response

    def _http_error(self, error: HTTPException) -> BaseResponse | HTTPException:
        if not _is_ours() or error.code is None:
            return error
        page = self.problem(error.code)
        for name, value in error.get_headers(request.environ):
            if name == "Allow":
                page.headers[name] = value
        return page

    def _fault(self, fault: Fault) -> Response:
        if not _is_ours():
            raise fault
        return self.problem(HTTPStatus.SERVICE_UNAVAILABLE)


def _is_ours() -> bool:
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
