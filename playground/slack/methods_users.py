"""`auth.test`, `users.*` and `apps.connections.open`."""

from __future__ import annotations

import base64
from collections.abc import Callable

from playground.slack.errors import SlackRefuses
from playground.slack.model import BOT_ID, BOT_USER_ID, Json, Member
from playground.slack.web_api import Method
from playground.slack.workspace import Workspace

MOST_A_PAGE = 1000
_FLAGS = (
    "is_admin",
    "is_owner",
    "is_restricted",
    "is_ultra_restricted",
    "is_invited_user",
    "is_stranger",
)


class UserMethods:
    """What the bot can learn of itself and of the workspace's members."""

    def __init__(self, workspace: Workspace, open_socket: Callable[[], str]) -> None:
        self._workspace = workspace
        self._open_socket = open_socket

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        paging = ("limit", "cursor", "include_locale", "team_id")
        return {
            "auth.test": Method(run=self.auth_test),
            "apps.connections.open": Method(run=self.connect, token="app"),  # noqa: S106  # the kind of token
            "users.info": Method(
                run=self.info,
                scope="users:read",
                takes_json=False,
                required=("user",),
                optional=("include_locale",),
            ),
            "users.list": Method(
                run=self.list, scope="users:read", takes_json=False, optional=paging
            ),
            "users.lookupByEmail": Method(
                run=self.lookup_by_email,
                scope="users:read.email",
                takes_json=False,
                required=("email",),
            ),
        }

    def auth_test(self, _: Json) -> Json:
        """Say whose token it is."""
        who: Json = {
            "url": "https://stand-in.slack.com/",
            "team": "Stand-in",
            "user": "rekey",
            "team_id": self._workspace.team_id,
            "user_id": BOT_USER_ID,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }
        if self._workspace.enterprise_id is not None:
            who["enterprise_id"] = self._workspace.enterprise_id
        return who

    def connect(self, _: Json) -> Json:
        """Hand out the address of one Socket Mode connection."""
        return {"url": self._open_socket()}

    def info(self, arguments: Json) -> Json:
        """Describe one member."""
        member = self._workspace.members.get(str(arguments["user"]))
        if member is None:
            raise SlackRefuses("user_not_found")
        return {"user": self._as_sent(member)}

    def list(self, arguments: Json) -> Json:
        """Describe everybody, a page at a time."""
        everybody = sorted(self._workspace.members)
        wanted = str(arguments.get("limit") or MOST_A_PAGE)
        if not wanted.isdecimal():
            raise SlackRefuses("invalid_limit")
        limit = min(int(wanted), MOST_A_PAGE)
        first = _position(str(arguments.get("cursor") or ""), everybody)
        page = everybody[first : first + limit]
        rest = everybody[first + limit :]
        return {
            "members": [self._as_sent(self._workspace.members[user_id]) for user_id in page],
            "cache_ts": int(self._workspace.clock.now().timestamp()),
            "response_metadata": {"next_cursor": _cursor(rest[0]) if rest else ""},
        }

    def lookup_by_email(self, arguments: Json) -> Json:
        """Find an active member of this workspace by e-mail."""
        wanted = str(arguments["email"]).lower()
        for member in self._workspace.members.values():
            ours = not member.deleted and not self._workspace.is_external(member)
            if ours and (member.email or "").lower() == wanted:
                return {"user": self._as_sent(member)}
        raise SlackRefuses("users_not_found")

    def _as_sent(self, member: Member) -> Json:
        profile: Json = {"real_name": member.name, "display_name": member.handle}
        shows_email = "users:read.email" in self._workspace.scopes
        if member.email is not None and shows_email and not self._workspace.is_external(member):
            profile["email"] = member.email
        sent: Json = {
            "id": member.id,
            "team_id": member.team_id,
            "name": member.handle,
            "deleted": member.deleted,
            "profile": profile,
            "is_bot": member.is_bot,
            "is_app_user": member.is_app_user,
            "updated": 1_700_000_000,
        }
        if member.enterprise_id is not None:
            sent["enterprise_user"] = {
                "id": member.id,
                "enterprise_id": member.enterprise_id,
                "teams": [member.team_id],
            }
        if not member.deleted:  # of a deactivated member Slack says little more than that
            sent["real_name"] = member.name
            sent["tz"] = "Europe/London"
            # Slack leaves flags out at will, so the rarer ones are there only when they are set.
            sent |= {flag: True for flag in _FLAGS if getattr(member, flag)}
            for flag in ("is_admin", "is_owner", "is_restricted", "is_ultra_restricted"):
                sent.setdefault(flag, False)
        return sent


def _cursor(user_id: str) -> str:
    return base64.b64encode(f"user:{user_id}".encode()).decode()


def _position(cursor: str, everybody: list[str]) -> int:
    if not cursor:
        return 0
    for position, user_id in enumerate(everybody):
        if _cursor(user_id) == cursor:
            return position
    raise SlackRefuses("invalid_cursor")
