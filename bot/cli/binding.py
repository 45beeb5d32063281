"""`rekey people bind`: Slack's members matched with contacts, bound as the operator accepts."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

from rich.table import Table
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
)

from bot.blocks.wording import tidy
from bot.cli.console import (
    Failed,
    WrongUse,
    ask,
    listed,
    progress,
    remark,
    said_yes,
    say,
    standard_error,
    warn,
)
from bot.cli.tools import Tools, writing
from bot.domain.model.errors import Fault
from bot.domain.operator.matching import Match, Matches, Profile, match_members
from bot.settings.settings import Settings, SettingsError, setting_name
from bot.slack.workspace import Home, SlackWorkspace, member_of, slack_client

_PAGE = 200
"""Slack's recommendation for `users.list`, which is asked some twenty times a minute."""
UNANSWERED = (SlackClientError, OSError, HTTPException, ValueError)
"""What a client raises where Slack gives no proper answer."""
_TIMEOUT = 30
_RETRIES = 5
_WORD = re.compile(r"[a-z0-9_]{1,80}")
_ALL, _SOME, _NONE = "all", "some", "none"


def bind_members(*, yes: bool) -> None:
    """Show which member is which contact, and bind what is accepted."""
    tools = writing()
    client = patient_client(tools.settings)
    with tools.database.snapshot() as uow:
        unbound = uow.contacts.without_slack()
        bound = {c.slack for c in uow.roster.read().contacts.values() if c.slack}
    if not unbound:
        say("Every contact has a Slack identity.")
        return
    matches = match_members(unbound, every_profile(client), bound=bound)
    known = {*(match.contact.id for match in matches.found), *(c.id for c in matches.ambiguous)}
    _show(matches, unmatched=[contact.email for contact in unbound if contact.id not in known])
    _bind(tools, client, matches.found if yes else _accepted(matches.found))


def patient_client(settings: Settings) -> WebClient:
    """Return a client for a command, which may wait longer than a click.

    Raises a `SettingsError` where there is no token.
    """
    if settings.slack_bot_token is None:
        raise SettingsError([f"{setting_name('slack_bot_token')}: is missing"])
    client = slack_client(settings, timeout=_TIMEOUT)
    client.retry_handlers = [
        ConnectionErrorRetryHandler(),
        RateLimitErrorRetryHandler(max_retry_count=_RETRIES),
    ]
    return client


def every_profile(client: WebClient) -> list[Profile]:
    """Return all of Slack's members; raises `Failed` where Slack does not tell them."""
    profiles = []
    with asking_slack("list its members"), progress("Asking Slack") as advance:
        for profile in _profiles(client, SlackWorkspace(client).home()):
            profiles.append(profile)
            advance(len(profiles), 0)
    return profiles


@contextmanager
def asking_slack(what: str) -> Iterator[None]:
    """End the command in one sentence where Slack refuses to do `what`, or does not answer."""
    try:
        yield
    except (*UNANSWERED, Fault) as error:
        if (word := slack_word(error)) is not None:
            raise Failed(f"Slack refuses to {what}: {word}.") from None
        raise Failed(
            "Slack could not be asked for its members; rekey doctor may say why."
        ) from None


def slack_word(error: Exception) -> str | None:
    """Return Slack's word for its refusal; `None` for anything else, such as a proxy's page."""
    said = error.response["error"] if isinstance(error, SlackApiError) else None
    return said if isinstance(said, str) and _WORD.fullmatch(said) else None


def _profiles(client: WebClient, home: Home) -> Iterator[Profile]:
    for page in client.users_list(limit=_PAGE):
        for described in page["members"]:
            yield profile_of(described, home)


def profile_of(described: Mapping[str, Any], home: Home) -> Profile:
    """Return the member as Slack describes them, their name safe to print: they chose it."""
    shown = described.get("profile") or {}
    return Profile(
        member=member_of(described["id"], described, home),
        name=tidy(shown.get("real_name") or described.get("name") or described["id"]),
        email=shown.get("email"),
    )


def _show(matches: Matches, *, unmatched: Sequence[str]) -> None:
    for contact in matches.ambiguous:
        warn(f"several of Slack's members have the address {contact.email}; none is bound")
    if unmatched:
        have = "contact has" if len(unmatched) == 1 else "contacts have"
        who = listed(unmatched, standard_error())
        remark(f"{len(unmatched)} {have} no counterpart in Slack: {who}")
    if not matches.found:
        return
    table = Table("contact", "name", "in Slack", "identity")
    for match in matches.found:
        identity = match.profile.member.identity
        table.add_row(
            match.contact.email,
            match.contact.name,
            match.profile.name,
            f"{identity.team}/{identity.user}",
        )
    say(table)


def _accepted(found: tuple[Match, ...]) -> list[Match]:
    """Ask which of them are right: all, none, or one by one."""
    if not found:
        return []
    if not sys.stdin.isatty():
        raise WrongUse("There is no terminal to ask at: use --yes.")
    answer = ""
    while answer not in (_ALL, _SOME, _NONE):
        answer = ask(f"Bind {_ALL}, {_SOME} or {_NONE} of them?").lower()
    if answer == _SOME:
        return [match for match in found if _is_right(match)]
    return list(found) if answer == _ALL else []


def _is_right(match: Match) -> bool:
    """Ask of one; whatever is no clear yes is a no."""
    return said_yes(f"Is {match.contact.email} in Slack {match.profile.name}?")


def _bind(tools: Tools, client: WebClient, accepted: Sequence[Match]) -> None:
    """Bind them, and say who was bound by somebody else meanwhile."""
    identities = tools.services_asking(SlackWorkspace(client)).identities
    found = [(match.contact.id, match.profile.member.identity) for match in accepted]
    done = identities.bind(found, operator=tools.operator)
    for match in accepted:
        if match.contact.id not in done:
            warn(f"{match.contact.email} was bound by somebody else meanwhile; left as it is")
    many = "" if len(done) == 1 else "s"
    say(f"{len(done)} contact{many} bound." if done else "Nothing was bound.")
