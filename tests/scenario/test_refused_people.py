"""Whoever may not, by every door: refused where they asked, recorded, and nothing changed."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.model.people import Role
from tests.fakes import a_slack_identity
from tests.office import CHANNEL, OTHER_TEAM, Office
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

Change = Callable[[Office], object]
Door = Callable[[Office, str, str], str]
ALICE, ALAN, BOB, CAROL, DANA = "U01ALICE", "U01ALAN", "U01BOB", "U01CAROL", "U01DANA"


def at_the_command(office: Office, who: str, whom: str) -> str:
    return answer_to(office, who, f"<@{whom}>")


def at_the_picker(office: Office, who: str, whom: str) -> str:
    slack = office.as_(who)
    assert slack.command("/reset-2fa", channel=CHANNEL).ok
    refused = slack.submit(slack.modal, {"subscriber": whom})
    slack.close_all()
    return refused.errors["subscriber"]


def at_a_message(office: Office, who: str, whom: str) -> str:
    slack, message = office.as_(who), office.as_(whom).say("My phone is gone", channel=CHANNEL)
    told = len(office.ephemerals(who))
    assert slack.shortcut("reset_message", message).ok
    assert slack.modals == []
    office.deliver()
    (answer,) = office.ephemerals(who)[told:]
    return answer


def at_a_hand_over(office: Office, who: str, whom: str) -> str:
    return answer_to(office, who, f"hand-over <@{whom}>")


def at_the_status(office: Office, who: str, whom: str) -> str:
    return answer_to(office, who, f"status <@{whom}>")


RESETS: tuple[Door, ...] = (at_the_command, at_the_picker, at_a_message)


def refused_everywhere(
    office: Office, who: str, whom: str, tag: str, *, doors: tuple[Door, ...] = RESETS
) -> set[str]:
    """Try each door, those of a reset and others that are given; return what was said."""
    sources: dict[Door, str] = {at_a_hand_over: "hand_over", at_the_status: "case"}
    said = set()
    for door in doors:
        if door is at_the_picker and office.slack.workspace.members[whom].deleted:
            continue  # Slack offers nobody who is deactivated
        with office.refused(f"slack:{sources.get(door, 'reset')}:{tag}"):
            said.add(door(office, who, whom))
        assert office.records()[-1].slack_user == who
    return said


EVERY_DOOR = (*RESETS, at_a_hand_over, at_the_status)


@pytest.mark.parametrize("user", [ALICE, BOB])
@pytest.mark.parametrize(
    ("flags", "tag"),
    [
        ({"is_restricted": True}, "guest_refused"),
        ({"is_ultra_restricted": True}, "guest_refused"),
        ({"is_invited_user": True}, "guest_refused"),
        ({"is_bot": True}, "bot_refused"),
        ({"deleted": True}, "deactivated_refused"),
        ({"is_stranger": True}, "external_refused"),
        ({"team_id": OTHER_TEAM}, "external_refused"),
        ({"enterprise_id": "E02"}, "external_refused"),
    ],
    ids=str,
)
def test_of_whom_slack_says_so(office: Office, flags: dict[str, Any], tag: str, user: str) -> None:
    """Of whoever asks, and of whoever is named."""
    in_slack(office, user, **flags)
    refused_everywhere(office, ALICE, BOB, tag)


def _nothing(_office: Office) -> None:
    return None


def _reset(user: str) -> Change:
    people = {ALICE: "alice", BOB: "bob"}
    return lambda office: invalidate_authenticators(office, getattr(office.world, people[user]))


def _alice_is_suspended(office: Office) -> None:
    suspend(office, office.world.alice)


def _alan_is_removed(office: Office) -> None:
    remove(office, office.world.alan)


def _elsewhere(office: Office) -> None:
    """Bind both to the same user ids in another workspace, where other people have them."""
    for person in (office.world.alice, office.world.bob):
        bind_slack(office, person, a_slack_identity(person.slack.user, team=OTHER_TEAM))


def _a_twin_of_alice(office: Office) -> None:
    join_slack(office, "U01TWIN", name="Alice Archer", email="alice@acme.example")


def _roles(name: str, *, acme: Role, globex: Role) -> Change:
    def change(office: Office) -> None:
        world = office.world
        roles = {world.acme.id: acme, world.globex.id: globex}
        give_roles(office, getattr(world, name), roles)

    return change


def _visitors_bring_their_team(office: Office) -> None:
    office.slack.payloads.strangers_bring_their_team = True


@pytest.mark.parametrize(
    ("change", "who", "whom", "tag"),
    [
        (_nothing, "U01STRANGER", BOB, "not_a_contact"),
        (_nothing, "U01EXT", BOB, "external_refused"),
        (_visitors_bring_their_team, "U01EXT", BOB, "external_refused"),
        (_a_twin_of_alice, "U01TWIN", BOB, "not_a_contact"),
        (_elsewhere, ALICE, CAROL, "not_a_contact"),
        (_elsewhere, CAROL, BOB, "subscriber_not_a_contact"),
        (_alan_is_removed, ALAN, BOB, "not_a_contact"),
        (_alan_is_removed, ALICE, ALAN, "subscriber_not_a_contact"),
        (_nothing, ALICE, "U01STRANGER", "subscriber_not_a_contact"),
        (_nothing, BOB, ALICE, "not_an_administrator"),
        (_nothing, ALICE, DANA, "no_shared_account"),
        (_nothing, CAROL, DANA, "no_shared_account"),
        (
            _roles("alan", acme=Role.MEMBER, globex=Role.OWNER),
            ALAN,
            ALICE,
            "no_shared_account",
        ),
    ],
)
def test_who_takes_no_part(office: Office, change: Change, who: str, whom: str, tag: str) -> None:
    """In a reset, nor in a case of that person's: neither looks at nor acts on it."""
    change(office)
    said = refused_everywhere(office, who, whom, tag, doors=EVERY_DOOR)
    assert not any("Globex" in words for words in said)


@pytest.mark.parametrize(
    ("change", "who", "whom", "tag"),
    [
        (_nothing, ALICE, "U01ROBOT", "bot_refused"),
        (_nothing, ALICE, "U01GUEST", "guest_refused"),
        (_nothing, ALICE, "U01SINGLE", "guest_refused"),
        (_nothing, ALICE, "U01GONE", "deactivated_refused"),
        (_nothing, ALICE, "U01EXT", "external_refused"),
        (_nothing, DANA, BOB, "no_authenticator"),
        (_reset(ALICE), ALICE, BOB, "no_authenticator"),
        (_alice_is_suspended, ALICE, BOB, "admin_suspended"),
        (_nothing, ALICE, ALICE, "oneself_refused"),
        (_nothing, CAROL, CAROL, "oneself_refused"),
        (_nothing, ALICE, CAROL, "outranked"),
        (_roles("bob", acme=Role.MEMBER, globex=Role.ADMINISTRATOR), CAROL, BOB, "outranked"),
        (_roles("bob", acme=Role.MEMBER, globex=Role.OWNER), ALICE, BOB, "outranked"),
    ],
)
def test_who_may_not_reset(office: Office, change: Change, who: str, whom: str, tag: str) -> None:
    """A higher role in another account is neither named nor told of."""
    change(office)
    said = " ".join(refused_everywhere(office, who, whom, tag)).lower()
    if tag == "outranked":
        assert "globex" not in said
        assert "in this account or in another" in said
        assert office.records()[-1].account is None


@pytest.mark.parametrize(
    ("user", "tag"),
    [
        ("USLACKBOT", "bot_refused"),
        ("U0REKEYBOT", "bot_refused"),
        ("U99NOBODY", "unknown_person"),
    ],
)
def test_who_is_nobody_in_slack(office: Office, user: str, tag: str) -> None:
    """Not even where a contact is bound to it."""
    refused_everywhere(office, ALICE, user, tag, doors=(at_the_command,))
    bind_slack(office, office.world.bob, a_slack_identity(user))
    refused_everywhere(office, ALICE, user, tag, doors=(at_the_command,))


def test_equals_may_reset_each_other(office: Office) -> None:
    assert office.ask(office.world.alan, office.world.alice).callback_id == "reset_verify"
    assert office.tags() == []
