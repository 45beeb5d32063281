"""A browser at the Portal, over the pages themselves."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fakes import Person
from tests.secrecy import (
    CODE,
    PASSWORD,
    SECRETS,
    SESSION,
    SHARED_SECRET,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a browser shows: its address, status and text."""

    path: str
    status: int
    text: str

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.DOTALL)
        return re.sub(r"<[^>]+>", "", found[1]).strip() if found else ""

    @property
    def words(self) -> str:
        """Everything that can be read on it."""
        return _text_of(self.text)

    @property
    def error(self) -> str:
        """What is written under a field."""
        found = re.search(r'class="error"[^>]*>(.*?)</p>', self.text, re.DOTALL)
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip() if found else ""

    @property
    def key(self) -> str:
        """The shared secret, as somebody types it who cannot scan the QR code."""
        (groups,) = re.findall(r"((?:[A-Z2-7]{4}\s+){7}[A-Z2-7]{4})", _text_of(self.text))
        return re.sub(r"\s+", "", groups)


class Browser:
    """A browser at the Portal: keeps cookies, follows redirects, sends the CSRF field."""

    def __init__(self, client: FlaskClient, *, address: str = "192.0.2.7") -> None:
        self.urls: list[tuple[str, str]] = []
        self._client = client
        self._environ = {"REMOTE_ADDR": address}

    def open(self, path: str) -> Page:
        return self._page(
            self._client.get(path, follow_redirects=True, environ_overrides=self._environ)
        )

    def submit(self, path: str, fields: Mapping[str, str]) -> Page:
        """Fill in the form at `path` and send it."""
        return self.fill(path, fields)()

    def fill(self, path: str, fields: Mapping[str, str]) -> Callable[[], Page]:
        """Fill in the form at `path` now, to be sent by calling what is returned."""
        form = self.open(path)
        found = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
        token = {"csrf_token": found[1]} if found else {}
        SECRETS.add(CODE, fields.get("code"))
        SECRETS.add_set_up_codes(fields.get("set_up_code", ""))
        SECRETS.add(PASSWORD, *[fields[name] for name in fields if "password" in name])
        SECRETS.add(SESSION, *token.values())

        def send() -> Page:
            return self._page(
                self._client.post(
                    path,
                    data={**fields, **token},
                    follow_redirects=True,
                    environ_overrides=self._environ,
                )
            )

        return send

    def password(self, person: Person) -> Page:
        fields = {"username": person.username, "password": person.password}
        return self.submit("/portal/sign-in", fields)

    def code(self, code: str) -> Page:
        return self.submit("/portal/sign-in", {"code": code})

    def set_up_code(self, code: str) -> Page:
        return self.submit("/portal/set-up", {"set_up_code": code})

    def first_code(self, code: str) -> Page:
        return self.submit("/portal/set-up", {"code": code})

    def _page(self, response: TestResponse) -> Page:
        """Return what is shown in the end; every address on the way there is remembered."""
        for step in (*response.history, response):
            self.urls.append(("an address at the Portal", step.request.url))
        for name in ("rekey_session", "rekey_browser"):
            cookie = self._client.get_cookie(name)
            SECRETS.add(SESSION, cookie.value if cookie else None)
        page = Page(
            path=response.request.path,
            status=response.status_code,
            text=response.get_data(as_text=True),
        )
        if page.heading == "Configure your two-factor authentication":
            SECRETS.add(SHARED_SECRET, page.key)
        return page


def _text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
