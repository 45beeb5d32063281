"""response_urls: five uses within thirty minutes, ephemeral unless asked otherwise.

From https://docs.slack.dev/interactivity/handling-user-interaction/#message_responses
"""

from __future__ import annotations

from playground.slack.errors import SlackRefuses
from playground.slack.messages import Messages
from playground.slack.model import Call, Json, ResponseUrl
from playground.slack.web_api import is_true
from playground.slack.workspace import Workspace

_KNOWN = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "unfurl_links",
        "unfurl_media",
        "metadata",
        "mrkdwn",
    }
)


class ResponseUrls:
    """The response_urls that one workspace has given out."""

    def __init__(self, workspace: Workspace, messages: Messages) -> None:
        self._workspace = workspace
        self._messages = messages

    def use(self, url_id: str, content: object) -> None:
        """Do what the bot asks, or raise SlackRefuses: `expired_url`, `used_url`, a bad payload.

        A refused payload counts as a use.
        """
        with self._workspace.lock:
            try:
                self._answer(self._spend(url_id), content)
            except SlackRefuses as refusal:
                self._record(content, refusal.error)
                if refusal.is_the_bots_fault:
                    self._workspace.violate(f"response_url: {refusal.error} {refusal.findings}")
                raise
            self._record(content, None)

    def _record(self, content: object, error: str | None) -> None:
        arguments = content if isinstance(content, dict) else {}
        self._workspace.record(
            Call(method="response_url", token="none", arguments=arguments, error=error)  # noqa: S106  # the kind of token, and there is none
        )

    def _spend(self, url_id: str) -> ResponseUrl:
        leave = self._workspace.response_urls.get(url_id)
        if leave is None:
            raise SlackRefuses("invalid_url")
        if self._workspace.clock.now() - leave.issued_at >= ResponseUrl.LIFETIME:
            raise SlackRefuses("expired_url")
        if leave.uses >= ResponseUrl.MOST_USES:
            raise SlackRefuses("used_url")
        leave.uses += 1
        return leave

    def _answer(self, leave: ResponseUrl, content: object) -> None:
        if not isinstance(content, dict):
            raise SlackRefuses("invalid_json")
        for unknown in content.keys() - _KNOWN:
            self._workspace.violate(f"response_url: unknown argument {unknown}")
        replaces = is_true(content.get("replace_original"))
        deletes = is_true(content.get("delete_original"))
        if leave.source is not None and deletes:
            self._messages.delete(leave.source)
        elif leave.source is not None and replaces:
            self._messages.rewrite(leave.source, content)
        else:
            if replaces or deletes:
                self._workspace.violate("response_url: there is no message of the bot's to replace")
            self.say(leave.user_id, leave.channel, content)

    def say(self, user_id: str, channel: str, content: Json) -> None:
        """Post an answer to `user_id` alone, or with `in_channel` to everybody there."""
        kind = content.get("response_type", "ephemeral")
        if kind not in {"ephemeral", "in_channel"}:
            raise SlackRefuses("invalid_arguments")
        self._messages.post(
            content, channel=channel, ephemeral_to=user_id if kind == "ephemeral" else None
        )
