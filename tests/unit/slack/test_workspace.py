"""`SlackWorkspace` over the strict stand-in: people of every sort, and a Slack that fails."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.domain.model.errors import UnknownPerson, WorkspaceUnavailableError
from bot.domain.model.people import SlackIdentity
from bot.settings.settings import settings_of
from bot.slack.workspace import SlackWorkspace, slack_client
from playground.slack import SLACKBOT, SlackStandIn
from tests.fakes import FixedClock

OUR_TEAM, OUR_ENTERPRISE = "T01TEST", "E01TEST"


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=FixedClock()) as stand_in:
        yield stand_in


@pytest.fixture
def grid() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=FixedClock(), enterprise_id=OUR_ENTERPRISE) as stand_in:
        yield stand_in


def workspace_of(slack: SlackStandIn, *, timeout: int = 5) -> SlackWorkspace:
    settings = settings_of({"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url})
    return SlackWorkspace(slack_client(settings, timeout=timeout))


def flags(workspace: SlackWorkspace, user_id: str) -> set[str]:
    member = workspace.member(user_id)
    named = ("is_deactivated", "is_bot", "is_guest", "is_external")
    return {name for name in named if getattr(member, name)}


def test_full_member_is_known_by_team_and_user(slack: SlackStandIn) -> None:
    slack.add_person("U01BOB", name="Bob Brown")
    member = workspace_of(slack).member("U01BOB")
    assert member.identity == SlackIdentity(enterprise=None, team=OUR_TEAM, user="U01BOB")


@pytest.mark.parametrize(
    ("told", "flag"),
    [
        ({}, None),
        ({"is_app_user": True}, None),  # has authorised this app
        ({"deleted": True}, "is_deactivated"),
        ({"is_bot": True}, "is_bot"),
        ({"is_restricted": True}, "is_guest"),
        ({"is_ultra_restricted": True}, "is_guest"),
        ({"is_invited_user": True}, "is_guest"),
        ({"is_stranger": True}, "is_external"),
        ({"team_id": "T0OTHER"}, "is_external"),
        ({"enterprise_id": "E0OTHER"}, "is_external"),
    ],
)
def test_flag_is_translated(slack: SlackStandIn, told: dict[str, Any], flag: str | None) -> None:
    slack.add_person("U01BOB", name="Bob Brown", **told)
    assert flags(workspace_of(slack), "U01BOB") == ({flag} if flag else set())


def test_slackbot_is_a_bot_whatever_it_says(slack: SlackStandIn) -> None:
    slack.add_person(SLACKBOT, name="Slackbot")
    assert flags(workspace_of(slack), SLACKBOT) == {"is_bot"}


class TestOnGrid:
    def test_other_workspace_of_the_enterprise_is_ours(self, grid: SlackStandIn) -> None:
        grid.add_person("W01BOB", name="Bob Brown", team_id="T02SISTER")
        member = workspace_of(grid).member("W01BOB")
        assert member.identity == SlackIdentity(
            enterprise=OUR_ENTERPRISE, team="T02SISTER", user="W01BOB"
        )
        assert not member.is_external

    @pytest.mark.parametrize(
        "told",
        [
            {"enterprise_id": "E0OTHER", "team_id": "T0OTHER"},
            {"enterprise_id": "E0OTHER"},
            {"enterprise_id": None, "team_id": "T0OTHER"},
        ],
    )
    def test_other_enterprise_is_external(self, grid: SlackStandIn, told: dict[str, Any]) -> None:
        grid.add_person("W01BOB", name="Bob Brown", **told)
        assert flags(workspace_of(grid), "W01BOB") == {"is_external"}

    def test_who_names_no_enterprise_in_our_workspace_is_ours(self, grid: SlackStandIn) -> None:
        grid.add_person("W01BOB", name="Bob Brown", enterprise_id=None)
        member = workspace_of(grid).member("W01BOB")
        assert member.identity.enterprise == OUR_ENTERPRISE
        assert not member.is_external


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible"])
def test_nobody_is_an_unknown_person(slack: SlackStandIn, error: str) -> None:
    slack.faults.fail("users.info", error=error)
    with pytest.raises(UnknownPerson):
        workspace_of(slack).member("U01BOB")


NO_ANSWER: dict[str, Callable[[SlackStandIn, str], None]] = {
    "internal": lambda slack, method: slack.faults.fail(method, error="internal_error"),
    "token": lambda slack, method: slack.faults.fail(method, error="account_inactive"),
    "scope": lambda slack, method: slack.faults.fail(method, error="missing_scope"),
    "rate-limit": lambda slack, method: slack.faults.rate_limit(method),
    "5xx": lambda slack, method: slack.faults.server_error(method),
    "garbage": lambda slack, method: slack.faults.garbage(method),
    "drop": lambda slack, method: slack.faults.drop(method),
}


@pytest.mark.parametrize("method", ["auth.test", "users.info"])
@pytest.mark.parametrize("fail", NO_ANSWER.values(), ids=NO_ANSWER)
def test_no_answer_is_a_fault_and_asked_only_once(
    slack: SlackStandIn, fail: Callable[[SlackStandIn, str], None], method: str
) -> None:
    slack.add_person("U01BOB", name="Bob Brown")
    workspace = workspace_of(slack)
    fail(slack, method)
    with pytest.raises(WorkspaceUnavailableError):
        workspace.member("U01BOB")
    assert flags(workspace, "U01BOB") == set()  # the fault was good for one call


def test_slow_answer_is_a_fault(slack: SlackStandIn) -> None:
    slack.add_person("U01BOB", name="Bob Brown")
    slack.faults.hold("users.info")
    with pytest.raises(WorkspaceUnavailableError):
        workspace_of(slack, timeout=1).member("U01BOB")


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("users_info", {"user": None}),
        ("users_info", {"user": []}),
        ("users_info", {"user": "bob"}),
        ("users_info", {"user": {}}),
        ("users_info", {"user": {"id": "U01ALICE"}}),
        ("users_info", {"user": {"id": "U01BOB", "team_id": 7}}),
        ("users_info", {"user": {"id": "U01BOB", "enterprise_user": "E01TEST"}}),
        ("users_info", {"user": {"id": "U01BOB", "enterprise_user": {"enterprise_id": 7}}}),
        ("auth_test", None),
        ("auth_test", []),
        ("auth_test", {}),
        ("auth_test", {"team_id": ""}),
        ("auth_test", {"team_id": 7}),
        ("auth_test", {"team_id": "T01TEST", "enterprise_id": 7}),
    ],
)
def test_answer_of_another_shape_is_a_fault(
    slack: SlackStandIn, method: str, data: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack.add_person("U01BOB", name="Bob Brown")
    monkeypatch.setattr(WebClient, method, lambda *_, **__: SimpleNamespace(data=data))
    with pytest.raises(WorkspaceUnavailableError):
        workspace_of(slack).member("U01BOB")


def test_where_it_is_installed_is_asked_once_and_people_each_time(slack: SlackStandIn) -> None:
    slack.add_person("U01BOB", name="Bob Brown")
    workspace = workspace_of(slack)
    workspace.member("U01BOB")
    workspace.member("U01BOB")
    asked = [call.method for call in slack.calls]
    assert asked == ["auth.test", "users.info", "users.info"]


def test_reachable_while_slack_takes_the_token(slack: SlackStandIn) -> None:
    workspace = workspace_of(slack)
    assert workspace.is_reachable()
    slack.tokens.bot_error = "token_revoked"
    assert not workspace.is_reachable()
