"""The payloads of commands, clicks, submissions, shortcuts and events, as Slack sends them."""

from __future__ import annotations

from playground.slack.inputs import action_fields, has_state, initial_state
from playground.slack.messages import Messages
from playground.slack.model import (
    APP_ID,
    BOT_USER_ID,
    Channel,
    Json,
    Member,
    Message,
    View,
    elements_in,
)
from playground.slack.views import Views
from playground.slack.workspace import Workspace

VERIFICATION_TOKEN = "long-deprecated"  # noqa: S105  # Slack still sends one; nobody may rely on it
_DOMAIN = "stand-in"


class Payloads:
    """Builds what one workspace sends to the app."""

    def __init__(self, workspace: Workspace, views: Views, messages: Messages) -> None:
        self._workspace = workspace
        self._views = views
        self._messages = messages
        self.strangers_bring_their_team = False

    def command(
        self,
        member: Member,
        channel: Channel,
        *,
        command: str,
        text: str,
        trigger_id: str,
        response_url: str,
    ) -> dict[str, str]:
        """Return the fields of a slash command's form."""
        fields = {
            "token": VERIFICATION_TOKEN,
            "team_id": self._team_of(member),
            "team_domain": _DOMAIN,
            "channel_id": channel.id,
            "channel_name": "privategroup" if channel.is_private else channel.name,
            "user_id": member.id,
            "user_name": member.handle,
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }
        enterprise = self._enterprise_of(member)
        if enterprise is not None:
            fields |= {"enterprise_id": enterprise, "enterprise_name": enterprise.lower()}
        return fields

    def click_in_message(
        self,
        member: Member,
        message: Message,
        action: Json,
        *,
        trigger_id: str,
        response_url: str,
    ) -> Json:
        """Return a block_actions payload from a message; an ephemeral one is not included."""
        channel = self._workspace.channels[message.channel]
        ephemeral = message.ephemeral_to is not None
        payload = {
            **self._interaction("block_actions", member),
            "container": {
                "type": "message",
                "message_ts": message.ts,
                "channel_id": channel.id,
                "is_ephemeral": ephemeral,
            },
            "trigger_id": trigger_id,
            "channel": {"id": channel.id, "name": channel.name},
            "state": {"values": _state_of(message.blocks, action)},
            "response_url": response_url,
            "actions": [action],
        }
        if not ephemeral:
            payload["message"] = self._messages.as_sent(message)
        return payload

    def click_in_view(self, member: Member, view: View, action: Json, *, trigger_id: str) -> Json:
        """Return a block_actions payload from a modal or Home tab: no channel, no response_url."""
        return {
            **self._interaction("block_actions", member),
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": trigger_id,
            "view": self._views.as_sent(view),
            "actions": [action],
        }

    def submission(self, member: Member, view: View, *, trigger_id: str) -> Json:
        """Return a view_submission payload."""
        return {
            **self._interaction("view_submission", member),
            "trigger_id": trigger_id,
            "view": self._views.as_sent(view),
            "response_urls": [],
        }

    def suggestion(
        self, member: Member, view: View, block: Json, element: Json, *, typed: str
    ) -> Json:
        """Return a block_suggestion payload: what was typed into a menu of external data."""
        return {
            **self._interaction("block_suggestion", member),
            "container": {"type": "view", "view_id": view.id},
            "view": self._views.as_sent(view),
            "block_id": block["block_id"],
            "action_id": element["action_id"],
            "value": typed,
        }

    def closing(self, member: Member, view: View, *, is_cleared: bool) -> Json:
        """Return a view_closed payload."""
        return {
            **self._interaction("view_closed", member),
            "view": self._views.as_sent(view),
            "is_cleared": is_cleared,
        }

    def shortcut(self, member: Member, callback_id: str, *, trigger_id: str) -> Json:
        """Return the payload of a global shortcut."""
        return {
            **self._interaction("shortcut", member),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "action_ts": self._workspace.new_ts(),
        }

    def message_shortcut(
        self,
        member: Member,
        callback_id: str,
        message: Message,
        *,
        trigger_id: str,
        response_url: str,
    ) -> Json:
        """Return the payload of a shortcut on a message."""
        channel = self._workspace.channels[message.channel]
        sent = self._messages.as_sent(message)
        if message.author != BOT_USER_ID:
            sent = {key: sent[key] for key in sent if key not in {"bot_id", "app_id"}}
        return {
            **self._interaction("message_action", member),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "response_url": response_url,
            "action_ts": self._workspace.new_ts(),
            "message_ts": message.ts,
            "channel": {"id": channel.id, "name": channel.name},
            "message": sent,
        }

    def event(self, event: Json, *, event_id: str) -> Json:
        """Return the envelope of an Events API delivery."""
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self._workspace.team_id,
            "enterprise_id": self._workspace.enterprise_id,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": int(self._workspace.clock.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": self._workspace.enterprise_id,
                    "team_id": self._workspace.team_id,
                    "user_id": BOT_USER_ID,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{event_id}",
        }

    def action(self, block: Json, element: Json, state: Json | None) -> Json:
        """Return one entry of `actions`: for a button its value, else what was chosen."""
        action: Json = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._workspace.new_ts(),
        }
        for key in ("text", "value", "style", "placeholder"):
            if key in element:
                action[key] = element[key]
        if state is not None:
            action |= action_fields(element, state)
        return action

    def _interaction(self, kind: str, member: Member) -> Json:
        enterprise = self._enterprise_of(member)
        team: Json = {"id": self._team_of(member), "domain": _DOMAIN}
        if enterprise is not None:
            team |= {"enterprise_id": enterprise, "enterprise_name": enterprise.lower()}
        return {
            "type": kind,
            "user": {
                "id": member.id,
                "username": member.handle,
                "name": member.handle,
                "team_id": member.team_id,
            },
            "api_app_id": APP_ID,
            "token": VERIFICATION_TOKEN,
            "team": team,
            "enterprise": enterprise and {"id": enterprise, "name": enterprise.lower()},
            "is_enterprise_install": False,
        }

    def _team_of(self, member: Member) -> str:
        """Name the workspace of the act: the app's own, unless a stranger is told to bring theirs.

        By default only `user.team_id` betrays a person of another workspace, which is the case
        that a bot looking at `team` alone gets wrong.
        """
        return member.team_id if self.strangers_bring_their_team else self._workspace.team_id

    def _enterprise_of(self, member: Member) -> str | None:
        if self.strangers_bring_their_team:
            return member.enterprise_id
        return self._workspace.enterprise_id


def _state_of(blocks: list[Json], action: Json) -> dict[str, dict[str, Json]]:
    """Return the values of a message's elements; only what was just chosen is not as it began."""
    values: dict[str, dict[str, Json]] = {}
    for block, element in elements_in(blocks):
        if has_state(element):
            state = initial_state(element)
            here = (action["block_id"], action["action_id"])
            if here == (block["block_id"], element["action_id"]):
                state |= {key: action[key] for key in state if key in action}
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values
