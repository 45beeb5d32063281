"""Who acts, in every form in which Slack says it."""

from typing import Any

import pytest

from bot.domain.model.people import SlackIdentity
from bot.handlers.actors import actor_of
from bot.handlers.shapes import MalformedPayload

COMMAND = {"command": "/reset-2fa", "team_id": "T1", "user_id": "U1"}
CLICK = {"type": "block_actions", "user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}}


@pytest.mark.parametrize(
    ("body", "enterprise", "team"),
    [
        (COMMAND, None, "T1"),
        ({**COMMAND, "enterprise_id": ""}, None, "T1"),
        ({**COMMAND, "enterprise_id": "E1", "is_enterprise_install": "true"}, "E1", "T1"),
        (CLICK, None, "T1"),
        ({**CLICK, "user": {"id": "U1"}}, None, "T1"),
        ({**CLICK, "enterprise": None}, None, "T1"),
        ({**CLICK, "enterprise": {"id": "E1", "name": "Acme"}}, "E1", "T1"),
        ({**CLICK, "team": {"id": "T1", "enterprise_id": "E1"}}, "E1", "T1"),
        ({**CLICK, "team": None, "enterprise": {"id": "E1"}}, "E1", "T1"),
        ({**CLICK, "team": {"id": "T2"}}, None, "T1"),
    ],
)
def test_is_known(body: dict[str, Any], enterprise: str | None, team: str) -> None:
    assert actor_of(body) == SlackIdentity(enterprise=enterprise, team=team, user="U1")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"command": "/reset-2fa"},
        {**COMMAND, "user_id": ""},
        {**COMMAND, "team_id": ""},
        {"type": "block_actions"},
        {**CLICK, "user": None},
        {**CLICK, "user": "U1"},
        {**CLICK, "user": {"id": 7, "team_id": "T1"}},
        {**CLICK, "user": {"id": "", "team_id": "T1"}},
        {**CLICK, "user": {"id": "U1", "team_id": ["T1"]}},
        {**CLICK, "user": {"id": "U1"}, "team": None},
        {**CLICK, "user": {"id": "U1"}, "team": "T1"},
        {**CLICK, "enterprise": "E1"},
        {**CLICK, "enterprise": {"id": 7}},
        {**CLICK, "user": {"id": "U1\nU2", "team_id": "T1"}},
    ],
)
def test_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(MalformedPayload):
        actor_of(body)
