"""What holds for every test: no settings from outside, no network but loopback, logs put back."""

import ipaddress
import logging
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask

from tests.fakes.database import Memory
from tests.fakes.postgresql import Databases, empty_database
from tests.fakes.templates import CompiledTemplates
from tests.postgresql import VARIABLE
from tests.secrecy import SECRETS, LogLines

_BROWSER_TESTS = Path(__file__).parent / "browser"
# In CI a missing browser is a fault: the tests are collected then, and fail.
_WITHOUT_BROWSER = shutil.which("chromium") is None and not os.environ.get("CI")
_POSTGRESQL = os.environ.get(VARIABLE)  # read before the settings are hidden from the tests
_POSTGRESQL_FIXTURES = {"postgresql_server", "postgresql_url", "empty_postgresql_url"}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave the browser's tests where they are, on a machine that has no browser."""
    return True if _WITHOUT_BROWSER and collection_path == _BROWSER_TESTS else None


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs PostgreSQL, and leave it out where there is none; in CI it fails then.

    The random acts begin: each part takes a minute, and the last one would be waited for.
    """
    items.sort(key=lambda item: not item.nodeid.startswith("tests/machine/"))
    for item in items:
        if _POSTGRESQL_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgresql")
    if _POSTGRESQL or os.environ.get("CI"):
        return
    left_out = [item for item in items if item.get_closest_marker("postgresql")]
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _WITHOUT_BROWSER:
        terminalreporter.write_line(
            "tests/browser was not run: there is no Chromium here. CI runs it.", yellow=True
        )
    if not _POSTGRESQL and not os.environ.get("CI"):
        terminalreporter.write_line(
            "What needs PostgreSQL was not run: see `make test-all`.", yellow=True
        )


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Whoever runs the tests may have settings of their own; the tests do not see them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [n for n in os.environ if n.startswith(("REKEY_", "SLACK_"))]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session", autouse=True)
def _loopback_only() -> Iterator[None]:
    """A test that would talk to another machine fails instead."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _refuse_elsewhere(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_elsewhere(self, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield


@pytest.fixture(scope="session", autouse=True)
def _templates_compiled_once() -> Iterator[None]:
    """Nearly every test makes an app of its own, and each would compile the same pages anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", CompiledTemplates())
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """The URL of a server on which a test may make databases; never in a log."""
    if not _POSTGRESQL:
        pytest.fail(f"{VARIABLE} names no server: run this by `python -m tests.postgresql`")
    return _POSTGRESQL


@pytest.fixture(scope="session")
def _postgresql_databases(postgresql_server: str) -> Iterator[Databases]:
    databases = Databases(postgresql_server)
    yield databases
    databases.close()


@pytest.fixture
def postgresql_url(_postgresql_databases: Databases) -> Iterator[str]:
    """The URL of a migrated, empty database of the test's own; its tables must stay as they are."""
    with _postgresql_databases.lay() as url:
        yield url


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a database of the test's own, without any table."""
    with empty_database(postgresql_server) as url:
        yield url


@pytest.fixture(autouse=True)
def _memory_put_back() -> Iterator[None]:
    """What a test wrote into a database in memory is gone, and the next one uses it again."""
    yield
    Memory.put_all_back()


@pytest.fixture(autouse=True)
def _logs_put_back() -> Iterator[None]:
    """A program that is run within a test sets up logging for its whole process."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.setLevel(level)
    for handler in [h for h in root.handlers if h not in handlers]:
        root.removeHandler(handler)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _no_secret_is_logged(_logs_put_back: None) -> Iterator[None]:
    """Whatever a test adds to `SECRETS` must stand in no line of its log, redacted or not."""
    SECRETS.clear()
    kept = LogLines()
    root = logging.getLogger()
    root.addHandler(kept)
    root.setLevel(logging.INFO)
    yield
    root.removeHandler(kept)
    assert SECRETS.leaks(kept.lines) == []


def _refuse_elsewhere(sock: socket.socket, address: Any) -> None:
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    host = str(address[0])
    if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
        raise AssertionError("a test reaches for another machine")
