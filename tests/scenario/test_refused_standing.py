"""Standing lost between command, code and Yes: refused at the code, the end of a case at Yes."""

from collections.abc import Callable
from dataclasses import dataclass
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
    give_roles,
    in_slack,
    invalidate_authenticators,
    remove,
    suspend,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What changes meanwhile, under which tag it is refused, and the words that tell of it."""

    change: Callable[[Office], object]
    tag: str
    words: str


def _slack(user: str, **flags: Any) -> Callable[[Office], object]:
    return lambda office: in_slack(office, user, **flags)


def _bob_becomes_an_owner_elsewhere(office: Office) -> None:
    world = office.world
    give_roles(office, world.bob, {world.acme.id: Role.MEMBER, world.globex.id: Role.OWNER})


LOSSES = {
    "subscriber deactivated": Loss(
        change=_slack("U01BOB", deleted=True),
        tag="deactivated_refused",
        words="That Slack account is deactivated",
    ),
    "subscriber a guest": Loss(
        change=_slack("U01BOB", is_restricted=True), tag="guest_refused", words="Guests"
    ),
    "subscriber moved away": Loss(
        change=_slack("U01BOB", team_id=OTHER_TEAM),
        tag="external_refused",
        words="another workspace",
    ),
    "subscriber an owner elsewhere": Loss(
        change=_bob_becomes_an_owner_elsewhere, tag="outranked", words="a higher role than you do"
    ),
    "subscriber out of the account": Loss(
        change=lambda office: give_roles(
            office, office.world.bob, {office.world.globex.id: Role.MEMBER}
        ),
        tag="no_shared_account",
        words="You administer no account",
    ),
    "nothing left to reset": Loss(
        change=lambda office: invalidate_authenticators(office, office.world.bob),
        tag="nothing_to_reset",
        words="There is nothing to reset",
    ),
    "admin suspended": Loss(
        change=lambda office: suspend(office, office.world.alice),
        tag="admin_suspended",
        words="Your own sign-in is suspended",
    ),
    "admin without a role": Loss(
        change=lambda office: give_roles(
            office, office.world.alice, {office.world.acme.id: Role.MEMBER}
        ),
        tag="not_an_administrator",
        words="Only an administrator or owner",
    ),
    "admin a guest": Loss(
        change=_slack("U01ALICE", is_ultra_restricted=True), tag="guest_refused", words="Guests"
    ),
    "admin deactivated": Loss(
        change=_slack("U01ALICE", deleted=True),
        tag="deactivated_refused",
        words="That Slack account is deactivated",
    ),
    "admin reset meanwhile": Loss(
        change=lambda office: invalidate_authenticators(office, office.world.alice),
        tag="no_authenticator",
        words="You have no 2FA of your own yet",
    ),
}
REMOVED_BEFORE_THE_CODE = Loss(
    change=lambda office: remove(office, office.world.bob),
    tag="subscriber_not_a_contact",
    words="no contact bound",
)
"""Until then the subscriber is who is bound to the Slack account that was named."""

REMOVED_BEFORE_YES = Loss(
    change=lambda office: remove(office, office.world.bob),
    tag="no_shared_account",
    words="no account that this person belongs to",
)
"""From then on the subscriber is the case's, in Slack or not."""


def losses(removed: Loss) -> pytest.MarkDecorator:
    every = {**LOSSES, "subscriber removed": removed}
    return pytest.mark.parametrize("loss", list(every.values()), ids=list(every))


@losses(REMOVED_BEFORE_THE_CODE)
def test_before_the_code(office: Office, loss: Loss) -> None:
    alice = office.world.alice
    view = office.ask(alice, office.world.bob)
    loss.change(office)
    with office.refused(f"slack:reset:{loss.tag}"):
        delivery = office.fill(alice, view)
    assert list(delivery.errors) == ["code"]
    assert loss.words in delivery.errors["code"]
    assert office.cases(office.world.bob) == ()


@losses(REMOVED_BEFORE_YES)
def test_before_yes(office: Office, loss: Loss) -> None:
    world, alice = office.world, office.world.alice
    block = office.request(alice, world.bob)
    loss.change(office)
    left, records = office.active(world.bob.id), len(office.records())

    answer = answer_to_click(office, alice, block, "reset_yes")

    (case,) = office.cases(world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, loss.tag)
    assert office.tags()[records:] == ["slack:case:expired", "slack:reset:standing_lost"]
    assert office.active(world.bob.id) == left
    assert "what it rested on no longer holds" in answer
    assert loss.words in answer
    assert ended_text(loss.tag) in block.shown  # which speaks to nobody
    assert block.action_ids == []
    if office.slack.workspace.members["U01ALICE"].dm_refusal() is None:
        assert ended_text(loss.tag) in office.dm(alice)[-1]
    assert office.dm(world.bob) == []
    assert office.dm(world.carol) == []


def test_standing_that_comes_back_after_yes_needs_a_new_case(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    behind = block.as_seen()
    in_slack(office, "U01BOB", deleted=True)
    answer_to_click(office, alice, block, "reset_yes")
    in_slack(office, "U01BOB", deleted=False)
    with office.refused("slack:reset:already_decided"):
        answer_to_click(office, alice, behind, "reset_yes")


def test_admin_unbound_before_yes_is_nobody(office: Office) -> None:
    """Without a contact the click is not the admin's: the case goes on until its deadline."""
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    bind_slack(office, alice, a_slack_identity("U01ELSE"))
    with office.refused("slack:reset:not_a_contact"):
        answer_to_click(office, alice, block, "reset_yes")
    assert office.cases(office.world.bob)[0].state is CaseState.AWAITING_CONFIRMATION


def test_subscriber_bound_to_another_identity_before_yes(office: Office) -> None:
    """Slack is asked about whoever the contact is now, and it is the same contact."""
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    office.slack.add_person("U02BOB", name="Bob Brown", deleted=True)
    bind_slack(office, office.world.bob, a_slack_identity("U02BOB"))
    assert "deactivated" in answer_to_click(office, alice, block, "reset_yes")
    (case,) = office.cases(office.world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "deactivated_refused")


def test_role_kept_but_not_in_the_account_of_the_case(office: Office) -> None:
    """The case belongs to Acme: being Globex's administrator by now does not carry it."""
    world, alice = office.world, office.world.alice
    block = office.request(alice, world.bob)
    give_roles(office, alice, {world.globex.id: Role.ADMINISTRATOR})
    answer = answer_to_click(office, alice, block, "reset_yes")
    assert "what it rested on no longer holds" in answer
    (case,) = office.cases(world.bob)
    assert (case.state, case.ended_reason) == (CaseState.EXPIRED, "account_refused")
    assert office.active(world.bob.id) == 1


def test_standing_that_came_back_in_time_is_standing(office: Office) -> None:
    alice = office.world.alice
    block = office.request(alice, office.world.bob)
    in_slack(office, "U01BOB", deleted=True)
    in_slack(office, "U01BOB", deleted=False)
    assert office.as_(alice).click(block, "reset_yes").ok
    assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED
