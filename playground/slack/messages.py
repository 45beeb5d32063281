"""Posting and changing messages, by Web API, response_url or acknowledgement alike."""

from __future__ import annotations

import copy

from playground.slack.block_kit import faults_in_message
from playground.slack.errors import SlackRefuses
from playground.slack.model import APP_ID, BOT_ID, Json, Message
from playground.slack.schema import problem
from playground.slack.workspace import Workspace

LONGEST_TEXT = 40_000
LONGEST_UPDATED_TEXT = 4_000


class Messages:
    """The bot's messages in one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def post(self, content: Json, *, channel: str, ephemeral_to: str | None = None) -> Message:
        """Post `content` (`text`, `blocks`); raise SlackRefuses if Slack would not."""
        text, blocks = self.valid(content, longest_text=LONGEST_TEXT)
        with self._workspace.lock:
            return self._workspace.add_message(
                Message(
                    ts=self._workspace.new_ts(),
                    channel=channel,
                    text=text,
                    blocks=self._workspace.stamp(blocks),
                    ephemeral_to=ephemeral_to,
                )
            )

    def rewrite(self, message: Message, content: Json) -> None:
        """Give `message` new content; text alone takes its blocks away."""
        text, blocks = self.valid(content, longest_text=LONGEST_UPDATED_TEXT)
        with self._workspace.lock:
            message.text = text
            message.blocks = self._workspace.stamp(blocks)
            message.edited += 1
            self._workspace.changed()

    def delete(self, message: Message) -> None:
        """Take `message` off every screen."""
        with self._workspace.lock:
            message.gone = True
            self._workspace.changed()

    def valid(self, content: Json, *, longest_text: int) -> tuple[str, list[Json]]:
        """Return text and blocks; raise SlackRefuses if either is not as Slack wants it."""
        text = content.get("text", "")
        blocks = content.get("blocks", [])
        if not isinstance(text, str):
            raise SlackRefuses("invalid_arguments", [problem("must provide a string", "/text")])
        if len(text) > longest_text:
            raise SlackRefuses("msg_too_long")
        if content.get("attachments"):
            raise SlackRefuses(
                "invalid_arguments", [problem("attachments are legacy, use blocks", "/attachments")]
            )
        if blocks != []:
            found = faults_in_message(blocks)
            if found:
                raise SlackRefuses("invalid_blocks", found)
        elif not text.strip():
            raise SlackRefuses("no_text")
        return text, blocks

    def as_sent(self, message: Message) -> Json:
        """Return the message object as Slack puts it in answers and payloads."""
        sent: Json = {
            "type": "message",
            "user": message.author,
            "ts": message.ts,
            "bot_id": BOT_ID,
            "app_id": APP_ID,
            "text": message.text,
            "team": self._workspace.team_id,
        }
        if message.blocks:
            sent["blocks"] = copy.deepcopy(message.blocks)
        return sent
