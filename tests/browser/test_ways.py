"""The other ways to a reset: App Home, the shortcuts, and the person's own request."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenDesk
from tests.browser.desk import Desk

BOB = "Reset the 2FA of Bob Brown"


def answer_in_the_dm(desk: Desk) -> None:
    """Fill the code modal in, and say Yes where a flow without a channel asks for it."""
    desk.fill_in()
    expect(desk.modal).to_be_hidden()
    desk.look_at("DM with Rekey")
    desk.message("Reset the 2FA of Bob Brown?").get_by_role("button", name="Yes").click()
    expect(desk.message("The 2FA of Bob Brown was reset.")).to_be_visible()


def test_by_the_button_beside_a_contact_at_home(desk: Desk) -> None:
    desk.look_at("Home")
    expect(desk.panel.get_by_role("button", name=BOB)).to_be_visible()
    assert len(_states_begin_at(desk)) == 1
    desk.panel.get_by_label("Find a contact").fill("brown")
    desk.page.keyboard.press("Enter")
    expect(desk.panel).to_contain_text("1 to 1 of 1")
    expect(desk.panel).not_to_contain_text("Alan Ames")
    desk.panel.get_by_role("button", name=BOB).click()
    expect(desk.modal).to_contain_text("bob@acme.example")
    desk.modal.get_by_label("Why?").fill("lost phone")
    answer_in_the_dm(desk)
    desk.look_at("Home")
    expect(desk.panel).not_to_contain_text("No case waits in this account.")


def _states_begin_at(desk: Desk) -> set[float]:
    """Return how far from the left the contacts' states are, in rows with a button or without."""
    left: list[float] = desk.panel.locator(".fields").evaluate_all(
        """lists => lists.filter(({ children }) => children.length === 2)
          .map(({ children }) => children[1].getBoundingClientRect().left)"""
    )
    return set(left)


def test_whom_rekey_wrote_to_is_led_to_it(desk: Desk) -> None:
    desk.reset_bob()
    people = desk.page.get_by_role("navigation", name="Act as")
    bob = people.get_by_role("button", name="Bob Brown")
    expect(bob).to_contain_text("1 unread")
    bob.click()
    expect(desk.message("Your 2FA was reset")).to_be_visible()


def test_by_the_shortcut_on_a_message(desk: Desk) -> None:
    desk.act_as("Bob Brown")
    desk.say("my phone is gone")
    desk.act_as("Alice Archer")
    desk.messages.last.hover()
    desk.messages.last.get_by_role("button", name="More actions").click()
    desk.page.get_by_role("menuitem", name="Reset this person's 2FA").click()
    expect(desk.modal).to_contain_text("bob@acme.example")
    desk.modal.get_by_label("Why?").fill("lost phone")
    answer_in_the_dm(desk)


def test_a_click_counts_though_the_page_changes_while_the_button_is_down(
    desk: Desk, open_desk: OpenDesk
) -> None:
    desk.look_at("Home")
    bob = open_desk()
    bob.act_as("Bob Brown")
    channel = desk.page.get_by_role("tab", name=re.compile("^#help-desk"))
    told = desk.page.evaluate_handle(_TOLD)
    channel.hover()
    desk.page.mouse.down()
    bob.say("are you there?")
    assert "are you there?" in told.evaluate("({ promise }) => promise")
    desk.page.mouse.up()
    expect(channel).to_have_attribute("aria-selected", "true")
    expect(desk.message("are you there?")).to_be_visible()


_TOLD = """() => ({ promise: new Promise((resolve) => {
  const announcer = document.getElementById("announcer");
  const see = () => resolve(announcer.textContent);
  new MutationObserver(see).observe(announcer, { childList: true });
}) })"""
"""Keeps what is said to those who hear the page: it is taken away after some seconds."""


def test_by_the_shortcut_everywhere(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Shortcuts").click()
    desk.page.get_by_role("menuitem", name="Reset 2FA").click()
    whom = desk.modal.get_by_role("combobox", name="Whose 2FA is to be reset?")
    expect(whom).to_be_focused()
    whom.fill("bo")
    expect(desk.modal.get_by_role("option", name="Bob Brown")).to_be_visible()
    desk.send_modal("Next")  # pressed while the list is open
    expect(whom).to_have_accessible_description(re.compile("does not see whom you mean"))
    whom.fill("bo")
    desk.modal.get_by_role("option", name="Bob Brown").click()
    desk.send_modal("Next")
    expect(desk.modal).to_contain_text("bob@acme.example")
    expect(desk.modal.get_by_role("radio").first).to_be_focused()
    desk.modal.get_by_label("Why?").fill("lost phone")
    answer_in_the_dm(desk)


def test_alan_asks_and_alice_is_told(desk: Desk) -> None:
    desk.act_as("Alan Ames", "Home")
    desk.panel.get_by_role("button", name="Ask for a reset").click()
    desk.modal.get_by_label("Why?").fill("My phone fell into the river")
    desk.modal.get_by_role("button", name="Ask", exact=True).click()
    expect(desk.modal).to_contain_text("Your request was sent.")
    desk.modal.get_by_role("button", name="Close all").click()
    desk.act_as("Alice Archer", "DM with Rekey")
    asks = desk.message("Alan Ames asks for a reset of their 2FA")
    expect(asks).not_to_contain_text("river")
    expect(asks.get_by_role("button").first).to_be_visible()
