"""A clock to move, and blocks and views that Slack accepts."""

from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class MovableClock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, value: str) -> dict[str, Any]:
    return {"type": "button", "text": plain("Yes"), "action_id": action_id, "value": value}


def confirm_block() -> list[dict[str, Any]]:
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": "Reset *Bob*?"}},
        {"type": "actions", "elements": [button("reset_yes", "case-1"), button("reset_no", "c")]},
    ]


def code_modal(**more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "reset_verify",
        "title": plain("Reset 2FA"),
        "submit": plain("Verify"),
        "blocks": [
            {
                "type": "input",
                "block_id": "proof",
                "label": plain("How proven"),
                "element": {
                    "type": "static_select",
                    "action_id": "value",
                    "options": [
                        {"text": plain("In person"), "value": "in_person"},
                        {"text": plain("Video"), "value": "video"},
                    ],
                },
            },
            {
                "type": "input",
                "block_id": "code",
                "label": plain("Code"),
                "element": {"type": "plain_text_input", "action_id": "value", "min_length": 6},
            },
        ],
        **more,
    }
