"""Which of Slack's members is which contact: by e-mail, once, before the operator's eyes."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bot.domain.model.people import Contact, Member, SlackIdentity


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A member as Slack's list shows them."""

    member: Member
    name: str
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A contact without a Slack identity, and the one member who has their e-mail address."""

    contact: Contact
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What was found; `ambiguous` contacts share their address with several members."""

    found: tuple[Match, ...]
    ambiguous: tuple[Contact, ...]


def match_members(
    contacts: Iterable[Contact], profiles: Iterable[Profile], *, bound: Collection[SlackIdentity]
) -> Matches:
    """Match contacts with members in good standing whose identity is not in `bound`."""
    by_email: defaultdict[str, list[Profile]] = defaultdict(list)
    for profile in profiles:
        if profile.email and in_good_standing(profile.member):
            by_email[profile.email.strip().lower()].append(profile)
    found, ambiguous = [], []
    for contact in contacts:
        candidates = by_email[contact.email.lower()]
        if len(candidates) > 1:
            ambiguous.append(contact)
        elif candidates and candidates[0].member.identity not in bound:
            found.append(Match(contact=contact, profile=candidates[0]))
    return Matches(found=tuple(found), ambiguous=tuple(ambiguous))


def in_good_standing(member: Member) -> bool:
    """Whether that is a full, active person of this workspace."""
    return not (member.is_deactivated or member.is_bot or member.is_guest or member.is_external)
