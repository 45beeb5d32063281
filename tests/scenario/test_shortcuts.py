"""Resets that begin with a shortcut, and how they are refused."""

from bot.domain.model.cases import CaseState
from tests.office import CHANNEL, Office


def test_a_message_s_author_is_reset(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    message = office.as_(bob).say("I cannot sign in any more", channel=CHANNEL)
    assert office.as_(alice).shortcut("reset_message", message).ok
    modal = office.as_(alice).modal
    assert "Bob Brown" in modal.shown
    assert "cannot sign in" not in str(modal.spec)
    assert office.fill(alice, modal).ok
    office.deliver()
    block = office.as_(alice).dm[-1]
    assert office.as_(alice).click(block, "reset_yes").ok
    office.deliver()
    assert office.cases(bob)[0].state is CaseState.COMPLETED


def test_everywhere_begins_with_the_picker(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    assert office.as_(alice).shortcut("reset_global").ok
    picker = office.as_(alice).modal
    assert office.as_(alice).submit(picker, {"subscriber": bob.slack.user}).ok
    assert office.fill(alice, office.as_(alice).modal).ok
    office.deliver()
    assert "reset_yes" in office.as_(alice).dm[-1].action_ids


def test_an_app_s_message_is_refused(office: Office) -> None:
    alice, bob = office.world.alice, office.world.bob
    office.request(alice, bob)
    office.as_(alice).click(office.confirm_block(alice), "reset_no")
    office.deliver()
    own = office.as_(alice).dm[-1]  # Rekey's own
    with office.refused("slack:reset:bot_refused"):
        assert office.as_(alice).shortcut("reset_message", own).ok
    assert "That is a bot" in office.ephemerals(alice)[-1]


def test_a_member_is_refused(office: Office) -> None:
    bob = office.world.bob
    message = office.as_(office.world.alice).say("Good morning", channel=CHANNEL)
    with office.refused("slack:reset:not_an_administrator"):
        assert office.as_(bob).shortcut("reset_message", message).ok
    assert "Only an administrator" in office.ephemerals(bob)[-1]
    assert office.as_(bob).modals == []


def test_a_guest_s_message_is_refused(office: Office) -> None:
    message = office.as_("U01GUEST").say("Hello", channel=CHANNEL)
    with office.refused("slack:reset:guest_refused"):
        office.as_(office.world.alice).shortcut("reset_message", message)
    assert "Guests of the workspace" in office.ephemerals(office.world.alice)[-1]
