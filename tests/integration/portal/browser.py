"""A browser without JavaScript over Flask's test client: it keeps cookies and sends forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fakes import Person

CHROME_ON_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


@dataclass
class Form:
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, str | None]] = field(default_factory=dict)


class Page(HTMLParser):
    """What a response shows: its heading, its text, its forms, the ids of its elements."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.status = response.status_code
        self.headers = response.headers
        self.html = response.get_data(as_text=True)
        self.forms: list[Form] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.h1 = ""
        self._within: list[str] = []
        self._words: list[str] = []
        self.feed(self.html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    @property
    def form(self) -> Form:
        (form,) = self.forms
        return form

    def error_at(self, name: str) -> str:
        """Return the text that the field is described by as its error."""
        attributes = self.form.attributes[name]
        assert attributes["aria-invalid"] == "true"
        error_id = f"{name}-error"
        assert error_id in (attributes["aria-describedby"] or "").split()
        start = self.html.index(f'id="{error_id}"')
        return self.html[self.html.index(">", start) + 1 : self.html.index("</p>", start)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._within.append(tag)
        if tag == "form":
            self.forms.append(Form(action=attributes.get("action") or ""))
        if tag == "input" and self.forms:
            name = attributes.get("name") or ""
            self.forms[-1].fields[name] = attributes.get("value") or ""
            self.forms[-1].attributes[name] = attributes

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        if self._within and self._within[-1] == "h1":
            self.h1 += data

    def handle_endtag(self, tag: str) -> None:
        self._within.append(f"/{tag}")


class Browser:
    """Sends what a person would, from the address `address`."""

    def __init__(self, client: FlaskClient, *, address: str = "192.0.2.7") -> None:
        self.client = client
        self.address = address
        self.page: Page

    def open(self, path: str) -> Page:
        return self._show(
            self.client.get(path, environ_overrides=self._environ(), follow_redirects=True)
        )

    def password(self, person: Person) -> Page:
        """Type that person's user name and password."""
        self.open("/portal/sign-in")
        return self.send(username=person.username, password=person.password)

    def send(self, **values: str) -> Page:
        """Fill the values into the page's only form and send it, following where that leads."""
        form = self.page.form
        assert set(values) <= set(form.fields)
        return self.post(form.action, {**form.fields, **values})

    def post(self, path: str, values: dict[str, str]) -> Page:
        return self._show(
            self.client.post(
                path, data=values, environ_overrides=self._environ(), follow_redirects=True
            )
        )

    def _environ(self) -> dict[str, str]:
        return {"REMOTE_ADDR": self.address, "HTTP_USER_AGENT": CHROME_ON_WINDOWS}

    def _show(self, response: TestResponse) -> Page:
        self.page = Page(response)
        return self.page
