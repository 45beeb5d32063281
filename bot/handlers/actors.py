"""Who acts: taken from what Slack delivered, and from nothing that people can type."""

import re
from collections.abc import Mapping
from typing import Any

from bot.domain.model.people import SlackIdentity
from bot.handlers.shapes import MalformedPayload, mapping, text

_SLACK_ID = re.compile(r"[\x21-\x7e]{1,64}")


def actor_of(body: Mapping[str, Any]) -> SlackIdentity:
    """Return enterprise (Grid only), team and user of a command, a click or a submission.

    The user's own team counts, not the one in which they clicked: people of other workspaces can
    click in a shared channel. Where an app is installed for a whole organisation, `team` is null.
    Raises `MalformedPayload`.
    """
    if "command" in body:
        return _identity(body.get("enterprise_id"), text(body, "team_id"), text(body, "user_id"))
    user, team = mapping(body.get("user"), "user"), body.get("team") or {}
    return _identity(
        _enterprise(body, mapping(team, "team")),
        user.get("team_id") or text(mapping(team, "team"), "id"),
        text(user, "id"),
    )


def actor_of_event(body: Mapping[str, Any]) -> SlackIdentity:
    """Return whose event it is; the envelope names the workspace. Raises `MalformedPayload`.

    https://docs.slack.dev/apis/events-api/#event-type-structure
    """
    event = mapping(body.get("event"), "event")
    return _identity(body.get("enterprise_id"), text(body, "team_id"), text(event, "user"))


def _enterprise(body: Mapping[str, Any], team: Mapping[str, Any]) -> object:
    enterprise = mapping(body.get("enterprise") or {}, "enterprise")
    return enterprise.get("id") or team.get("enterprise_id")


def _identity(enterprise: object, team: object, user: object) -> SlackIdentity:
    return SlackIdentity(
        enterprise=_slack_id(enterprise, "enterprise") if enterprise else None,
        team=_slack_id(team, "team"),
        user=_slack_id(user, "user"),
    )


def _slack_id(value: object, name: str) -> str:
    if not isinstance(value, str) or not _SLACK_ID.fullmatch(value):
        raise MalformedPayload(name)
    return value
