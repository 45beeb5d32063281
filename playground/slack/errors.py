"""How Slack says no."""

from __future__ import annotations

from collections.abc import Sequence


class SlackRefuses(Exception):
    """An answer with `ok: false`.

    `error` is Slack's word; `findings` go to `response_metadata.messages`, `more` into the answer.
    """

    def __init__(
        self, error: str, findings: Sequence[str] = (), *, more: dict[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.findings = list(findings)
        self.more = more or {}

    @property
    def is_the_bots_fault(self) -> bool:
        """Whether a correct bot never meets this error, whatever people and networks do."""
        return self.error in _BUGS


_BUGS = frozenset(
    {
        "cant_update_message",
        "exchanged_trigger_id",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_json",
        "invalid_trigger_id",
        "missing_scope",
        "msg_too_long",
        "no_text",
        "not_allowed_token_type",
        "not_authed",
        "push_limit_reached",
        "unknown_method",
        "view_too_large",
    }
)
