"""The other ways to a reset: App Home, the shortcuts, and the person's own request."""

from playwright.sync_api import expect

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
    desk.panel.get_by_label("Find a contact").fill("brown")
    desk.page.keyboard.press("Enter")
    expect(desk.panel).to_contain_text("1 to 1 of 1")
    desk.panel.get_by_role("button", name=BOB).click()
    expect(desk.modal).to_contain_text("bob@acme.example")
    desk.modal.get_by_label("Why?").fill("lost phone")
    answer_in_the_dm(desk)
    desk.look_at("Home")
    expect(desk.panel).not_to_contain_text("No case waits in this account.")


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


def test_the_global_shortcut_asks_for_whom(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Shortcuts").click()
    desk.page.get_by_role("menuitem", name="Reset 2FA").click()
    expect(desk.modal).to_have_accessible_name("Reset 2FA")
    expect(desk.modal.get_by_role("combobox").first).to_be_focused()


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
