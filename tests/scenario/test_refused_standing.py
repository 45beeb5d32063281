"""Standing lost between command, code and Yes: refused at the code, the end of a case at Yes."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.blocks.endings import ended_text
from bot.domain.model.cases import CaseState
from bot.domain.model.people import Role
from tests.fakes import a_slack_identity
from tests.office import OTHER_TEAM, Office
from tests.scenario.changes import (
    answer_to_click,
    bind_slack,
    ended,
    give_roles,
    in_slack,
    invalidate_authenticators,
    remove,
    suspend,
)

Change = Callable[[Office], object]


def _slack(user: str, **flags: Any) -> Change:
    return lambda office: in_slack(office, user, **flags)


def _bob_is_removed(office: Office) -> None:
    remove(office, office.world.bob)


def _roles(name: str, **roles: Role) -> Change:
    def change(office: Office) -> None:
        ids = {"acme": office.world.acme.id, "globex": office.world.globex.id}
        given = {ids[account]: role for account, role in roles.items()}
        give_roles(office, getattr(office.world, name), given)

    return change


LOSSES: dict[str, tuple[Change, str]] = {
    "subscriber deactivated": (_slack("U01BOB", deleted=True), "deactivated_refused"),
    "subscriber a guest": (_slack("U01BOB", is_restricted=True), "guest_refused"),
    "subscriber moved away": (_slack("U01BOB", team_id=OTHER_TEAM), "external_refused"),
    "subscriber an owner elsewhere": (
        _roles("bob", acme=Role.MEMBER, globex=Role.OWNER),
        "outranked",
    ),
    "subscriber out of the account": (_roles("bob", globex=Role.MEMBER), "no_shared_account"),
    "nothing left to reset": (
        lambda office: invalidate_authenticators(office, office.world.bob),
        "nothing_to_reset",
    ),
    "admin suspended": (lambda office: suspend(office, office.world.alice), "admin_suspended"),
    "admin without a role": (_roles("alice", acme=Role.MEMBER), "not_an_administrator"),
    "admin a guest": (_slack("U01ALICE", is_ultra_restricted=True), "guest_refused"),
    "admin deactivated": (_slack("U01ALICE", deleted=True), "deactivated_refused"),
    "admin reset meanwhile": (
        lambda office: invalidate_authenticators(office, office.world.alice),
        "no_authenticator",
    ),
}


def losses(removed: str, **others: tuple[Change, str]) -> pytest.MarkDecorator:
    """Take each loss in turn; `removed` is the tag of a subscriber who is removed meanwhile."""
    every = {**LOSSES, "subscriber removed": (_bob_is_removed, removed), **others}
    return pytest.mark.parametrize(("change", "tag"), list(every.values()), ids=list(every))


@losses(removed="subscriber_not_a_contact")
def test_before_the_code(office: Office, change: Change, tag: str) -> None:
    """Until then the subscriber is who is bound to the Slack account that was named."""
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    change(office)
    with office.refused(f"slack:reset:{tag}"):
        assert list(office.fill(alice, view).errors) == ["code"]


@losses(
    removed="no_shared_account",
    elsewhere=(_roles("alice", globex=Role.ADMINISTRATOR), "account_refused"),
)
def test_before_yes(office: Office, change: Change, tag: str) -> None:
    """From the code on the subscriber is the case's, in Slack or not, and so is the account."""
    world, alice = office.world, office.world.alice
    block = office.request(alice, world.bob)
    change(office)
    left, records = office.active(world.bob.id), len(office.records())

    assert answer_to_click(office, alice, block, "reset_yes")

    assert ended(office, world.bob) == (CaseState.EXPIRED, tag)
    assert office.tags()[records:] == ["slack:case:expired", "slack:reset:standing_lost"]
    assert office.active(world.bob.id) == left
    assert ended_text(tag) in block.shown  # which speaks to nobody
    assert block.action_ids == []
    if office.slack.workspace.members["U01ALICE"].dm_refusal() is None:
        assert ended_text(tag) in office.dm(alice)[-1]
    assert office.dm(world.bob) == []
    assert office.dm(world.carol) == []


def test_standing_that_came_back_in_time_is_standing_and_later_is_too_late(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    behind = block.as_seen()
    for deleted in (True, False, True):
        in_slack(office, "U01BOB", deleted=deleted)
    answer_to_click(office, alice, block, "reset_yes")
    in_slack(office, "U01BOB", deleted=False)
    with office.refused("slack:reset:already_decided"):
        answer_to_click(office, alice, behind, "reset_yes")
    office.move(seconds=30)
    block = office.request(alice, bob)
    for deleted in (True, False):
        in_slack(office, "U01BOB", deleted=deleted)
    office.press(alice, "reset_yes", block)
    assert ended(office, bob)[0] is CaseState.COMPLETED


def test_admin_unbound_before_yes_is_nobody(office: Office) -> None:
    """Without a contact the click is not the admin's: the case goes on until its deadline."""
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    bind_slack(office, alice, a_slack_identity("U01ELSE"))
    with office.refused("slack:reset:not_a_contact"):
        answer_to_click(office, alice, block, "reset_yes")


def test_subscriber_bound_to_another_identity_before_yes(office: Office) -> None:
    """Slack is asked about whoever the contact is now, and it is the same contact."""
    alice, bob = office.world.alice, office.world.bob
    block = office.request(alice, bob)
    office.slack.add_person("U02BOB", name="Bob Brown", deleted=True)
    bind_slack(office, bob, a_slack_identity("U02BOB"))
    answer_to_click(office, alice, block, "reset_yes")
    assert ended(office, bob) == (CaseState.EXPIRED, "deactivated_refused")
