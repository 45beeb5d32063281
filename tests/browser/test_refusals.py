"""Every refusal that a person easily meets, seen where they meet it, and looked at there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from playwright.sync_api import Locator, Page, expect

from bot.domain.model.ids import AccountId
from bot.domain.model.people import Role
from bot.domain.model.roster import ChangeKind, RosterChange
from playground.office import Office
from playground.people import BY_HANDLE
from tests.browser.desk import Desk
from tests.browser.look import Look
from tests.browser.portal import CONFIGURE, HOME, PASSWORD, PROVE, Portal

WRONG = "000000"


def test_the_command_refuses(desk: Desk) -> None:
    desk.say("/reset-2fa @carol lost phone")
    _refused(desk.messages.last, "This person holds a higher role than you do")
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
    code.fill(WRONG)
    desk.send_modal()
    _at(code, "wrong")


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


def test_who_administers_two_accounts_has_to_choose(desk: Desk, office: Office) -> None:
    both = {AccountId("acme"): Role.ADMINISTRATOR, AccountId("globex"): Role.OWNER}
    _give_roles(office, "alice", both)
    desk.ask()
    account = desk.modal.get_by_label("For which account?")
    desk.fill_in()
    _at(account, "required")
    account.select_option(label="Globex Inc")
    desk.send_modal()
    expect(desk.modal).to_be_hidden()
    expect(desk.messages.last).to_contain_text("Globex Inc")
    expect(desk.messages.last).not_to_contain_text("Acme Ltd")


def _give_roles(office: Office, handle: str, roles: Mapping[AccountId, Role]) -> None:
    """Leave that person these roles and no others."""
    with office.rekey.database.unit_of_work() as uow:
        listed = uow.roster.read().contacts[BY_HANDLE[handle].email]
        change = RosterChange(kind=ChangeKind.CONTACT_CHANGED, contact=replace(listed, roles=roles))
        assert list(uow.roster.apply([change], now=office.clock.now())) == [1]
        uow.commit()


def test_a_set_up_code_is_handed_over_by_somebody_else(desk: Desk) -> None:
    desk.reset_bob()
    desk.say("/reset-2fa hand-over @bob")
    expect(desk.messages).to_have_count(2)
    expect(desk.messages.last).to_contain_text("somebody else")

    desk.act_as("Alan Ames")
    desk.say("/reset-2fa hand-over @bob")
    expect(desk.messages.last).to_contain_text("sign in")  # nobody waits yet
    portal = Portal(desk.portal())
    portal.sign_in("bob")
    portal.sees(PROVE)

    desk.say("/reset-2fa hand-over @bob")
    expect(desk.modal).to_contain_text("You are about to see the set-up code of Bob Brown.")
    desk.modal.get_by_label("I called back").check()
    desk.modal.get_by_label("Your own code").fill(WRONG)
    desk.send_modal("Show the code")
    _at(desk.modal.get_by_label("Your own code"), "That code is wrong")
    desk.modal.get_by_label("Your own code").fill(desk.code())
    desk.send_modal("Show the code")
    portal.give("Set-up code", desk.shown_set_up_code(), "Continue")
    portal.sees(CONFIGURE)


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
    for code, words in (("12", "A code is six digits."), (WRONG, "That code is wrong")):
        portal.give("Code", code, "Sign in")
        portal.refuses("Code", words)
    portal.page.get_by_role("link", name="Sign in as somebody else").click()
    portal.sees("Sign out?")
    look.at(portal.page, "sign-out")
    portal.page.get_by_role("button", name="Sign out").click()
    portal.sees("Sign in")
    look.at(portal.page, "signed out")
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
