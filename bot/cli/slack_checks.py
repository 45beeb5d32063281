"""What `rekey doctor` asks Slack: tokens, scopes, the time, whose workspace it is."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.cli.binding import UNANSWERED, slack_word
from bot.cli.findings import Finding, fail, ok, warn
from bot.domain.model.roster import Roster
from bot.domain.ports.clock import Clock
from bot.settings.settings import Settings
from bot.slack.workspace import slack_client

NEEDED_SCOPES = frozenset({"chat:write", "commands", "users:read"})
BINDING_SCOPE = "users:read.email"
MOST_SKEW = timedelta(seconds=30)
"""One time step: beyond it the codes of people whose clocks are right are refused."""

_TIMEOUT = 10


def slack_checks(settings: Settings, clock: Clock, roster: Roster | None) -> Iterator[Finding]:
    """Make the checks that need Slack; nothing where there is no token, which was told already."""
    if settings.slack_bot_token is None:
        return
    client = slack_client(settings, timeout=_TIMEOUT)
    try:
        answer = client.auth_test()
    except UNANSWERED as error:
        word = slack_word(error)
        refused = f"it refuses SLACK_BOT_TOKEN ({word})"
        yield fail(f"Slack: {refused if word else f'no proper answer from {client.base_url}'}")
        return
    yield ok(f"Slack: the bot of the workspace {answer.get('team') or answer.get('team_id')}")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    yield scopes(headers)
    yield skew(headers, clock)
    yield from _workspace(answer, roster)
    yield _way_in(settings, client)


def scopes(headers: Mapping[str, str]) -> Finding:
    """Say whether the bot may do what it is for; some servers do not tell its scopes."""
    told = headers.get("x-oauth-scopes")
    if told is None:
        return warn("scopes: Slack does not tell them")
    granted = {scope.strip() for scope in told.split(",")}
    if missing := NEEDED_SCOPES - granted:
        return fail(f"scopes: {', '.join(sorted(missing))} missing; install the app again")
    if BINDING_SCOPE not in granted:
        return warn(f"scopes: without {BINDING_SCOPE} rekey people bind cannot work")
    return ok("scopes: all that are needed")


def skew(headers: Mapping[str, str], clock: Clock) -> Finding:
    """Say how far our clock is from Slack's."""
    try:
        off = abs(clock.now() - parsedate_to_datetime(headers.get("date", "")))
    except (TypeError, ValueError):
        return warn("clock: Slack does not tell the time")
    if off > MOST_SKEW:
        return fail(f"clock: {off.total_seconds():.0f} s from Slack's; codes would be refused")
    return ok(f"clock: within {max(1, round(off.total_seconds()))} s of Slack's")


def _workspace(answer: SlackResponse, roster: Roster | None) -> Iterator[Finding]:
    """Hold the contacts' workspaces against the one that the bot is in."""
    if roster is None:
        return
    identities = [contact.slack for contact in roster.contacts.values() if contact.slack]
    here = sum(
        identity.team == answer.get("team_id")
        or (identity.enterprise is not None and identity.enterprise == answer.get("enterprise_id"))
        for identity in identities
    )
    if identities and not here:
        yield fail("people: every Slack identity is of another workspace than the bot")
    elif here < len(identities):
        yield warn(f"people: {len(identities) - here} Slack identities are of another workspace")


def _way_in(settings: Settings, client: WebClient) -> Finding:
    """Say by which way Slack reaches us."""
    if settings.slack_app_token is None:
        return ok("requests: by HTTP, signed")  # without a secret the settings have failed already
    try:
        client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except UNANSWERED as error:
        word = slack_word(error)
        refused = f"Slack refuses SLACK_APP_TOKEN ({word})"
        return fail(f"requests: {refused if word else 'Slack opens no socket'}")
    return ok("requests: by Socket Mode")
