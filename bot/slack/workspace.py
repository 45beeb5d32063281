"""The port `Workspace` over the Web API: Slack as far as it knows who somebody is."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.domain.model.errors import UnknownPerson, WorkspaceUnavailableError
from bot.domain.model.people import Member, SlackIdentity
from bot.settings.settings import Settings

SLACKBOT = "USLACKBOT"
"""Slackbot says `is_bot: false` of itself."""

_NOBODY = frozenset({"user_not_found", "user_not_visible"})
_GUEST_FLAGS = ("is_restricted", "is_ultra_restricted", "is_invited_user")


@dataclass(frozen=True, slots=True)
class Home:
    """Where the app is installed; on Grid, perhaps in a whole enterprise."""

    enterprise: str | None
    team: str


def slack_client(settings: Settings, *, timeout: int) -> WebClient:
    """Return a client that makes each call once, and waits `timeout` seconds for it."""
    token = settings.slack_bot_token
    return WebClient(
        token=token.get_secret_value() if token else None,
        base_url=settings.slack_api_url,
        timeout=timeout,
        retry_handlers=[],  # a second try would outlive Slack's three seconds, and its trigger
    )


class SlackWorkspace:
    """Asks Slack anew each time, as patiently as `client` does; no answer is not an answer."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._known_home: Home | None = None

    def member(self, user_id: str) -> Member:
        """Return that person as Slack describes them now.

        Raises `UnknownPerson`, or `WorkspaceUnavailableError` where Slack gives no proper answer.
        """
        home = self.home()
        try:
            described = _mapping(_data(self._client.users_info(user=user_id)).get("user"))
        except SlackApiError as error:
            if _word(error) in _NOBODY:
                raise UnknownPerson from None
            raise WorkspaceUnavailableError from error
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            raise WorkspaceUnavailableError from error
        if described.get("id") != user_id:
            raise WorkspaceUnavailableError
        return member_of(user_id, described, home)

    def is_reachable(self) -> bool:
        """Whether Slack answers now, and takes the token; remembers where the app is installed."""
        try:
            self._known_home = self._ask_home()
        except WorkspaceUnavailableError:
            return False
        return True

    def home(self) -> Home:
        """Return where the app is installed, which does not change while it runs."""
        if self._known_home is None:
            self._known_home = self._ask_home()
        return self._known_home

    def _ask_home(self) -> Home:
        try:
            told = _data(self._client.auth_test())
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            raise WorkspaceUnavailableError from error
        team, enterprise = told.get("team_id"), told.get("enterprise_id")
        if not isinstance(team, str) or not team:
            raise WorkspaceUnavailableError
        if not isinstance(enterprise, str | None):
            raise WorkspaceUnavailableError
        return Home(enterprise=enterprise or None, team=team)


def member_of(user_id: str, described: Mapping[str, Any], home: Home) -> Member:
    """Translate Slack's flags, any of which may be absent and is then not set.

    A person without a `team_id` is of our own workspace: their identity is held against what the
    operator bound, so that nobody gains by it.
    """
    team = described.get("team_id") or home.team
    stated = _mapping(described.get("enterprise_user") or {}).get("enterprise_id") or None
    enterprise = stated or (home.enterprise if team == home.team else None)
    same_enterprise = home.enterprise is not None and enterprise == home.enterprise
    if not isinstance(team, str) or not isinstance(enterprise, str | None):
        raise WorkspaceUnavailableError
    return Member(
        identity=SlackIdentity(enterprise=enterprise, team=team, user=user_id),
        is_deactivated=bool(described.get("deleted")),
        is_bot=user_id == SLACKBOT or bool(described.get("is_bot")),
        is_guest=any(described.get(flag) for flag in _GUEST_FLAGS),
        is_external=bool(described.get("is_stranger"))
        or enterprise != home.enterprise
        or (team != home.team and not same_enterprise),
    )


def _data(response: SlackResponse) -> Mapping[str, Any]:
    return _mapping(response.data)


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise WorkspaceUnavailableError
    return value


def _word(error: SlackApiError) -> object:
    data = getattr(error.response, "data", None)
    return data.get("error") if isinstance(data, Mapping) else None
