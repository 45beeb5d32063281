"""Which of Slack's members is which contact."""

from bot.domain.model.people import Member
from bot.domain.operator.matching import Match, Profile, match_members
from tests.fakes import a_contact, a_member


def a_profile(member: Member, email: str | None) -> Profile:
    return Profile(member=member, name="Somebody", email=email)


BOB = a_contact("bob")


def test_one_member_with_the_address_is_the_contact_whatever_the_case() -> None:
    profile = a_profile(a_member("U01BOB"), " Bob@Example.com ")
    strangers = [a_profile(a_member("U01X"), "x@example.com"), a_profile(a_member("U01Y"), None)]
    matches = match_members([BOB, a_contact("ben")], [profile, *strangers], bound=())
    assert matches.found == (Match(contact=BOB, profile=profile),)
    assert matches.ambiguous == ()
    assert match_members([BOB], [profile], bound={profile.member.identity}).found == ()


def test_several_members_with_the_address_are_nobody() -> None:
    twins = [a_profile(a_member(user), BOB.email) for user in ("U01BOB", "U02BOB")]
    matches = match_members([BOB], twins, bound=())
    assert (matches.found, matches.ambiguous) == ((), (BOB,))


def test_only_full_members_of_this_workspace_count() -> None:
    unfit = [
        a_member("U01A", is_deactivated=True),
        a_member("U01B", is_bot=True),
        a_member("U01C", is_guest=True),
        a_member("U01D", is_external=True),
    ]
    profiles = [a_profile(member, BOB.email) for member in unfit]
    assert match_members([BOB], profiles, bound=()).found == ()
    fit = a_profile(a_member("U01E"), BOB.email)
    assert match_members([BOB], [*profiles, fit], bound=()).found[0].profile == fit
