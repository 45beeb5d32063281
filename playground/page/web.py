"""The page's addresses: its files, what a screen shows, and what people do there."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, NotFound

from playground.office import Office
from playground.page.acts import PageActs
from playground.page.catalogue import catalogue
from playground.page.given import Given, Misshapen
from playground.page.guard import Guard
from playground.page.screen import Screens
from playground.people import BY_HANDLE, SamplePerson
from playground.slack import CannotDo


def create_page(office: Office, screens: Screens, *, port: int) -> Flask:
    """Return the application, which answers at that port of the loopback interface alone.

    Whatever it refuses is answered with `error`, one sentence, and changes nothing.
    """
    page = Flask(__name__, static_folder="static", static_url_path="/static")
    Guard(port=port).register(page)
    acts = PageActs(office, screens)

    @page.get("/")
    def index() -> Response:
        return page.send_static_file("index.html")

    @page.get("/favicon.ico")
    def icon() -> Response:
        return page.send_static_file("icon.svg")

    @page.get("/api/office")
    def describe() -> Response:
        return jsonify(catalogue(office))

    @page.get("/api/screen")
    def show() -> Response:
        who = _person(request.args.get("as", ""))
        seen = request.args.get("seen")
        return jsonify(screens.now(who) if seen is None else screens.after(who, seen))

    @page.post("/api/acts/<name>")
    def act(name: str) -> Response:
        if name not in acts.names:
            raise NotFound("There is no such act.")
        given = Given(request.get_json())
        who = _person(given.text("as"))
        outcome = acts.do(name, office.person(who.handle), given)
        return jsonify({**outcome, "screen": screens.now(who)})

    @page.post("/api/suggestions")
    def suggest() -> Response:
        given = Given(request.get_json())
        who = _person(given.text("as"))
        return jsonify({"options": acts.suggest(office.person(who.handle), given)})

    _answer_refusals(page)
    return page


def _person(handle: str) -> SamplePerson:
    person = BY_HANDLE.get(handle)
    if person is None:
        raise NotFound(f"The sample people are: {', '.join(BY_HANDLE)}.")
    return person


def _answer_refusals(page: Flask) -> None:
    def misshapen(error: Misshapen) -> tuple[Response, int]:
        return _error(str(error), HTTPStatus.BAD_REQUEST)

    def cannot_do(error: CannotDo) -> tuple[Response, int]:
        return _error(f"That cannot be done: {error}.", HTTPStatus.CONFLICT)

    def http_error(error: HTTPException) -> tuple[Response, int]:
        status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
        return _error(error.description or status.phrase, status)

    handlers: dict[type[Exception], Any] = {
        Misshapen: misshapen,
        CannotDo: cannot_do,
        HTTPException: http_error,
    }
    for kind, handler in handlers.items():
        page.register_error_handler(kind, handler)


def _error(sentence: str, status: HTTPStatus) -> tuple[Response, int]:
    return jsonify({"error": sentence}), status
