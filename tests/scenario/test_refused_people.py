"""Who takes no part in a reset: refused at the command, in one sentence, and nothing changed."""

from typing import Any

import pytest

from bot.domain.model.people import Role
from tests.fakes import a_slack_identity
from tests.office import OTHER_TEAM, Office
from tests.scenario.changes import (
    answer_to,
    bind_slack,
    give_roles,
    in_slack,
    invalidate_authenticators,
    join_slack,
    remove,
    suspend,
)

BOB = "<@U01BOB>"
STANDINGS: list[Any] = [
    pytest.param({"is_restricted": True}, "guest_refused", "Guests", id="guest"),
    pytest.param({"is_ultra_restricted": True}, "guest_refused", "Guests", id="single-channel"),
    pytest.param({"is_invited_user": True}, "guest_refused", "Guests", id="invited"),
    pytest.param({"is_bot": True}, "bot_refused", "bot", id="bot"),
    pytest.param({"deleted": True}, "deactivated_refused", "deactivated", id="deactivated"),
    pytest.param({"is_stranger": True}, "external_refused", "another workspace", id="stranger"),
    pytest.param({"team_id": OTHER_TEAM}, "external_refused", "another workspace", id="team"),
    pytest.param(
        {"enterprise_id": "E02"}, "external_refused", "another workspace", id="enterprise"
    ),
]


@pytest.mark.parametrize(("flags", "tag", "words"), STANDINGS)
def test_of_the_caller_slack_says(
    office: Office, flags: dict[str, Any], tag: str, words: str
) -> None:
    in_slack(office, "U01ALICE", **flags)
    with office.refused(f"slack:reset:{tag}"):
        assert words in answer_to(office, office.world.alice, BOB)


@pytest.mark.parametrize(("flags", "tag", "words"), STANDINGS)
def test_of_the_subscriber_slack_says(
    office: Office, flags: dict[str, Any], tag: str, words: str
) -> None:
    in_slack(office, "U01BOB", **flags)
    with office.refused(f"slack:reset:{tag}"):
        assert words in answer_to(office, office.world.alice, BOB)


@pytest.mark.parametrize(
    ("user", "tag"),
    [
        ("USLACKBOT", "bot_refused"),
        ("U0REKEYBOT", "bot_refused"),
        ("U01ROBOT", "bot_refused"),
        ("U01GUEST", "guest_refused"),
        ("U01SINGLE", "guest_refused"),
        ("U01GONE", "deactivated_refused"),
        ("U01EXT", "external_refused"),
        ("U01STRANGER", "subscriber_not_a_contact"),
        ("U99NOBODY", "unknown_person"),
    ],
)
def test_who_is_nobody_to_the_directory(office: Office, user: str, tag: str) -> None:
    with office.refused(f"slack:reset:{tag}"):
        answer_to(office, office.world.alice, f"<@{user}>")


def test_slackbot_is_refused_although_a_contact_is_bound_to_it(office: Office) -> None:
    bind_slack(office, office.world.bob, a_slack_identity("USLACKBOT"))
    with office.refused("slack:reset:bot_refused"):
        assert "bots have no 2FA" in answer_to(office, office.world.alice, "<@USLACKBOT>")


@pytest.mark.parametrize("brings_team", [False, True])
def test_caller_of_another_workspace(office: Office, *, brings_team: bool) -> None:
    office.slack.payloads.strangers_bring_their_team = brings_team
    with office.refused("slack:reset:external_refused"):
        assert "another workspace" in answer_to(office, "U01EXT", BOB)


def test_caller_without_a_contact(office: Office) -> None:
    with office.refused("slack:reset:not_a_contact"):
        assert "bound to no contact here" in answer_to(office, "U01STRANGER", BOB)
    assert office.records()[-1].actor == "nobody"
    assert office.records()[-1].slack_user == "U01STRANGER"


def test_contact_bound_to_the_same_user_of_another_workspace_is_somebody_else(
    office: Office,
) -> None:
    bind_slack(office, office.world.alice, a_slack_identity("U01ALICE", team=OTHER_TEAM))
    bind_slack(office, office.world.bob, a_slack_identity("U01BOB", team=OTHER_TEAM))
    with office.refused("slack:reset:not_a_contact"):
        answer_to(office, office.world.alice, BOB)
    with office.refused("slack:reset:subscriber_not_a_contact"):
        answer_to(office, office.world.carol, BOB)


def test_same_name_and_address_make_no_contact(office: Office) -> None:
    join_slack(office, "U01TWIN", name="Alice Archer", email="alice@acme.example")
    with office.refused("slack:reset:not_a_contact"):
        answer_to(office, "U01TWIN", BOB)


def test_removed_contact_takes_no_part(office: Office) -> None:
    remove(office, office.world.alan)
    with office.refused("slack:reset:not_a_contact"):
        answer_to(office, office.world.alan, BOB)
    with office.refused("slack:reset:subscriber_not_a_contact"):
        answer_to(office, office.world.alice, "<@U01ALAN>")


def test_member_resets_nobody(office: Office) -> None:
    with office.refused("slack:reset:not_an_administrator"):
        answer = answer_to(office, office.world.bob, "<@U01ALICE>")
    assert "Only an administrator or owner" in answer


def test_administrator_of_no_shared_account(office: Office) -> None:
    for admin in (office.world.alice, office.world.carol):
        with office.refused("slack:reset:no_shared_account"):
            answer = answer_to(office, admin, "<@U01DANA>")
        assert "You administer no account that this person belongs to" in answer
        assert "Globex" not in answer


def test_member_of_the_shared_account_who_administers_another(office: Office) -> None:
    give_roles(
        office,
        office.world.alan,
        {office.world.acme.id: Role.MEMBER, office.world.globex.id: Role.OWNER},
    )
    with office.refused("slack:reset:no_shared_account"):
        answer_to(office, office.world.alan, "<@U01ALICE>")


def test_admin_without_an_authenticator(office: Office) -> None:
    with office.refused("slack:reset:no_authenticator"):
        answer = answer_to(office, office.world.dana, BOB)
    assert "You have no 2FA of your own yet" in answer


def test_admin_whose_authenticator_was_reset(office: Office) -> None:
    invalidate_authenticators(office, office.world.alice)
    with office.refused("slack:reset:no_authenticator"):
        answer_to(office, office.world.alice, BOB)


def test_suspended_admin(office: Office) -> None:
    suspend(office, office.world.alice)
    with office.refused("slack:reset:admin_suspended"):
        assert "Your own sign-in is suspended" in answer_to(office, office.world.alice, BOB)


def test_oneself(office: Office) -> None:
    for person in (office.world.alice, office.world.carol):
        with office.refused("slack:reset:oneself_refused"):
            answer = answer_to(office, person, f"<@{person.slack.user}>")
        assert "Nobody resets their own 2FA" in answer


def test_higher_role_here(office: Office) -> None:
    with office.refused("slack:reset:outranked"):
        assert "a higher role than you" in answer_to(office, office.world.alice, "<@U01CAROL>")


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.OWNER])
def test_higher_role_in_another_account_which_is_not_named(office: Office, role: Role) -> None:
    world = office.world
    give_roles(office, world.bob, {world.acme.id: Role.MEMBER, world.globex.id: role})
    for admin in (world.alice, world.carol):
        with office.refused("slack:reset:outranked"):
            answer = answer_to(office, admin, BOB)
        assert "a higher role than you do, in this account or in another" in answer
        assert not any(word in answer.lower() for word in ("globex", "owner", "administrator"))
    assert office.records()[-1].account is None


def test_equals_may_reset_each_other(office: Office) -> None:
    view = office.ask(office.world.alan, office.world.alice)
    assert "Alice Archer" in view.shown
    assert office.tags() == []
