"""A browser at the Portal, over the pages themselves."""

import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import partial
from http.cookiejar import CookieJar
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    BaseHandler,
    HTTPCookieProcessor,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)
from urllib.response import addinfourl

from flask import Flask

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
    """A browser at the Portal: keeps cookies, follows redirects, sends the CSRF field.

    Over real HTTP; or, where there is an `app`, straight from it, as somebody at `address`.
    """

    def __init__(
        self,
        url: str = "http://localhost",
        *,
        headers: Mapping[str, str] | None = None,
        trust: ssl.SSLContext | None = None,
        app: Callable[[], Flask] | None = None,
        address: str = "192.0.2.7",
    ) -> None:
        self.urls: list[tuple[str, str]] = []
        self._url = url
        self._headers = dict(headers or {})
        self.cookies = CookieJar()
        self._opener = build_opener(
            ProxyHandler({}),
            HTTPCookieProcessor(self.cookies),
            HTTPSHandler(context=trust) if app is None else _Within(app, address, self.urls),
        )

    def find(self, url: str) -> None:
        """Go on at another address."""
        self._url = url

    def open(self, path: str) -> Page:
        return self._page(Request(self._url + path, headers=self._headers))  # noqa: S310  # http

    def post(self, path: str, body: str) -> Page:
        """Send a body as it is."""
        return self._page(Request(self._url + path, body.encode(), self._headers))  # noqa: S310  # http

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
        return partial(self.post, path, urlencode({**fields, **token}))

    def password(self, person: Person) -> Page:
        fields = {"username": person.username, "password": person.password}
        return self.submit("/portal/sign-in", fields)

    def code(self, code: str) -> Page:
        return self.submit("/portal/sign-in", {"code": code})

    def set_up_code(self, code: str) -> Page:
        return self.submit("/portal/set-up", {"set_up_code": code})

    def first_code(self, code: str) -> Page:
        return self.submit("/portal/set-up", {"code": code})

    def _page(self, request: Request) -> Page:
        """Return what is shown in the end."""
        try:
            response: Any = self._opener.open(request, timeout=30)
        except HTTPError as error:
            response = error
        with response:
            text = response.read().decode()
        SECRETS.add(SESSION, *[cookie.value for cookie in self.cookies])
        page = Page(path=urlsplit(response.url).path, status=response.status, text=text)
        if page.heading == "Configure your two-factor authentication":
            SECRETS.add(SHARED_SECRET, page.key)
        return page


class _Within(BaseHandler):
    """Has the application answer without a server, and remembers every address on the way."""

    handler_order = 100  # before the one that would connect

    def __init__(self, app: Callable[[], Flask], address: str, urls: list[tuple[str, str]]) -> None:
        self._app = app
        self._environ = {"REMOTE_ADDR": address}
        self._urls = urls

    def http_open(self, request: Request) -> addinfourl:
        self._urls.append(("an address at the Portal", request.full_url))
        answer = (
            self._app()
            .test_client(use_cookies=False)
            .open(
                request.full_url,
                method=request.get_method(),
                headers=request.header_items(),
                data=request.data,
                environ_overrides=self._environ,
            )
        )
        headers = Message()
        for name, value in answer.headers:
            headers[name] = value
        body = BytesIO(answer.get_data())
        response = addinfourl(body, headers, request.full_url, answer.status_code)
        response.msg = answer.status  # type: ignore[attr-defined]  # asked for by urllib itself
        return response


def _text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
