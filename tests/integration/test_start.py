"""What a start loads, and what it leaves for whoever needs it."""

import base64
import subprocess
import sys

import pytest

_BUILD = """
import os, sys
from bot.server.loading import loading
with loading():
    from bot.server.program import build
    from bot.server.serving import Server
    from bot.settings.settings import settings_of
Server(build(settings_of(dict(os.environ))))
print(" ".join(sys.modules))
"""
_EXPECTING = """
import os, sys, threading
from storage.database import Database
with Database(os.environ["REKEY_DATABASE_URL"], secret_keys=[bytes(32)]).unit_of_work() as uow:
    print("cryptography" in sys.modules)
    uow.authenticators.active_of("con_1")
for thread in threading.enumerate():
    if isinstance(thread, threading.Timer):
        thread.join(20)
print("cryptography.hazmat.primitives.ciphers.aead" in sys.modules)
"""
_LOADING = """
import gc
from bot.server.loading import loading
with loading():
    print(gc.isenabled())
    import bot.wiring.services
print(gc.isenabled(), gc.get_freeze_count() > 10_000)
"""


def _printed(code: str, **environment: str) -> list[str]:
    ended = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ended.stdout.split()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a program whose database was migrated."""
    environment = {
        "SLACK_BOT_TOKEN": "xoxb-start",
        "SLACK_SIGNING_SECRET": "0123456789abcdef",
        "REKEY_SECRET_KEYS": base64.b64encode(bytes(32)).decode(),
        "REKEY_DATABASE_URL": f"sqlite:///{tmp_path_factory.mktemp('start')}/rekey.db",
        "REKEY_LISTEN": "127.0.0.1:0",
    }
    _printed(_BUILD, **environment)
    return environment


@pytest.fixture(scope="module")
def loaded(settings: dict[str, str]) -> frozenset[str]:
    """The modules that are there once the program is built."""
    return frozenset(_printed(_BUILD, **settings))


@pytest.mark.parametrize(
    "module",
    [
        "alembic",  # the database is migrated already
        "cryptography",  # no secret is read or written
        "psycopg",  # it is SQLite
        "rich",  # a log draws no tracebacks
        "segno",  # nobody sets 2FA up
        "slack_bolt.adapter.socket_mode",  # Slack reaches it by HTTP
        "sqlalchemy.dialects.postgresql",
    ],
)
def test_a_start_loads_nothing_that_it_has_no_use_for(loaded: frozenset[str], module: str) -> None:
    assert "bot.server.program" in loaded
    assert module not in loaded


def test_ciphers_are_loaded_as_soon_as_somebody_s_authenticator_was_looked_at(
    settings: dict[str, str],
) -> None:
    assert _printed(_EXPECTING, **settings) == ["False", "True"]


def test_no_garbage_is_looked_for_while_much_is_loaded() -> None:
    assert _printed(_LOADING) == ["False", "True", "True"]
