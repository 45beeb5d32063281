"""Signing in with what is wrong, too old, or no longer worth anything."""

import re

import pytest

from bot.domain.model.cases import CaseState
from tests.fakes import Person, a_suspension
from tests.office import Browser, Office, Page

WRONG_CODE = "That code is wrong, or was used before. Wait for the next one."
FAILED = "portal:sign_in:sign_in_failed"
CLOCK = "Set your phone's clock to automatic"
NEW_PASSWORD = "eight unrelated words in a row"


def attempt(office: Office, username: str, password: str, *, address: str = "192.0.2.7") -> Page:
    browser = office.browser(address=address)
    return browser.submit("/portal/sign-in", {"username": username, "password": password})


def signed_in(office: Office, person: Person) -> Browser:
    browser = office.browser()
    browser.password(person)
    assert browser.code(person.code(office.clock)).path == "/portal/"
    return browser


def must_change(office: Office, person: Person) -> None:
    with office.rekey.database.unit_of_work() as uow:
        known = uow.contacts.password_hash(person.id)
        assert known is not None
        uow.contacts.set_password(person.id, known, must_change=True)
        uow.commit()


class TestPassword:
    def test_wrong_one_and_unknown_name_look_the_same(self, office: Office) -> None:
        with office.refused(FAILED, FAILED):
            wrong = attempt(office, "bob", "correct horse alice")
            unknown = attempt(office, "rob", "correct horse alice")
        assert (wrong.status, wrong.error) == (422, "The user name or the password is wrong.")
        csrf = re.compile(r'(?<=name="csrf_token" value=")\w+')
        seen = [csrf.sub("", page.text) for page in (wrong, unknown)]
        assert seen[0].replace('value="bob"', "") == seen[1].replace('value="rob"', "")
        assert wrong.status == unknown.status

    def test_right_one_of_a_sound_name_asks_for_the_code_only(self, office: Office) -> None:
        page = attempt(office, "bob", "correct horse bob")
        assert page.path == "/portal/sign-in"
        assert 'name="code"' in page.text
        assert 'name="password"' not in page.text

    def test_five_wrong_ones_stop_the_right_one_from_there(self, office: Office) -> None:
        with office.refused(*[FAILED] * 5, "portal:sign_in:sign_in_throttled"):
            for _ in range(5):
                attempt(office, "bob", "wrong")
            page = attempt(office, "bob", "correct horse bob")
        assert (page.status, page.error) == (
            429,
            "Too many wrong passwords. Try again after 12:05 UTC.",
        )
        elsewhere = attempt(office, "bob", "correct horse bob", address="198.51.100.4")
        assert 'name="code"' in elsewhere.text

    def test_form_of_another_browser_is_refused_unread(self, office: Office) -> None:
        other = office.browser().open("/portal/sign-in")
        token = re.search(r'name="csrf_token" value="([^"]+)"', other.text)
        assert token is not None
        client = office.rekey.web.test_client()
        client.get("/portal/sign-in")
        form = {"username": "bob", "password": "correct horse bob", "csrf_token": token[1]}
        with office.refused():
            response = client.post("/portal/sign-in", data=form)
        assert response.status_code == 400
        assert "This page is out of date" in response.get_data(as_text=True)


class TestCode:
    def test_wrong_one_is_refused_at_its_field(self, office: Office) -> None:
        bob, browser = office.world.bob, office.browser()
        browser.password(bob)
        with office.refused("portal:sign_in:code_wrong"):
            page = browser.code("000000")
        assert (page.status, page.error) == (422, WRONG_CODE)
        assert browser.code(bob.code(office.clock)).path == "/portal/"

    def test_malformed_one_is_refused_and_not_counted(self, office: Office) -> None:
        bob, browser = office.world.bob, office.browser()
        browser.password(bob)
        with office.refused(*["portal:sign_in:code_malformed"] * 6):
            pages = [browser.code(typed) for typed in ("", "12345", "1234567", "12345a", "x", "½")]
        assert {page.error for page in pages} == {"A code is six digits."}
        assert browser.code(bob.code(office.clock)).path == "/portal/"

    def test_same_code_does_not_sign_in_twice(self, office: Office) -> None:
        bob, browser = office.world.bob, office.browser()
        signed_in(office, bob)
        browser.password(bob)
        with office.refused("portal:sign_in:code_wrong"):
            page = browser.code(bob.code(office.clock))
        assert page.error == WRONG_CODE

    def test_code_spent_on_a_reset_signs_nobody_in(self, office: Office) -> None:
        alice, browser = office.world.alice, office.browser()
        office.request(alice, office.world.bob)
        browser.password(alice)
        with office.refused("portal:sign_in:code_wrong"):
            assert browser.code(alice.code(office.clock)).error == WRONG_CODE

    def test_wrong_ones_count_together_with_those_in_slack(self, office: Office) -> None:
        alice, browser = office.world.alice, office.browser()
        view = office.ask(alice, office.world.bob)
        for _ in range(2):
            office.fill(alice, view, code="000000")
        browser.password(alice)
        wrong = ["portal:sign_in:code_wrong"] * 3
        with office.refused(*wrong, "portal:sign_in:code_throttled", alerted=True):
            for _ in range(3):
                browser.code("000000")
            page = browser.code(alice.code(office.clock))
        assert (page.status, page.error) == (
            429,
            "Too many wrong codes. Try again after 12:05 UTC.",
        )
        with office.refused("slack:reset:code_throttled"):
            delivery = office.fill(alice, view)
        assert "Too many wrong codes." in delivery.errors["code"]

    def test_old_one_is_worth_nothing_after_a_reset(self, office: Office) -> None:
        world, before, after = office.world, office.browser(), office.browser()
        before.password(world.bob)
        office.reset(world.alice, world.bob)
        with office.refused():  # a void session proves nobody, so there is nobody to record
            page = before.code(world.bob.code(office.clock))
        assert page.path == "/portal/sign-in"
        assert "Your session has ended. Sign in again." in page.words

        after.password(world.bob)
        office.deliver()
        with office.refused("portal:sign_in:session_gone"):
            page = after.code(world.bob.code(office.clock))
        assert page.heading == "Prove that it is you"
        assert office.active(world.bob.id) == 0


class TestSignedIn:
    def test_whoever_leaves_it_for_an_hour_is_signed_out_and_told_why(self, office: Office) -> None:
        browser = signed_in(office, office.world.bob)
        office.move(minutes=59)
        assert browser.open("/portal/").path == "/portal/"
        office.move(minutes=59)
        assert browser.open("/portal/password").path == "/portal/password"
        office.move(hours=1)
        page = browser.open("/portal/password")
        assert page.path == "/portal/sign-in"
        assert "You were signed out after an hour without use. Sign in again." in page.words

    def test_page_names_the_hour_at_which_all_use_ends(self, office: Office) -> None:
        browser = signed_in(office, office.world.bob)
        office.move(minutes=30)
        shown = browser.open("/portal/").words
        assert "Signed in until 20:00 UTC , or an hour without use" in shown


class TestSuspended:
    def test_is_told_so_only_after_the_right_password(self, office: Office) -> None:
        bob = office.world.bob
        with office.rekey.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(bob.id))
            uow.commit()
        with office.refused(FAILED, "portal:sign_in:sign_in_suspended"):
            wrong = attempt(office, "bob", "wrong")
            right = attempt(office, "bob", bob.password)
        assert wrong.error == "The user name or the password is wrong."
        assert (right.status, right.heading) == (403, "Your sign-in is suspended")
        assert "Call the help desk, +44 20 7946 0999." in right.words
        assert "<form" not in right.text

    def test_open_session_is_void_at_its_next_request(self, office: Office) -> None:
        bob = office.world.bob
        browser = signed_in(office, bob)
        with office.rekey.database.unit_of_work() as uow:
            uow.suspensions.add(a_suspension(bob.id))
            uow.commit()
        assert browser.open("/portal/").path == "/portal/sign-in"


class TestFirstCode:
    def test_three_wrong_ones_bring_the_hint_about_the_clock(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, browser)
        assert "Delete the older entry" in page.words
        with office.refused(*["portal:set_up:code_wrong"] * 3):
            pages = [browser.first_code("000000") for _ in range(3)]
        assert [CLOCK in each.words.replace("&#39;", "'") for each in pages] == [False, False, True]
        assert {each.error for each in pages} == {WRONG_CODE}
        assert {each.key for each in pages} == {page.key}  # a wrong code keeps the secret
        assert browser.first_code(office.first_code(page)).path == "/portal/"

    def test_five_wrong_ones_stop_the_right_one(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, browser)
        wrong = ["portal:set_up:code_wrong"] * 5
        with office.refused(*wrong, "portal:set_up:code_throttled"):
            for _ in range(5):
                browser.first_code("000000")
            stopped = browser.first_code(office.first_code(page))
        assert stopped.status == 429
        office.move(minutes=5)
        assert browser.first_code(office.first_code(page)).path == "/portal/"

    def test_malformed_one_is_not_counted(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, browser)
        with office.refused(*["portal:set_up:code_malformed"] * 6):
            pages = [browser.first_code("12 34") for _ in range(6)]
        assert {each.error for each in pages} == {"A code is six digits."}
        assert browser.first_code(office.first_code(page)).path == "/portal/"

    def test_one_that_bound_cannot_also_sign_in(self, office: Office) -> None:
        world, browser, other = office.world, office.browser(), office.browser()
        office.reset(world.alice, world.bob)
        page = office.to_set_up_page(world.bob, browser)
        code = office.first_code(page)
        assert browser.first_code(code).path == "/portal/"
        office.deliver()
        other.password(world.bob)
        with office.refused("portal:sign_in:code_wrong"):
            assert other.code(code).error == WRONG_CODE
        office.move(seconds=60)
        assert other.code(office.first_code(page)).path == "/portal/"

    def test_old_authenticator_cannot_give_it(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        office.to_set_up_page(world.bob, browser)
        with office.refused("portal:set_up:code_wrong"):
            browser.first_code(world.bob.code(office.clock))
        assert office.cases(world.bob)[0].state is CaseState.COMPLETED

    def test_session_that_sets_up_reaches_nothing_else(self, office: Office) -> None:
        world, browser = office.world, office.browser()
        office.reset(world.alice, world.bob)
        office.to_set_up_page(world.bob, browser)
        for path in ("/portal/", "/portal/sign-in", "/portal/password"):
            assert browser.open(path).path == "/portal/set-up"


class TestPasswordChange:
    def change(self, browser: Browser, current: str, new: str, again: str | None = None) -> Page:
        fields = {
            "current_password": current,
            "new_password": new,
            "new_password_again": new if again is None else again,
        }
        return browser.submit("/portal/password", fields)

    def test_that_must_be_made_stands_before_everything(self, office: Office) -> None:
        bob = office.world.bob
        must_change(office, bob)
        browser = office.browser()
        browser.password(bob)
        page = browser.code(bob.code(office.clock))
        assert page.path == "/portal/password"
        home = self.change(browser, bob.password, NEW_PASSWORD)
        assert home.path == "/portal/"
        assert "Your password was changed, and every other session has ended." in home.words
        assert office.tags()[-1] == "portal:password:changed"

    def test_ends_other_sessions_and_the_old_password(self, office: Office) -> None:
        bob = office.world.bob
        other = signed_in(office, bob)
        office.move(seconds=60)
        browser = signed_in(office, bob)
        assert self.change(browser, bob.password, NEW_PASSWORD).path == "/portal/"
        assert other.open("/portal/").path == "/portal/sign-in"
        assert browser.open("/portal/").path == "/portal/"
        with office.refused(FAILED):
            attempt(office, "bob", bob.password)
        assert 'name="code"' in attempt(office, "bob", NEW_PASSWORD).text

    def test_needs_the_current_one_and_counts_a_wrong_one(self, office: Office) -> None:
        bob = office.world.bob
        browser = signed_in(office, bob)
        with office.refused(
            *["portal:password:sign_in_failed"] * 5, "portal:password:sign_in_throttled"
        ):
            wrong = [self.change(browser, "wrong", NEW_PASSWORD) for _ in range(5)]
            page = self.change(browser, bob.password, NEW_PASSWORD)
        assert {each.error for each in wrong} == {"That is not your current password."}
        assert page.status == 429

    def test_unfit_or_wrongly_repeated_one_is_refused(self, office: Office) -> None:
        bob = office.world.bob
        browser = signed_in(office, bob)
        with office.refused(*["portal:password:password_unfit"] * 2):
            short = self.change(browser, bob.password, "seven77")
            same = self.change(browser, bob.password, bob.password)
        assert "must have 8 to 256 characters" in short.error
        assert short.error == same.error
        with office.refused("portal:password:password_guessable"):
            common = self.change(browser, bob.password, "1qaz2wsx3edc4rfv")
        assert "attackers try first" in common.error
        with office.refused():
            differs = self.change(browser, bob.password, NEW_PASSWORD, "something else")
        assert differs.error == "The two new passwords differ."


def test_signing_out_ends_the_session_for_good(office: Office) -> None:
    browser = signed_in(office, office.world.bob)
    with office.refused("portal:sign_in:signed_out"):
        page = browser.submit("/portal/sign-out", {})
    assert page.path == "/portal/sign-in"
    assert "You are signed out." in page.words
    assert browser.open("/portal/").path == "/portal/sign-in"


@pytest.mark.parametrize("path", ["/portal/", "/portal/set-up", "/portal/password"])
def test_page_that_needs_a_session_leads_to_the_sign_in(office: Office, path: str) -> None:
    with office.refused():
        assert office.browser().open(path).path == "/portal/sign-in"
