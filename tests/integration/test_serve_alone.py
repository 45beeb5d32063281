"""A second `rekey serve` on one SQLite file is refused; commands are not."""

import json
from pathlib import Path

import pytest

from tests.integration.process import Machine, Served, new_key
from tests.secrecy import SECRETS, SIGNING_SECRET, TOKEN


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    settings = {
        "REKEY_DATABASE_URL": f"sqlite:///{tmp_path}/rekey.db",
        "REKEY_SECRET_KEYS": new_key(),
        "REKEY_LISTEN": "127.0.0.1:0",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "SLACK_BOT_TOKEN": "xoxb-made-up-for-this-test",
        "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    }
    SECRETS.add(TOKEN, settings["SLACK_BOT_TOKEN"])
    SECRETS.add(SIGNING_SECRET, settings["SLACK_SIGNING_SECRET"])
    return Machine(tmp_path, settings)


def test_the_second_serve_is_refused_in_one_sentence_and_commands_run(machine: Machine) -> None:
    with Served(machine):
        second = machine.rekey("serve")
        assert second.returncode == 1
        assert second.stderr.count("\n") == 1
        assert "serves from" in second.stderr
        assert machine.done("db", "upgrade")
        assert json.loads(machine.done("status", "--json")) == {"cases": []}
    with Served(machine) as again:
        assert again.port
