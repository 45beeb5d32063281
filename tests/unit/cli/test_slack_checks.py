"""What `rekey doctor` makes of Slack's headers."""

from datetime import timedelta
from email.utils import format_datetime
from http.client import IncompleteRead

import pytest

from bot.cli.binding import asking_slack
from bot.cli.console import Failed
from bot.cli.findings import Level
from bot.cli.slack_checks import MOST_SKEW, scopes, skew
from bot.domain.model.errors import WorkspaceUnavailableError
from tests.fakes import NOON, FixedClock


@pytest.mark.parametrize(
    "error",
    [IncompleteRead(b""), ValueError(), ConnectionResetError(), WorkspaceUnavailableError()],
    ids=lambda error: type(error).__name__,
)
def test_whatever_is_no_answer_ends_a_command_in_one_sentence(error: Exception) -> None:
    with pytest.raises(Failed, match="Slack could not be asked"), asking_slack("list its members"):
        raise error


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize(
    ("by", "level"),
    [
        (timedelta(0), Level.OK),
        (MOST_SKEW, Level.OK),
        (MOST_SKEW + timedelta(seconds=1), Level.FAIL),
        (timedelta(days=1), Level.FAIL),
    ],
)
def test_the_clock_may_be_one_time_step_off(by: timedelta, level: Level, direction: int) -> None:
    headers = {"date": format_datetime(NOON + direction * by, usegmt=True)}
    assert skew(headers, FixedClock()).level is level


@pytest.mark.parametrize("headers", [{}, {"date": ""}, {"date": "noon"}])
def test_what_slack_does_not_tell_is_a_warning(headers: dict[str, str]) -> None:
    assert skew(headers, FixedClock()).level is Level.WARN
    assert scopes(headers).level is Level.WARN


@pytest.mark.parametrize(
    ("told", "level", "names"),
    [
        ("chat:write,commands,users:read,users:read.email", Level.OK, ""),
        ("users:read.email, users:read, commands, chat:write, im:write", Level.OK, ""),
        ("chat:write,commands,users:read", Level.WARN, "users:read.email"),
        ("chat:write,users:read.email", Level.FAIL, "commands, users:read missing"),
        ("", Level.FAIL, "chat:write"),
    ],
)
def test_scopes(told: str, level: Level, names: str) -> None:
    finding = scopes({"x-oauth-scopes": told})
    assert finding.level is level
    assert names in finding.text
