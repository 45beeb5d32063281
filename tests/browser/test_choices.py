"""Refusals that take more than one person or account to meet: seen where they are met."""

import re

import pytest
from playwright.sync_api import Locator, expect

from bot.domain.model.ids import AccountId
from bot.domain.model.people import Role
from playground.office import Office
from tests.browser.changes import code_of, give_roles, lock_authenticator
from tests.browser.desk import Desk
from tests.browser.portal import CONFIGURE, PROVE, Portal

WRONG = "000000"


def _at(field: Locator, words: str) -> None:
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(words))


def test_who_administers_two_accounts_has_to_choose(desk: Desk, office: Office) -> None:
    both = {AccountId("acme"): Role.ADMINISTRATOR, AccountId("globex"): Role.OWNER}
    give_roles(office, "alice", both)
    desk.ask()
    account = desk.modal.get_by_label("For which account?")
    desk.fill_in()
    _at(account, "required")
    account.select_option(label="Globex Inc")
    desk.send_modal()
    expect(desk.modal).to_be_hidden()
    expect(desk.messages.last).to_contain_text("Globex Inc")
    expect(desk.messages.last).not_to_contain_text("Acme Ltd")


@pytest.mark.parametrize("settings", [{"REKEY_TICKET_PATTERN": r"HD-\d+"}])
def test_a_ticket_has_to_look_like_one(desk: Desk) -> None:
    desk.ask()
    ticket = desk.modal.get_by_label("Ticket")
    desk.fill_in()
    _at(ticket, "required")
    ticket.fill("about Bob")
    desk.send_modal()
    _at(ticket, "does not look like a ticket")
    ticket.fill("HD-42")
    desk.send_modal()
    expect(desk.modal).to_be_hidden()
    expect(desk.messages.last).to_contain_text("HD-42")


def test_a_locked_authenticator_counts_nowhere(desk: Desk, office: Office) -> None:
    lock_authenticator(office, "alice")
    desk.ask()
    desk.fill_in()
    _at(desk.modal.get_by_label("Your own code"), "is locked after too many wrong codes")
    portal = Portal(desk.portal())
    portal.sign_in("alice")
    portal.give("Code", code_of(office, "alice"), "Sign in")
    portal.refuses("Code", "this authenticator is locked until your 2FA is reset")


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
