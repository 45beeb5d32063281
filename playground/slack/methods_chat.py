"""`conversations.*` and `chat.*`."""

from __future__ import annotations

from playground.slack.app_settings import AppSettings
from playground.slack.errors import SlackRefuses
from playground.slack.messages import Messages
from playground.slack.model import BOT_USER_ID, Channel, Json, Member
from playground.slack.web_api import Method, is_true, require_scope
from playground.slack.workspace import Workspace

_CONTENT = ("text", "blocks", "attachments", "mrkdwn", "parse", "link_names", "metadata")


class ChatMethods:
    """Conversations of the bot, and what it says in them."""

    def __init__(self, workspace: Workspace, messages: Messages, settings: AppSettings) -> None:
        self._workspace = workspace
        self._messages = messages
        self._settings = settings

    def methods(self) -> dict[str, Method]:
        """Return the methods by name."""
        looks = ("unfurl_links", "unfurl_media", "thread_ts", "reply_broadcast")
        return {
            "conversations.open": Method(
                run=self.open,
                scope="im:write",
                optional=("users", "channel", "return_im", "prevent_creation"),
            ),
            "conversations.info": Method(
                run=self.info,
                takes_json=False,
                required=("channel",),
                optional=("include_locale", "include_num_members"),
            ),
            "chat.postMessage": Method(
                run=self.post,
                scope="chat:write",
                required=("channel",),
                optional=(*_CONTENT, *looks),
            ),
            "chat.postEphemeral": Method(
                run=self.post_ephemeral,
                scope="chat:write",
                required=("channel", "user"),
                optional=(*_CONTENT, "thread_ts"),
            ),
            "chat.update": Method(
                run=self.update,
                scope="chat:write",
                required=("channel", "ts"),
                optional=_CONTENT,
            ),
        }

    def open(self, arguments: Json) -> Json:
        """Open the direct message channel with one person."""
        if arguments.get("channel"):
            im = self._channel(str(arguments["channel"]))
        else:
            users = [user for user in str(arguments.get("users") or "").split(",") if user]
            if not users:
                raise SlackRefuses("users_list_not_supplied")
            if len(users) > 1:
                require_scope(self._workspace, "mpim:write")
                raise SlackRefuses("invalid_user_combination")
            im = self._im(users[0], unknown="user_not_found")
        described = self._as_sent(im) if is_true(arguments.get("return_im")) else {"id": im.id}
        return {"no_op": True, "already_open": True, "channel": described}

    def info(self, arguments: Json) -> Json:
        """Describe one conversation."""
        channel = self._channel(str(arguments["channel"]))
        kind = "im" if channel.is_im else "groups" if channel.is_private else "channels"
        require_scope(self._workspace, f"{kind}:read")
        return {"channel": self._as_sent(channel)}

    def post(self, arguments: Json) -> Json:
        """Post to a channel, or to a person by their id."""
        channel = self._place(str(arguments["channel"]))
        message = self._messages.post(arguments, channel=channel.id)
        return {
            "channel": channel.id,
            "ts": message.ts,
            "message": self._messages.as_sent(message),
        }

    def post_ephemeral(self, arguments: Json) -> Json:
        """Show something to one person in a channel. `ok` does not mean that it was seen."""
        channel = self._place(str(arguments["channel"]))
        user_id = str(arguments["user"])
        if user_id not in channel.members:
            raise SlackRefuses("user_not_in_channel")
        message = self._messages.post(arguments, channel=channel.id, ephemeral_to=user_id)
        return {"message_ts": message.ts}

    def update(self, arguments: Json) -> Json:
        """Change one of the bot's own messages; ephemeral ones cannot be found."""
        channel = self._channel(str(arguments["channel"]))
        message = self._workspace.find_message(channel.id, str(arguments["ts"]))
        if message is None:
            raise SlackRefuses("message_not_found")
        if message.author != BOT_USER_ID:
            raise SlackRefuses("cant_update_message")
        self._messages.rewrite(message, arguments)
        return {
            "channel": channel.id,
            "ts": message.ts,
            "text": message.text,
            "message": self._messages.as_sent(message),
        }

    def _place(self, channel_id: str) -> Channel:
        """Return where a message may be posted, by the id of a channel or a person."""
        if channel_id[:1] in {"U", "W"}:
            return self._im(channel_id, unknown="channel_not_found")
        channel = self._channel(channel_id)
        if channel.is_archived:
            raise SlackRefuses("is_archived")
        if channel.is_im and channel.user is not None:
            return self._im(channel.user, unknown="channel_not_found")
        if BOT_USER_ID not in channel.members and (
            "chat:write.public" not in self._workspace.scopes
        ):
            raise SlackRefuses("not_in_channel")
        return channel

    def _im(self, user_id: str, *, unknown: str) -> Channel:
        member: Member | None = self._workspace.members.get(user_id)
        if member is None:
            raise SlackRefuses(unknown)
        refusal = member.dm_refusal()
        if refusal is None and not self._settings.messages_tab:
            refusal = "messages_tab_disabled"
        if refusal is not None:
            raise SlackRefuses(refusal)
        return self._workspace.im_with(user_id)

    def _channel(self, channel_id: str) -> Channel:
        channel = self._workspace.channels.get(channel_id)
        hidden = channel is not None and channel.is_private and BOT_USER_ID not in channel.members
        if channel is None or hidden:
            raise SlackRefuses("channel_not_found")
        return channel

    def _as_sent(self, channel: Channel) -> Json:
        if channel.is_im:
            return {"id": channel.id, "is_im": True, "user": channel.user}
        return {
            "id": channel.id,
            "name": channel.name,
            "is_channel": not channel.is_private,
            "is_group": channel.is_private,
            "is_im": False,
            "is_private": channel.is_private,
            "is_archived": channel.is_archived,
            "is_member": BOT_USER_ID in channel.members,
        }
