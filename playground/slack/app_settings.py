"""What the app is allowed and configured to do, as its manifest says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import yaml

DEFAULT_SCOPES = frozenset({"chat:write", "commands", "im:write", "users:read", "users:read.email"})


@dataclass(frozen=True, kw_only=True)
class AppSettings:
    """The granted scopes, and what people can start; None means: whatever a test likes.

    `commands` says of each whether its mentions are escaped (`should_escape`).
    """

    scopes: frozenset[str] = DEFAULT_SCOPES
    commands: Mapping[str, bool] | None = None
    shortcuts: frozenset[str] | None = None
    events: frozenset[str] | None = None
    home_tab: bool = True
    messages_tab: bool = True
    interactivity: bool = True

    @classmethod
    def from_manifest(cls, path: Path) -> Self:
        """Read an `app_manifest.yml`; KeyError if it grants no bot scopes."""
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
        features = manifest.get("features", {})
        settings = manifest.get("settings", {})
        home = features.get("app_home", {})
        return cls(
            scopes=frozenset(manifest["oauth_config"]["scopes"]["bot"]),
            commands={
                command["command"]: bool(command.get("should_escape", False))
                for command in features.get("slash_commands", [])
            },
            shortcuts=frozenset(
                shortcut["callback_id"] for shortcut in features.get("shortcuts", [])
            ),
            events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
            home_tab=bool(home.get("home_tab_enabled", False)),
            messages_tab=bool(home.get("messages_tab_enabled", False)),
            interactivity=bool(settings.get("interactivity", {}).get("is_enabled", False)),
        )

    def with_scopes(self, scopes: frozenset[str] | None) -> Self:
        """Return these settings with other scopes granted, if any are given."""
        return self if scopes is None else replace(self, scopes=scopes)

    def escapes(self, command: str) -> bool:
        """Whether `@bob` reaches the app as `<@U02BOB>`."""
        return self.commands is None or self.commands[command]
