"""Signing in with what is wrong, too old, or no longer worth anything."""

import re

import pytest

from bot.domain.model.cases import CaseState
from tests.fakes import Person
from tests.office import Browser, Office, Page
from tests.scenario.changes import ended, suspend

FAILED = "portal:sign_in:sign_in_failed"
NEW_PASSWORD = "eight unrelated words in a row"
SIGN_IN = "/portal/sign-in"
GATE = "Prove that it is you"


def attempt(office: Office, username: str, password: str, *, address: str = "192.0.2.7") -> Page:
    browser = office.browser(address=address)
    return browser.submit(SIGN_IN, {"username": username, "password": password})


def signed_in(office: Office, person: Person) -> Browser:
    browser = office.browser()
    browser.password(person)
    assert browser.code(person.code(office.clock)).path == "/portal/"
    return browser


class TestPassword:
    def test_wrong_one_and_unknown_name_look_the_same(self, office: Office) -> None:
        with office.refused(FAILED, FAILED):
            wrong = attempt(office, "bob", "correct horse alice")
            unknown = attempt(office, "rob", "correct horse alice")
        assert wrong.status == unknown.status == 422
        csrf = re.compile(r'(?<=name="csrf_token" value=")\w+')
        seen = [csrf.sub("", page.text) for page in (wrong, unknown)]
        assert seen[0].replace('value="bob"', "") == seen[1].replace('value="rob"', "")

    def test_five_wrong_ones_stop_the_right_one_from_there(self, office: Office) -> None:
        with office.refused(*[FAILED] * 5, "portal:sign_in:sign_in_throttled"):
            for _ in range(5):
                attempt(office, "bob", "wrong")
            page = attempt(office, "bob", "correct horse bob")
        assert page.status == 429
        assert "12:05 UTC" in page.error
        elsewhere = attempt(office, "bob", "correct horse bob", address="198.51.100.4")
        assert 'name="code"' in elsewhere.text
        assert 'name="password"' not in elsewhere.text

    def test_of_whoever_is_suspended_alone_tells_of_it(self, office: Office) -> None:
        bob, browser = office.world.bob, signed_in(office, office.world.bob)
        suspend(office, bob)
        assert browser.open("/portal/").path == SIGN_IN
        with office.refused(FAILED, "portal:sign_in:sign_in_suspended"):
            wrong = attempt(office, "bob", "wrong")
            right = attempt(office, "bob", bob.password)
        assert (wrong.status, right.status) == (422, 403)
        assert "the help desk, +44 20 7946 0999" in right.words
        assert "<form" not in right.text


class TestCode:
    def test_wrong_one_is_refused_and_a_malformed_one_not_counted(self, office: Office) -> None:
        bob, browser = office.world.bob, office.browser()
        browser.password(bob)
        with office.refused("portal:sign_in:code_wrong"):
            assert browser.code("000000").status == 422
        odd = ("", "12345", "1234567", "12345a", "x", "½")
        with office.refused(*["portal:sign_in:code_malformed"] * len(odd)):
            assert {browser.code(typed).error for typed in odd} == {"A code is six digits."}
        assert browser.code(bob.code(office.clock)).path == "/portal/"

    def test_same_code_does_not_sign_in_twice(self, office: Office) -> None:
        bob, browser = office.world.bob, office.browser()
        signed_in(office, bob)
        browser.password(bob)
        with office.refused("portal:sign_in:code_wrong"):
            browser.code(bob.code(office.clock))

    def test_old_one_is_worth_nothing_after_a_reset(self, office: Office) -> None:
        world, before, after = office.world, office.browser(), office.browser()
        before.password(world.bob)
        office.reset(world.alice, world.bob)
        with office.refused():  # a void session proves nobody, so there is nobody to record
            assert before.code(world.bob.code(office.clock)).path == SIGN_IN
        after.password(world.bob)
        office.deliver()
        with office.refused("portal:sign_in:session_gone"):
            assert after.code(world.bob.code(office.clock)).heading == GATE
        assert office.active(world.bob.id) == 0


class TestSession:
    def test_ends_after_an_hour_without_use(self, office: Office) -> None:
        browser = signed_in(office, office.world.bob)
        for path in ("/portal/", "/portal/password"):
            office.move(minutes=59)
            assert browser.open(path).path == path
        office.move(hours=1)
        page = browser.open("/portal/password")
        assert page.path == SIGN_IN
        assert "after an hour without use" in page.words

    def test_names_the_hour_at_which_all_use_ends(self, office: Office) -> None:
        browser = signed_in(office, office.world.bob)
        office.move(minutes=30)
        assert "20:00 UTC" in browser.open("/portal/").words

    def test_that_sets_up_reaches_nothing_else(self, office: Office) -> None:
        browser = office.browser()
        office.reset(office.world.alice, office.world.bob)
        office.to_set_up_page(office.world.bob, browser)
        for path in ("/portal/", SIGN_IN, "/portal/password"):
            assert browser.open(path).path == "/portal/set-up"

    def test_ends_for_good_by_signing_out(self, office: Office) -> None:
        browser = signed_in(office, office.world.bob)
        with office.refused("portal:sign_in:signed_out"):
            assert browser.submit("/portal/sign-out", {}).path == SIGN_IN
        assert browser.open("/portal/").path == SIGN_IN


class TestFirstCode:
    @pytest.fixture
    def browser(self, office: Office) -> Browser:
        """Return Bob's browser at the page at which he sets 2FA up again after a reset."""
        browser = office.browser()
        office.reset(office.world.alice, office.world.bob)
        office.to_set_up_page(office.world.bob, browser)
        return browser

    def test_wrong_ones_keep_the_secret_and_the_third_brings_a_hint(
        self, office: Office, browser: Browser
    ) -> None:
        """Nor can the old authenticator give it."""
        page = browser.open("/portal/set-up")
        with office.refused(*["portal:set_up:code_wrong"] * 3):
            pages = [browser.first_code("000000") for _ in range(2)]
            pages.append(browser.first_code(office.world.bob.code(office.clock)))
        assert ["clock" in each.words for each in pages] == [False, False, True]
        assert {each.key for each in pages} == {page.key}
        assert ended(office, office.world.bob)[0] is CaseState.COMPLETED
        assert browser.first_code(office.first_code(page)).path == "/portal/"

    def test_five_wrong_ones_stop_the_right_one_and_malformed_ones_do_not(
        self, office: Office, browser: Browser
    ) -> None:
        right = office.first_code(browser.open("/portal/set-up"))
        with office.refused(*["portal:set_up:code_malformed"] * 6):
            assert {browser.first_code("12 34").status for _ in range(6)} == {422}
        wrong = ["portal:set_up:code_wrong"] * 5
        with office.refused(*wrong, "portal:set_up:code_throttled"):
            for _ in range(5):
                browser.first_code("000000")
            assert browser.first_code(right).status == 429
        office.move(minutes=5)
        page = browser.open("/portal/set-up")
        assert browser.first_code(office.first_code(page)).path == "/portal/"

    def test_one_that_bound_cannot_also_sign_in(self, office: Office, browser: Browser) -> None:
        bob, other, page = office.world.bob, office.browser(), browser.open("/portal/set-up")
        code = office.first_code(page)
        assert browser.first_code(code).path == "/portal/"
        office.deliver()
        other.password(bob)
        with office.refused("portal:sign_in:code_wrong"):
            other.code(code)
        office.move(seconds=60)
        assert other.code(office.first_code(page)).path == "/portal/"


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
        with office.rekey.database.unit_of_work() as uow:
            known = uow.contacts.password_hash(bob.id)
            assert known is not None
            uow.contacts.set_password(bob.id, known, must_change=True)
            uow.commit()
        browser = office.browser()
        browser.password(bob)
        assert browser.code(bob.code(office.clock)).path == "/portal/password"
        assert self.change(browser, bob.password, NEW_PASSWORD).path == "/portal/"
        assert office.tags()[-1] == "portal:password:changed"

    def test_ends_other_sessions_and_the_old_password(self, office: Office) -> None:
        bob = office.world.bob
        other = signed_in(office, bob)
        office.move(seconds=60)
        browser = signed_in(office, bob)
        assert self.change(browser, bob.password, NEW_PASSWORD).path == "/portal/"
        assert other.open("/portal/").path == SIGN_IN
        assert browser.open("/portal/").path == "/portal/"
        with office.refused(FAILED):
            attempt(office, "bob", bob.password)
        assert 'name="code"' in attempt(office, "bob", NEW_PASSWORD).text

    def test_needs_the_current_one_and_counts_a_wrong_one(self, office: Office) -> None:
        bob = office.world.bob
        browser = signed_in(office, bob)
        wrong = ["portal:password:sign_in_failed"] * 5
        with office.refused(*wrong, "portal:password:sign_in_throttled"):
            for _ in range(5):
                assert self.change(browser, "wrong", NEW_PASSWORD).status == 422
            assert self.change(browser, bob.password, NEW_PASSWORD).status == 429

    def test_unfit_or_wrongly_repeated_one_is_refused(self, office: Office) -> None:
        bob = office.world.bob
        browser = signed_in(office, bob)
        for new, again, tags in (
            ("seven77", None, ["portal:password:password_unfit"]),
            (bob.password, None, ["portal:password:password_unfit"]),
            ("1qaz2wsx3edc4rfv", None, ["portal:password:password_guessable"]),
            (NEW_PASSWORD, "something else", []),
        ):
            with office.refused(*tags):
                assert self.change(browser, bob.password, new, again).error
