"""Reading the settings: the environment wins over `.env`, and `.env` over `rekey.toml`.

What stands where nobody looks for it is a fault: a misspelt name must not pass for a default. No
fault repeats a value that was given, since it may be a secret.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote

from dotenv import dotenv_values

from bot.settings.settings import NAMES, Need, Settings, blank, setting_name, settings_of

_ENV_FILE = Path(".env")
_CONFIG = Path("rekey.toml")
_IN_TOML = {key: name for name, key in NAMES.items() if key != "config"}
_ALWAYS = re.compile("")
_SECRETS = {
    "slack_bot_token": _ALWAYS,
    "slack_signing_secret": _ALWAYS,
    "slack_app_token": _ALWAYS,
    "secret_keys": _ALWAYS,
    "metrics_token": _ALWAYS,
    "database_url": re.compile(r"://[^/@:]*:[^@]*@|\?.*password", re.IGNORECASE | re.DOTALL),
    "smtp_url": re.compile(r"://[^/?#]*@"),
}
"""What `rekey.toml` must not hold in the clear: always, or where a URL has a password."""
_FILES = {f"{key}_file": key for key in _SECRETS}
_TYPES = ("embedded",)
_KUBERNETES = re.compile(
    r"REKEY_(?:SERVICE_(?:HOST|PORT\w*)|PORT_[0-9]+_\w+)=.*|REKEY_PORT=tcp://.*", re.DOTALL
)
"""What Kubernetes sets in every container beside a service that is called `rekey`."""
_POSITION = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)$")
_DIRECTORY_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found, by name.

    A value of `rekey.toml` has a label, for its faults; a label without a value has one already.
    """

    values: dict[str, object] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    repeated: list[str] = field(default_factory=list)

    def is_first(self, name: str, place: str) -> bool:
        """Whether the setting stood nowhere before; if it did, that is noted."""
        first = self.places.setdefault(name, place)
        if first != place:
            self.repeated.append(f"{name}: stands in {first} and in {place}; {first} wins")
        return first == place


def load_settings(*needs: Need, env_file: Path | None = _ENV_FILE) -> Settings:
    """Read the settings from all three places.

    Raises a `SettingsError` that tells all faults at once, among them what `needs` misses.
    """
    found = _find(env_file)
    return settings_of(found.values, *needs, labels=found.labels, faults=found.faults)


def repeated_settings(env_file: Path | None = _ENV_FILE) -> tuple[str, ...]:
    """Return one line for each setting that stands in more than one place."""
    return tuple(_find(env_file).repeated)


def _find(env_file: Path | None) -> _Found:
    found = _Found()
    _take_variables(found, os.environ, "the environment")
    if env_file is not None:
        _take_variables(found, _read_env_file(found, env_file), env_file.name)
    asked = found.values.get("REKEY_CONFIG")
    file = Path(str(asked).strip()) if asked else _CONFIG
    config = _read_config(found, file, "REKEY_CONFIG: names a file that" if asked else f"{file}:")
    for key, value in config.items():
        _take_key(found, key, value, file)
    return found


# -- variables


def _read_env_file(found: _Found, file: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(file)
    except OSError as unreadable:
        found.faults.append(f"{file}: cannot be read: {unreadable.strerror}")
    except UnicodeDecodeError:
        found.faults.append(f"{file}: cannot be read as UTF-8 text")
    return {}


def _take_variables(found: _Found, variables: Mapping[str, str | None], place: str) -> None:
    for name, value in variables.items():
        if value is None or blank(value):
            continue
        if name in NAMES:
            if found.is_first(name, place):
                found.values[name] = value
        elif name == "REKEY_DIRECTORY":
            found.faults.append(f"{name}: is gone; write [directories.NAME] in {_CONFIG} instead")
        elif name.startswith("REKEY_") and not _KUBERNETES.fullmatch(f"{name}={value}"):
            found.faults.append(f"{_shown(name)}: {_unknown(name, NAMES)}")


# -- rekey.toml


def _read_config(found: _Found, file: Path, told_as: str) -> Mapping[str, object]:
    text = ""
    try:
        text = file.read_text("utf-8")
        return tomllib.loads(text)
    except FileNotFoundError:
        fault = "does not exist" if "REKEY_CONFIG" in found.values else ""
    except OSError as unreadable:
        fault = f"cannot be read: {unreadable.strerror}"
    except tomllib.TOMLDecodeError as error:
        lines = text.split("\n")
        position = _POSITION.search(str(error))
        line, column = position.groups() if position else (len(lines), len(lines[-1]) + 1)
        fault = f"is not TOML at line {line}, column {column}"
    except RecursionError:
        fault = "is nested too deep to be read"
    except ValueError:
        fault = "cannot be read as UTF-8 text"
    if fault:
        found.faults.append(f"{told_as} {fault}")
    return {}


def _take_key(found: _Found, key: str, value: object, file: Path) -> None:
    if key == "directories":
        _take_directories(found, value, file.name)
    elif key not in _IN_TOML and key not in _FILES:
        fault = _unknown(key, (*_IN_TOML, *_FILES, "directories"))
        found.faults.append(f"{_shown(key)} in {file.name}: {fault}")
    elif not blank(value):
        _take_setting(found, key, value, file)


def _take_setting(found: _Found, key: str, value: object, file: Path) -> None:
    label = f"{key} in {file.name}"
    fault: str | None = None
    name = _IN_TOML[_FILES.get(key, key)]
    if key in _FILES:
        value, fault = _read_secret(file.parent, value)
    elif key in _SECRETS and _SECRETS[key].search(unquote(str(value))):
        fault = f"holds a secret; set {name} in the environment, or {key}_file to a file's path"
    if name in found.labels:
        fault = f"stands beside {found.labels[name]}; keep one of them"
    if fault:
        found.faults.append(f"{label}: {fault}")
    if found.is_first(name, file.name):
        found.labels[name] = label
        if not fault:
            found.values[name] = str(value) if type(value) is int else value


def _read_secret(folder: Path, path: object) -> tuple[str, str | None]:
    """Return what the file holds, without its last newline, and what is wrong with it."""
    if not isinstance(path, str):
        return "", "must be the path of a file"
    fault = None
    try:
        text = (folder / path).read_text("utf-8").removesuffix("\n")
    except OSError as unreadable:
        text, fault = "", f"names a file that cannot be read: {unreadable.strerror}"
    except ValueError:
        text, fault = "", "names a file that is no UTF-8 text"
    if not fault and blank(text):
        fault = "names a file that is empty"
    return text, fault


def _take_directories(found: _Found, tables: object, file: str) -> None:
    faults = list(_directory_faults(tables, file))
    found.faults.extend(faults)
    if isinstance(tables, dict) and not faults:
        types = {name: table["type"] for name, table in tables.items()}
        found.values[setting_name("directories")] = types


def _directory_faults(tables: object, file: str) -> Iterator[str]:
    if not isinstance(tables, dict) or not tables:
        yield f"directories in {file}: must be one or more tables, [directories.NAME]"
        return
    for name, table in tables.items():
        if not _DIRECTORY_NAME.fullmatch(name):
            yield f"directories in {file}: a name must be 1 to 40 letters, digits, - and _"
        elif not isinstance(table, dict):
            yield f"directories.{name} in {file}: must be a table, [directories.{name}]"
        else:
            for key, fault in _table_faults(table):
                yield f"directories.{name}.{_shown(key)} in {file}: {fault}"
    if len(tables) > 1:
        yield f"directories in {file}: only one can be of type embedded"


def _table_faults(table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for key in table:
        if key != "type":
            yield key, _unknown(key, ["type"])
    if "type" not in table:
        yield "type", "is missing"
    elif (kind := table["type"]) not in _TYPES:
        yield "type", f"is not known; the nearest is {_nearest(str(kind), _TYPES)}"


def _shown(name: str) -> str:
    """Return the name on one line, whatever characters somebody gave it."""
    return name if name.isprintable() else ascii(name)


def _unknown(name: str, known: Iterable[str]) -> str:
    return f"is not a setting; the nearest is {_nearest(name, known)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    return get_close_matches(name, list(known), n=1, cutoff=0)[0]
