"""Signing in with what is wrong, too old, or no longer worth anything."""

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


def test_old_authenticator_cannot_give_the_first_code(office: Office) -> None:
    bob, browser = office.world.bob, office.browser()
    office.reset(office.world.alice, bob)
    office.to_set_up_page(bob, browser)
    with office.refused("portal:set_up:code_wrong"):
        browser.first_code(bob.code(office.clock))
    assert ended(office, bob)[0] is CaseState.COMPLETED


def test_changed_password_ends_other_sessions_and_the_old_one(office: Office) -> None:
    bob = office.world.bob
    other = signed_in(office, bob)
    office.move(seconds=60)
    browser = signed_in(office, bob)
    new = dict.fromkeys(("new_password", "new_password_again"), NEW_PASSWORD)
    page = browser.submit("/portal/password", {"current_password": bob.password, **new})
    assert page.path == "/portal/"
    assert office.tags()[-1] == "portal:password:changed"
    assert other.open("/portal/").path == SIGN_IN
    assert browser.open("/portal/").path == "/portal/"
    with office.refused(FAILED):
        attempt(office, "bob", bob.password)
    assert 'name="code"' in attempt(office, "bob", NEW_PASSWORD).text
