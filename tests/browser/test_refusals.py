"""Every refusal that a person easily meets, seen where they meet it, and looked at there."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from playground.office import Office
from tests.browser.desk import Desk
from tests.browser.look import Look
from tests.browser.portal import CONFIGURE, HOME, PASSWORD, PROVE, Portal

WRONG = "000000"


REFUSED_COMMANDS = {
    "carol": "This person holds a higher role than you do",
    "dana": "This person holds a higher role than you do",
    "alice": "Nobody resets their own 2FA.",
    "gus": "Guests of the workspace can neither reset",
    "dora": "That Slack account is deactivated.",
    "xavier": "That person belongs to another workspace.",
    "robo": "That is a bot",
    "ivan": "You administer no account that this person belongs to.",
}


def test_the_command_refuses(desk: Desk) -> None:
    for count, (handle, words) in enumerate(REFUSED_COMMANDS.items(), start=1):
        desk.say(f"/reset-2fa @{handle} lost phone")
        expect(desk.messages).to_have_count(count)
        _refused(desk.messages.last, words)
    desk.act_as("Bob Brown")
    desk.say("/reset-2fa @alan lost phone")
    _refused(desk.messages.last, "administrator")
    desk.act_as("Gus Guest")
    desk.say("/reset-2fa @bob lost phone")
    _refused(desk.messages.last, "Guests")


def _refused(message: Locator, words: str) -> None:
    expect(message).to_have_accessible_name(re.compile("only visible to you"))
    expect(message).to_contain_text(words)
    expect(message.get_by_role("button")).to_have_count(0)


def test_the_code_modal_refuses(desk: Desk) -> None:
    desk.ask(why="")
    code, why = desk.modal.get_by_label("Your own code"), desk.modal.get_by_label("Why?")
    why.fill("lost phone")
    code.fill("12")
    desk.send_modal()
    expect(desk.modal.get_by_role("radiogroup")).to_have_accessible_description(re.compile("."))
    desk.modal.get_by_label(re.compile("^On a video call")).check()
    desk.send_modal()
    _at(code, "six digits")
    code.fill(WRONG)
    why.fill(f"he said {WRONG}")
    desk.send_modal()
    _at(why, "code")
    why.fill("lost phone")
    for _ in range(5):
        code.fill(WRONG)
        desk.send_modal()
        _at(code, "wrong")
    code.fill(desk.code())
    desk.send_modal()
    _at(code, "too many")


def _at(field: Locator, words: str) -> None:
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(words, re.IGNORECASE))


def test_an_answer_too_late_changes_nothing(desk: Desk) -> None:
    desk.ask()
    desk.fill_in()
    expect(desk.modal).to_be_hidden()
    expect(desk.yes).to_be_visible()  # an hour later it could no longer be posted here
    desk.page.get_by_role("button", name="+1 hour").click()
    expect(desk.page.get_by_text("1 hour ahead of the real time.")).to_be_visible()
    desk.yes.click()
    expect(desk.messages).to_have_count(2)
    _refused(desk.messages.last, "The time to answer is over, so nothing was changed.")


def test_who_presses_no_changes_nothing(desk: Desk) -> None:
    desk.ask()
    desk.fill_in()
    expect(desk.modal).to_be_hidden()
    desk.messages.get_by_role("button", name="No", exact=True).click()
    _refused(desk.messages.last, "nothing was changed")
    expect(desk.messages).to_have_count(1)


def test_the_sign_in_refuses(office: Office, open_page: Callable[..., Page], look: Look) -> None:
    portal = Portal(open_page())
    portal.open(office)
    look.at(portal.page, "sign-in")
    portal.page.get_by_role("button", name="Sign in").click()
    expect(portal.page.get_by_label("User name")).to_be_focused()  # the browser's own refusal
    portal.sign_in("bob", password="wrong")
    portal.refuses("Password", "The user name or the password is wrong.")
    look.at(portal.page, "sign-in, refused")
    portal.sign_in("bob")
    portal.page.get_by_text("No working code?").click()
    look.at(portal.page, "code")
    for code, words in (("12", "A code is six digits."), *[(WRONG, "That code is wrong")] * 5):
        portal.give("Code", code, "Sign in")
        portal.refuses("Code", words)
    portal.give("Code", WRONG, "Sign in")
    portal.refuses("Code", "Too many wrong codes. Try again after")
    portal.page.get_by_role("link", name="Sign in as somebody else").click()
    portal.sees("Sign out?")
    look.at(portal.page, "sign-out")
    portal.page.get_by_role("button", name="Sign out").click()
    portal.sees("Sign in")
    look.at(portal.page, "signed out")
    for _ in range(6):
        portal.sign_in("alan", password="wrong")
    portal.refuses("Password", "Too many wrong passwords. Try again after")
    portal.open(office, "/portal/nowhere")
    portal.sees("There is no such page")
    look.at(portal.page, "problem")


def test_the_set_up_refuses(desk: Desk, look: Look) -> None:
    portal = Portal(desk.portal())
    portal.sign_in("erin")
    portal.sees(PROVE)
    portal.page.get_by_text("No message in Slack?").click()
    look.at(portal.page, "waiting")
    portal.give("Set-up code", "12", "Continue")
    portal.refuses("Set-up code", "A set-up code is eight letters and digits")
    portal.give("Set-up code", "0000-0000", "Continue")
    portal.refuses("Set-up code", "That set-up code is wrong")
    desk.act_as("Erin Evans", "DM with Rekey")
    expect(desk.waiting_sign_in).to_be_visible()
    look.at(desk.page, "a sign-in waits")
    portal.give("Set-up code", desk.set_up_code(), "Continue")
    portal.sees(CONFIGURE)
    look.at(portal.page, "set-up")
    for code, words in (("12", "A code is six digits."), *[(WRONG, "That code is wrong")] * 3):
        portal.give("Code", code, "Confirm code")
        portal.refuses("Code", words)
    expect(portal.page.get_by_role("status")).to_contain_text("Set your phone's clock")
    look.at(portal.page, "set-up, refused")
    portal.give("Code", desk.new_code(), "Confirm code")
    portal.sees(HOME)
    look.at(portal.page, "home, with a notice")

    portal.page.get_by_role("link", name="Change your password").click()
    portal.sees(PASSWORD)
    look.at(portal.page, "password")
    portal.change_password("wrong", "a long new password", "a long new password")
    portal.refuses("Current password", "That is not your current password.")
    portal.change_password("correct horse erin", "short", "short")
    portal.refuses("New password", "The new password must have")
    portal.change_password("correct horse erin", "a long new password", "another one of them")
    portal.refuses("New password, again", "The two new passwords differ.")
    look.at(portal.page, "password, refused")


def test_whoever_is_suspended_is_told_whom_to_call(desk: Desk, look: Look) -> None:
    desk.suspend_bob()
    portal = Portal(desk.portal())
    portal.sign_in("bob")
    portal.sees("Your sign-in is suspended")
    expect(portal.page.get_by_role("main")).to_contain_text("+44 20 7946 0999")
    look.at(portal.page, "suspended")
