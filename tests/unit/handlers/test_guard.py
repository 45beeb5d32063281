"""What Bolt would trip over is turned away before it looks for a listener."""

from typing import Any

import pytest
from slack_bolt import BoltRequest, BoltResponse

from bot.handlers.guard import ShapeGuard


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"actions": [{"action_id": "reset_yes"}]}, 200),
        ({"actions": None}, 400),
        ({"actions": []}, 400),
        ({"actions": [7]}, 400),
        ({"view": "text"}, 400),
        ({"type": "block_suggestion", "action_id": 7}, 400),
    ],
    ids=str,
)
def test_only_slacks_shapes_reach_bolt(body: dict[str, Any], status: int) -> None:
    request, passed = BoltRequest(body=body, mode="socket_mode"), BoltResponse(status=200)
    answer = ShapeGuard().process(req=request, resp=passed, next=lambda: passed)
    assert answer.status == status
