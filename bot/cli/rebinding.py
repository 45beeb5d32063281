"""`rekey people bind --replace`: another Slack account for a contact who has one."""

from collections.abc import Sequence

from rich.table import Table
from slack_sdk import WebClient

from bot.cli.binding import asking_slack, every_profile, patient_client, profile_of
from bot.cli.console import Failed, confirm, say
from bot.cli.tools import writing
from bot.domain.model.people import Contact
from bot.domain.operator.import_plan import describe_identity
from bot.domain.operator.matching import Profile, in_good_standing
from bot.slack.workspace import SlackWorkspace


def replace_identity(email: str, *, to: str | None, yes: bool) -> None:
    """Show who the contact is in Slack and who they would be, ask, and replace the one."""
    tools = writing()
    client = patient_client(tools.settings)
    identities = tools.services_asking(SlackWorkspace(client)).identities
    contact = identities.authorize(email, operator=tools.operator)
    chosen = _named(client, to) if to else _who_has_the_address(client, contact)
    say(_table(contact, [chosen]))
    if not yes:
        confirm(f"Take {chosen.name} for {contact.name} <{contact.email}> from now on?")
    user = chosen.member.identity.user
    replaced = identities.replace(email, user, operator=tools.operator)
    say(f"{replaced.email} is {describe_identity(replaced.slack)} now; every sign-in has ended.")


def _named(client: WebClient, user_id: str) -> Profile:
    with asking_slack(f"tell who {user_id} is"):
        home = SlackWorkspace(client).home()
        return profile_of(client.users_info(user=user_id)["user"], home)


def _who_has_the_address(client: WebClient, contact: Contact) -> Profile:
    found = [
        profile
        for profile in every_profile(client)
        if (profile.email or "").strip().lower() == contact.email.lower()
        and profile.member.identity != contact.slack
        and in_good_standing(profile.member)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        say(_table(contact, found))
        raise Failed(
            f"Several of Slack's members have the address {contact.email}: choose by --to."
        )
    raise Failed(f"No other member of Slack has the address {contact.email}: name one by --to.")


def _table(contact: Contact, profiles: Sequence[Profile]) -> Table:
    table = Table("contact", "name", "identity", "in Slack", "new identity")
    for profile in profiles:
        table.add_row(
            contact.email,
            contact.name,
            describe_identity(contact.slack),
            profile.name,
            describe_identity(profile.member.identity),
        )
    return table
