"""`app_manifest.yml` asks for what the code uses, and for nothing more."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from slack_bolt import App
from slack_sdk import WebClient

from bot.blocks.ids import COMMAND, VALUE, ActionId, CallbackId, ShortcutId
from bot.cli.slack_checks import BINDING_SCOPE, NEEDED_SCOPES
from bot.wiring.slack import SlackServices
from playground.slack.app_settings import AppSettings
from tests.fakes import FakeDatabase, FixedClock
from tests.meta.tree import ROOT, parsed, python_files, walked
from tests.office.services import default_terms, ports_over

EVENTS = ("app_home_opened",)
"""What Rekey listens to besides commands, clicks and submissions."""

MANIFEST = ROOT / "app_manifest.yml"

SCOPES: dict[str, str | None] = {
    "apps.connections.open": None,
    "auth.test": None,
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "users.info": "users:read",
    "users.list": "users:read",
    "views.open": None,
    "views.publish": None,
}
"""What each Web API method needs: https://docs.slack.dev/reference/methods/."""

BEYOND_METHODS = frozenset({"commands", BINDING_SCOPE})
"""No method asks for these: having a command, and seeing the e-mail addresses in `users.list`."""


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    loaded = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@cache
def called_methods() -> set[str]:
    """Every Web API method that the program calls, by Slack's name."""
    source = inspect.getsource(WebClient)
    named = dict(re.findall(r"def (\w+)\(.*?self\.api_call\(\s*\"([\w.]+)\"", source, re.DOTALL))
    return {named[name] for name in attributes_called() if name in named}


def attributes_called() -> Iterator[str]:
    for path in python_files("bot"):
        for node in walked(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield node.func.attr


def registered() -> App:
    client = WebClient(token="xoxb-none", base_url="http://127.0.0.1:9/api/")
    app = App(client=client, signing_secret="none", token_verification_enabled=False)
    ports = ports_over(FakeDatabase().unit_of_work, clock=FixedClock())
    SlackServices(ports, default_terms(), client=client).listen(app)
    return app


def test_scopes_are_those_of_the_methods_called(manifest: dict[str, Any]) -> None:
    by_method = {SCOPES[method] for method in called_methods()}
    needed = (by_method - {None}) | BEYOND_METHODS
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == needed
    assert "user" not in manifest["oauth_config"]["scopes"]


def test_doctor_asks_for_the_same_scopes(manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == NEEDED_SCOPES | {BINDING_SCOPE}


def test_methods_are_found_in_the_code() -> None:
    assert {"chat.postMessage", "users.info", "views.open", "auth.test"} <= called_methods()


def test_commands_are_those_registered(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True
    assert list(AppSettings.from_manifest(MANIFEST).commands or ()) == [COMMAND]


def test_shortcuts_are_those_registered(manifest: dict[str, Any]) -> None:
    shortcuts = {each["callback_id"]: each for each in manifest["features"]["shortcuts"]}
    assert set(shortcuts) == set(ShortcutId)
    assert shortcuts[ShortcutId.RESET_MESSAGE]["type"] == "message"
    assert shortcuts[ShortcutId.RESET_GLOBAL]["type"] == "global"
    for each in shortcuts.values():
        assert len(each["name"]) <= 24
        assert len(each["description"]) <= 150


def test_every_id_of_a_button_or_modal_has_its_listener() -> None:
    listeners = registered()._listeners  # noqa: SLF001  # Bolt shows them nowhere else
    names = [listener.ack_function.__qualname__ for listener in listeners]
    # VALUE: a menu's options
    assert len(names) == len({COMMAND, VALUE, *ActionId, *CallbackId, *ShortcutId, *EVENTS})


def test_people_can_read_what_rekey_writes_and_click(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["messages_tab_enabled"] is True
    assert manifest["settings"]["interactivity"]["is_enabled"] is True
    assert manifest["settings"]["socket_mode_enabled"] is True


def test_the_home_tab_is_on_and_its_opening_told(manifest: dict[str, Any]) -> None:
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["settings"]["event_subscriptions"] == {"bot_events": list(EVENTS)}


def test_names_fit_slacks_limits(manifest: dict[str, Any]) -> None:
    shown, (command,) = manifest["display_information"], manifest["features"]["slash_commands"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
