"""The commands that run Rekey hand over to the parts that do."""

import base64
import sys
from types import ModuleType

import pytest

from bot.cli.running import run
from bot.settings.settings import Settings

KEY = base64.b64encode(b"k" * 32).decode()


def test_serve_needs_slack_and_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "REKEY_SECRET_KEYS",
    ]


def test_serve_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("bot.server.serving.serve", served.append)
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-made-up")
    monkeypatch.setenv("REKEY_SECRET_KEYS", KEY)
    assert run(["serve"]) == 0
    (settings,) = served
    assert settings.socket_mode


@pytest.mark.parametrize(
    ("arguments", "story"), [(["playground"], False), (["playground", "--story"], True)]
)
@pytest.mark.parametrize("code", [0, 1])
def test_playground_plays(
    monkeypatch: pytest.MonkeyPatch, *, arguments: list[str], story: bool, code: int
) -> None:
    played: list[bool] = []

    def play(*, story: bool) -> int:
        played.append(story)
        return code

    module = ModuleType("playground.command")
    module.run = play  # type: ignore[attr-defined]  # what the command imports
    monkeypatch.setitem(sys.modules, "playground.command", module)
    assert run(arguments) == code
    assert played == [story]
