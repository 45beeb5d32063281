"""What stays the same while the playground runs: its people, its places, what can be typed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.blocks.ids import COMMAND
from bot.blocks.texts import help_text
from playground.office import HELP_DESK, SIGN_IN, Office
from playground.people import PEOPLE, SamplePerson
from playground.slack import BOT_USER_ID, Member
from playground.slack.model import Json

_BULLET = "• "
_FIRST = "alice"


def catalogue(office: Office) -> Json:
    """Return it as the page reads it once, when it is opened."""
    workspace = office.slack.workspace
    with workspace.lock:
        members = [_member(member) for member in workspace.members.values()]
        channels = {c.id: c.name for c in workspace.channels.values() if not c.is_im}
    manifest = _manifest(office.manifest)
    return {
        "people": [_person(person) for person in PEOPLE if _uses_slack(person)],
        "members": members,
        "channels": channels,
        "bot": BOT_USER_ID,
        "first": {"person": _FIRST, "place": HELP_DESK},
        "commands": [{"name": COMMAND, "usages": usages()}],
        "shortcuts": _shortcuts(manifest),
        "portal": f"{office.url}{SIGN_IN}",
    }


def usages() -> list[Json]:
    """Return each way to type the command and what it does, as `/reset-2fa help` tells them.

    `start` is what can be typed for everybody: all that comes before a person's name.
    """
    found = []
    for line in help_text(None).splitlines():
        usage, _, what = line.removeprefix(_BULLET).partition(": ")
        if line.startswith(_BULLET + COMMAND):
            start, at, _ = usage.partition("@")
            found.append({"usage": usage, "what": what, "start": start + at})
    return found


def _uses_slack(person: SamplePerson) -> bool:
    return not (person.flags.get("is_bot") or person.flags.get("deleted"))


def _person(person: SamplePerson) -> Json:
    return {
        "handle": person.handle,
        "id": person.slack_user,
        "name": person.name,
        "standing": person.standing.splitlines(),
        "note": person.note,
        "signs_in": bool(person.roles),
        "password": person.password if person.roles else None,
    }


def _member(member: Member) -> Json:
    return {
        "id": member.id,
        "name": member.name,
        "handle": member.handle,
        "is_bot": member.is_bot,
        "deleted": member.deleted,
    }


def _manifest(path: Path) -> Mapping[str, Any]:
    manifest: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return manifest


def _shortcuts(manifest: Mapping[str, Any]) -> list[Json]:
    """Return the app's shortcuts; `kind` is `global`, or `message` for one on a message."""
    return [
        {
            "callback_id": shortcut["callback_id"],
            "name": shortcut["name"],
            "kind": shortcut["type"],
        }
        for shortcut in manifest.get("features", {}).get("shortcuts", [])
    ]
