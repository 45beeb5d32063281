"""What no log, record, message, file or address may hold: kept here, and looked for everywhere.

Whoever makes or types a secret in a test adds it; `tests/conftest.py` looks for all of them in the
log of every test, and the scenarios look in whatever else their program left behind.
"""

import copy
import json
import logging
import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from bot.logs.logging import line_formatter

CODE, SET_UP_CODE, SHARED_SECRET = "a code", "a set-up code", "a shared secret"
PASSWORD, TOKEN, KEY = "a password", "a token", "a key"
SESSION, BODY, RESPONSE_URL, TRIGGER = "a session", "a body", "a response_url", "a trigger"
SIGNING_SECRET = "a signing secret"

_SHORTEST = 8  # shorter words that were typed as passwords stand in any text
_SIX_DIGITS = re.compile(r"(?<![0-9A-Za-z])(?<![0-9]\.)[0-9]{3} ?[0-9]{3}(?![0-9A-Za-z])")
_SET_UP_CODE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
_PLAIN, _WRITTEN = logging.Formatter(), line_formatter(as_json=True)
_OURS = ("bot", "storage", "playground")


class Secrets:
    """Every secret of one test; says what kind was found, and never which."""

    def __init__(self) -> None:
        self._codes: set[str] = set()
        self._others: dict[str, str] = {}

    @property
    def kinds(self) -> set[str]:
        """Which kinds have been added."""
        return {*self._others.values(), *([CODE] if self._codes else [])}

    def clear(self) -> None:
        self._codes.clear()
        self._others.clear()

    def add(self, kind: str, *values: str | None) -> None:
        """Remember secrets; a code is taken only if it is one, and what is too short not at all."""
        for value in values:
            if kind == CODE:
                digits = re.sub(r"\s", "", value or "")
                if re.fullmatch(r"[0-9]{6}", digits):
                    self._codes.add(digits)
            elif value is not None and len(value) >= _SHORTEST:
                self._others[value] = kind

    def add_set_up_codes(self, text: str) -> set[str]:
        """Remember every set-up code that can be read in `text`, and return them."""
        codes = set(_SET_UP_CODE.findall(text))
        for code in codes:
            self.add(SET_UP_CODE, code, code.replace("-", ""))
        return codes

    def add_request(self, body: bytes) -> None:
        """Remember what Slack sends: the body, and what in it proves or leads somewhere."""
        text = body.decode(errors="replace")
        form = {name: values[0] for name, values in parse_qs(text).items()}
        payload = _json_object(form.get("payload", "{}"))
        self.add(BODY, text, form.get("payload"))
        for part in (form, payload):
            self.add(RESPONSE_URL, _text(part.get("response_url")))
            self.add(TRIGGER, _text(part.get("trigger_id")))
        for typed in re.findall(
            r'"code": \{"value": \{[^{}]*"value": "([^"]*)"', json.dumps(payload)
        ):
            self.add(CODE, typed)

    def found_in(self, text: str, *, codes: bool = True) -> set[str]:
        """Return the kinds of secret that stand in `text`."""
        found = {kind for value, kind in self._others.items() if value in text}
        if codes and any(m.replace(" ", "") in self._codes for m in _SIX_DIGITS.findall(text)):
            found.add(CODE)
        return found

    def leaks(
        self, places: Iterable[tuple[str, str]], *, but: Collection[str] = (), codes: bool = True
    ) -> list[str]:
        """Return a line for each place, named first, whose text holds a secret."""
        return [
            f"{place} holds {', '.join(sorted(found))}"
            for place, text in places
            if (found := self.found_in(text, codes=codes) - set(but))
        ]


SECRETS = Secrets()
"""Those of the test that runs."""


class LogLines(logging.Handler):
    """Keeps what is logged: our own lines before anything in them is redacted, others' after."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        ours = record.name.partition(".")[0] in _OURS
        if ours or record.levelno >= logging.INFO:
            line = (_PLAIN if ours else _WRITTEN).format(copy.copy(record))
            self.lines.append((f"the log of {record.name}:{record.lineno}", line))


def rows_of(database: Path) -> Iterator[tuple[str, str]]:
    """Yield every row of an SQLite file as text."""
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608  # our tables
                yield f"a row of {table}", " | ".join(_cell(value) for value in row)


def bytes_of(database: Path) -> Iterator[tuple[str, str]]:
    """Yield the files of an SQLite database whole, with whatever was deleted in them."""
    for path in sorted(database.parent.glob(f"{database.name}*")):
        yield f"the file {path.name}", path.read_bytes().decode("latin-1")


def leaks_of_database(database: Path) -> list[str]:
    """Return where an SQLite database holds a secret in clear."""
    return SECRETS.leaks(rows_of(database)) + SECRETS.leaks(bytes_of(database), codes=False)


def _cell(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
