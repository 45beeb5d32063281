"""The Portal's pages: each translates a form into one call of a service, and back."""

from http import HTTPStatus

from flask import Blueprint, Flask, request
from werkzeug.wrappers import Response

from bot.domain.model.errors import (
    CodeRefused,
    NoAuthenticator,
    PasswordGuessable,
    PasswordUnfit,
    SessionGone,
    SetUpCodeMalformed,
    SetUpCodeThrottled,
    SetUpCodeWrong,
    SignInFailed,
    SignInSuspended,
    SignInThrottled,
)
from bot.domain.model.people import SessionStage
from bot.domain.ports.clock import Clock
from bot.domain.set_up.enrolment import SetUpService
from bot.domain.set_up.passwords import least_length
from bot.domain.set_up.sessions import Visitor, signed_in_until
from bot.domain.set_up.sign_in import SignInService
from bot.portal.qr import qr_svg
from bot.portal.settings import PortalSettings
from bot.portal.texts import (
    REPEATED_WRONGLY,
    SAY_CLOCK_AFTER,
    FormError,
    form_error,
    password_error,
    suspension_text,
)
from bot.portal.visitors import client_address, describe_browser
from bot.portal.web import PREFIX, Web

_PLACES = {
    SessionStage.AWAITING_CODE: "sign_in",
    SessionStage.AWAITING_SET_UP_CODE: "set_up",
    SessionStage.SETTING_UP: "set_up",
    SessionStage.SIGNED_IN: "home",
}
"""The one page that a session reaches at each stage."""


class Pages:
    """The views; `web` draws what they return."""

    def __init__(
        self, *, sign_in: SignInService, set_up: SetUpService, settings: PortalSettings, web: Web
    ) -> None:
        self._sign_in = sign_in
        self._set_up = set_up
        self._settings = settings
        self._web = web

    def blueprint(self) -> Blueprint:
        """Return the pages under `/portal`, with their static files."""
        portal = Blueprint(
            "portal",
            __name__,
            url_prefix=PREFIX,
            template_folder="templates",
            static_folder="static",
        )
        portal.before_request(self._web.refuse_forgery)
        portal.before_request(self._web.admit)
        portal.teardown_request(self._web.leave)
        portal.register_error_handler(SessionGone, self._session_gone)
        portal.get("/", endpoint="home")(self.home)
        portal.get("/sign-in", endpoint="sign_in")(self.show_sign_in)
        portal.post("/sign-in", endpoint="do_sign_in")(self.do_sign_in)
        portal.get("/set-up", endpoint="set_up")(self.show_set_up)
        portal.post("/set-up", endpoint="do_set_up")(self.do_set_up)
        portal.get("/password", endpoint="password")(self.show_password)
        portal.post("/password", endpoint="do_password")(self.do_password)
        portal.get("/sign-out", endpoint="sign_out")(self.show_sign_out)
        portal.post("/sign-out", endpoint="do_sign_out")(self.do_sign_out)
        return portal

    def home(self) -> Response:
        """Show whom this browser is signed in as."""
        visitor = self._visitor()
        if visitor.session.stage is not SessionStage.SIGNED_IN:
            return self._web.go(_PLACES[visitor.session.stage])
        if visitor.contact.password_must_change:
            return self._web.go("password")
        until = signed_in_until(visitor.session)
        return self._web.draw("home.html", visitor=visitor, until=until)

    def show_sign_in(self) -> Response:
        """Ask for user name and password, or, once they were right, for the code."""
        try:
            visitor = self._visitor()
        except SessionGone:
            return self._ask_password()
        if visitor.session.stage is SessionStage.AWAITING_CODE:
            return self._ask_code()
        return self._web.go(_PLACES[visitor.session.stage])

    def do_sign_in(self) -> Response:
        """Take user name and password, or the code."""
        if "code" in request.form:
            return self._take_code(request.form["code"])
        try:
            signed = self._sign_in.begin(
                request.form.get("username", ""),
                request.form.get("password", ""),
                browser=describe_browser(request.user_agent.string),
                address=client_address(request.environ, self._settings.trusted_proxies),
            )
        except (SignInFailed, SignInThrottled) as refusal:
            return self._ask_password(form_error(refusal))
        except SignInSuspended as refusal:
            said = suspension_text(refusal.cause)
            return self._web.draw("suspended.html", status=HTTPStatus.FORBIDDEN, said=said)
        before = self._web.token()
        if before is not None:
            self._sign_in.sign_out(before)
        return self._web.go(_PLACES[signed.session.stage], signed=signed)

    def show_set_up(self) -> Response:
        """Ask for the set-up code, then show the shared secret and ask for its first code."""
        return self._show_set_up(None)

    def do_set_up(self) -> Response:
        """Take the set-up code, or the first code."""
        token = self._token()
        try:
            if "set_up_code" in request.form:
                signed = self._set_up.accept_code(token, request.form["set_up_code"])
                return self._web.go("set_up", signed=signed)
            signed = self._set_up.bind(token, request.form.get("code", ""))
        except (CodeRefused, SetUpCodeMalformed, SetUpCodeWrong, SetUpCodeThrottled) as refusal:
            return self._show_set_up(form_error(refusal))
        return self._web.go("home", signed=signed, notice="set_up")

    def show_password(self) -> Response:
        """Ask for the current and a new password."""
        return self._ask_new_password(self._signed_in(), None)

    def do_password(self) -> Response:
        """Change the password."""
        visitor, new = self._signed_in(), request.form.get("new_password", "")
        if new != request.form.get("new_password_again", ""):
            return self._ask_new_password(visitor, REPEATED_WRONGLY)
        current = request.form.get("current_password", "")
        try:
            signed = self._sign_in.change_password(self._token(), current, new)
        except (PasswordUnfit, PasswordGuessable, SignInFailed, SignInThrottled) as refusal:
            return self._ask_new_password(visitor, password_error(refusal, visitor))
        return self._web.go("home", signed=signed, notice="password")

    def show_sign_out(self) -> Response:
        """Ask whether to end the session, at whatever stage."""
        return self._web.draw("sign_out.html", visitor=self._visitor())

    def do_sign_out(self) -> Response:
        """End the session."""
        token = self._web.token()
        if token is not None:
            self._sign_in.sign_out(token)
        return self._web.forget(self._web.go("sign_in", notice="signed_out"))

    def _token(self) -> str:
        token = self._web.token()
        if token is None:
            raise SessionGone
        return token

    def _visitor(self) -> Visitor:
        return self._sign_in.session_of(self._token())

    def _signed_in(self) -> Visitor:
        visitor = self._visitor()
        if visitor.session.stage is not SessionStage.SIGNED_IN:
            raise SessionGone
        return visitor

    def _session_gone(self, _: SessionGone) -> Response:
        return self._web.go("sign_in")

    def _take_code(self, code: str) -> Response:
        try:
            signed = self._sign_in.verify_code(self._token(), code)
        except (CodeRefused, NoAuthenticator) as refusal:
            return self._ask_code(form_error(refusal))
        return self._web.go("home", signed=signed)

    def _ask_password(self, error: FormError | None = None) -> Response:
        return self._web.draw(
            "sign_in.html",
            error=error,
            notice=None if error else self._why_it_ended(),
            username=request.form.get("username", ""),
        )

    def _why_it_ended(self) -> str | None:
        """Return the notice's key to whoever comes with a session that holds no more."""
        token = self._web.token()
        if token is None:
            return None
        return "unused" if self._sign_in.was_left_unused(token) else "ended"

    def _ask_code(self, error: FormError | None = None) -> Response:
        return self._web.draw("code.html", error=error)

    def _show_set_up(self, error: FormError | None) -> Response:
        visitor = self._visitor()
        stage = visitor.session.stage
        if stage is SessionStage.AWAITING_SET_UP_CODE:
            return self._web.draw(
                "waiting.html",
                error=error,
                session=visitor.session,
                has_slack=visitor.contact.slack is not None,
            )
        if stage is not SessionStage.SETTING_UP:
            return self._web.go(_PLACES[stage])
        form = self._set_up.form(self._token())
        return self._web.draw(
            "set_up.html",
            error=error,
            form=form,
            qr=qr_svg(form.otpauth_uri),
            say_clock=form.wrong_codes >= SAY_CLOCK_AFTER,
        )

    def _ask_new_password(self, visitor: Visitor, error: FormError | None) -> Response:
        return self._web.draw(
            "password.html",
            error=error,
            contact=visitor.contact,
            least_length=least_length(visitor.contact),
        )


def register(
    app: Flask,
    *,
    sign_in: SignInService,
    set_up: SetUpService,
    settings: PortalSettings,
    clock: Clock,
) -> None:
    """Attach the whole Portal to `app`; what lies outside `/portal` is left as it is."""
    web = Web(settings, clock)
    web.register(app)
    pages = Pages(sign_in=sign_in, set_up=set_up, settings=settings, web=web)
    app.register_blueprint(pages.blueprint())
