"""`.env.example` holds exactly the settings that the code reads, with their defaults."""

import re

from dotenv import dotenv_values

from bot.settings.settings import NAMES, Settings, settings_of
from tests.meta.tree import ROOT

EXAMPLE = ROOT / ".env.example"


def test_holds_exactly_the_settings() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(names) == sorted(NAMES)


def test_holds_the_defaults() -> None:
    given = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    assert dict(settings_of(given)) == dict(settings_of({}))


def test_shows_every_default_that_there_is() -> None:
    given = dotenv_values(EXAMPLE)
    fields = {name: Settings.model_fields[field] for name, field in NAMES.items()}
    shown = {name for name, value in given.items() if value}
    unset = {name for name, field in fields.items() if field.default in (None, ())}
    assert shown == fields.keys() - unset - {"REKEY_SECRET_KEYS"}


def test_says_something_of_each() -> None:
    paragraphs = re.split(r"\n\n+", EXAMPLE.read_text("utf-8").strip())
    assert all(paragraph.startswith("#") for paragraph in paragraphs)
