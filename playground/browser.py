"""A person's browser at the Portal: real HTTP, a cookie jar, and what a page shows."""

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import Cookie, CookieJar
from typing import Self
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Safari/605.1.15"
)
_PATIENCE = 10.0
"""Seconds for one page."""


@dataclass(kw_only=True)
class Page:
    """What a browser shows; `fields` maps each field that can be filled in to its label."""

    url: str
    status: int
    heading: str = ""
    paragraphs: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict, repr=False)
    key: str | None = field(default=None, repr=False)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def shown(self) -> str:
        """Everything a person reads, in one text."""
        return "\n".join(
            [self.heading, *self.paragraphs, *self.fields.values(), *self.errors.values()]
        )


class Browser:
    """Keeps cookies, follows redirects, sends a form's hidden fields; runs no scripts."""

    def __init__(
        self, portal_url: str, *, user_agent: str = FIREFOX, cookies: Iterable[Cookie] = ()
    ) -> None:
        self._portal_url = portal_url
        self._user_agent = user_agent
        self._cookies = CookieJar()
        for cookie in cookies:
            self._cookies.set_cookie(cookie)
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies))
        self._opener.addheaders = [("User-Agent", user_agent)]
        self.page = Page(url=portal_url, status=0)

    def copy(self) -> Self:
        """Return a browser with the same cookies and the same page, that goes its own way."""
        cookies = copy.deepcopy(list(self._cookies))
        twin = type(self)(self._portal_url, user_agent=self._user_agent, cookies=cookies)
        twin.page = copy.deepcopy(self.page)
        return twin

    def open(self, path: str) -> Page:
        """Open a page of the Portal; raises an `OSError` where nothing answers."""
        return self._load(Request(f"{self._portal_url}{path}"))  # noqa: S310  # our own, http

    def submit(self, fields: Mapping[str, str]) -> Page:
        """Fill in the form that is shown, and send it.

        Raises a `LookupError` for a field that the page does not have.
        """
        for name in fields:
            if name not in self.page.fields:
                raise LookupError(f"the page “{self.page.heading}” has no field {name}")
        data = urlencode({**self.page.hidden, **fields}).encode()
        return self._load(Request(self.page.url, data=data))  # noqa: S310  # as before

    def _load(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=_PATIENCE) as answer:
                self.page = _read(answer.url, answer.status, answer.read())
        except HTTPError as refused:
            with refused:
                self.page = _read(refused.url or request.full_url, refused.code, refused.read())
        return self.page


def _read(url: str, status: int, body: bytes) -> Page:
    page = Page(url=url, status=status)
    reader = _Reader(page)
    reader.feed(body.decode())
    reader.close()
    return page


class _Reader(HTMLParser):
    """Fills a `Page` from the Portal's own, well-formed HTML; what is folded away stays so."""

    _BLOCKS = frozenset({"h1", "h2", "p", "li", "dt", "dd", "label", "button"})
    _UNSEEN = frozenset({"head", "svg", "details", "footer", "header"})

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._text: list[str] = []
        self._block: Mapping[str, str] = {}
        self._term = ""
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in self._UNSEEN:
            self._unseen += 1
        elif tag == "input" and given.get("type") == "hidden":
            self._page.hidden[given["name"]] = given["value"]
        elif tag == "br":
            self._text.append(" ")
        elif tag in self._BLOCKS:
            self._text, self._block = [], given

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen -= 1
        elif tag in self._BLOCKS and not self._unseen:
            self._take(tag, " ".join("".join(self._text).split()))
            self._text = []

    def _take(self, tag: str, text: str) -> None:
        page, kind = self._page, self._block.get("class", "")
        name = self._block.get("for") or self._block.get("id", "").rpartition("-")[0]
        if tag == "h1":
            page.heading = text
        elif tag == "label":
            page.fields[name] = text
        elif tag == "button":
            page.buttons.append(text)
        elif tag == "dt":
            self._term = text
        elif name and kind == "error":
            page.errors[name] = text
        elif name and kind == "hint":
            page.hints[name] = text
        elif text and kind != "aside":
            if kind == "key":
                page.key = re.sub(r"\s+", "", text)
            page.paragraphs.append(_as_listed(tag, text, self._term))


def _as_listed(tag: str, text: str, term: str) -> str:
    if tag == "dd":
        return f"{term}: {text}"
    return f"• {text}" if tag == "li" else text
