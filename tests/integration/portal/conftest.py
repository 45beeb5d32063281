"""The Portal's pages over a real SQLite file."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Flask

from bot import portal
from tests.fakes.sqlite import a_database
from tests.integration.portal.browser import Browser
from tests.office.portal import ISSUER, House

HELP = "the help desk, +44 20 7946 0199"
Serve = Callable[..., Flask]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    database = a_database(tmp_path)
    yield House(database.unit_of_work)
    database.close()


@pytest.fixture
def serve(house: House) -> Serve:
    def serve(*, secure: bool = False, help_contact: str | None = HELP) -> Flask:
        app = Flask("tests", static_folder=None)
        settings = portal.PortalSettings(
            issuer=ISSUER,
            help_contact=help_contact,
            secure_cookies=secure,
            csrf_key=b"c" * 32,
            trusted_proxies=(ip_network("127.0.0.0/8"),),
        )
        portal.register(
            app, sign_in=house.sign_in, set_up=house.set_up, settings=settings, clock=house.clock
        )

        @app.get("/healthz")
        def health() -> str:
            return "ok"

        return app

    return serve


@pytest.fixture
def browser(serve: Serve) -> Browser:
    return Browser(serve().test_client())
