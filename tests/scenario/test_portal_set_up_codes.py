"""Set-up codes as people mistype, lose, mix up and guess them."""

import re

import pytest

from bot.domain.model.cases import CaseState
from tests.office import Browser, Office

SET_UP = "Configure your two-factor authentication"
WRONG = "That set-up code is wrong, was used, has expired, or belongs to another sign-in."
MALFORMED = "A set-up code is eight letters and digits in two groups of four."
WRONG_TAG = "portal:set_up_code:set_up_code_wrong"


@pytest.fixture
def waiting(office: Office) -> Browser:
    """Return Bob's browser after his reset, at the page that waits for the set-up code."""
    office.reset(office.world.alice, office.world.bob)
    return wait(office)


def wait(office: Office) -> Browser:
    browser = office.browser()
    page = browser.password(office.world.bob)
    assert page.heading == "Prove that it is you"
    office.deliver()
    return browser


def other_than(code: str) -> str:
    """Return a code that differs in its last character alone."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")


def test_wrong_one_is_refused_at_its_field(office: Office, waiting: Browser) -> None:
    code = office.set_up_code(office.world.bob)
    with office.refused(WRONG_TAG):
        page = waiting.set_up_code(other_than(code))
    assert (page.status, page.error) == (422, WRONG)
    assert waiting.set_up_code(code).heading == SET_UP


def test_nothing_is_good_before_one_was_shown(office: Office, waiting: Browser) -> None:
    with office.refused(WRONG_TAG):
        assert waiting.set_up_code("ZZZZ-9999").error == WRONG


def test_another_persons_is_refused(office: Office, waiting: Browser) -> None:
    world = office.world
    office.reset(world.carol, world.alan)
    office.browser().password(world.alan)
    office.deliver()
    foreign = office.set_up_code(world.alan)
    with office.refused(WRONG_TAG):
        assert waiting.set_up_code(foreign).error == WRONG


def test_another_browsers_is_refused(office: Office, waiting: Browser) -> None:
    other = wait(office)
    code = office.set_up_code(office.world.bob)  # the newest message is that other browser's
    with office.refused(WRONG_TAG):
        assert waiting.set_up_code(code).error == WRONG
    assert other.set_up_code(code).heading == SET_UP


def test_older_one_ends_as_soon_as_a_newer_is_shown(office: Office, waiting: Browser) -> None:
    older = office.set_up_code(office.world.bob)
    newer = office.set_up_code(office.world.bob)
    with office.refused(WRONG_TAG):
        assert waiting.set_up_code(older).error == WRONG
    assert waiting.set_up_code(newer).heading == SET_UP


def test_lives_ten_minutes(office: Office, waiting: Browser) -> None:
    code = office.set_up_code(office.world.bob)
    office.move(minutes=10)
    with office.refused(WRONG_TAG):
        assert waiting.set_up_code(code).error == WRONG


def test_is_good_until_the_last_second(office: Office, waiting: Browser) -> None:
    code = office.set_up_code(office.world.bob)
    office.move(minutes=9, seconds=59)
    assert waiting.set_up_code(code).heading == SET_UP


def test_typed_again_in_the_same_browser_makes_no_second_secret(
    office: Office, waiting: Browser
) -> None:
    code = office.set_up_code(office.world.bob)
    page = waiting.set_up_code(code)
    with office.refused("portal:set_up_code:session_gone"):
        again = waiting.set_up_code(code)
    assert again.key == page.key


def test_used_one_is_worth_nothing_in_another_browser(office: Office, waiting: Browser) -> None:
    other = wait(office)
    code = office.set_up_code(office.world.bob)
    other.set_up_code(code)
    with office.refused(WRONG_TAG):
        assert waiting.set_up_code(code).error == WRONG


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-EFG", "ABCD-EFGHJ", "ABCD-EFG!", "ABCD\x00EFGH", "\uff11" * 8]
)
def test_malformed_one_is_refused_and_not_counted(
    office: Office, waiting: Browser, typed: str
) -> None:
    with office.refused(*["portal:set_up_code:set_up_code_malformed"] * 6):
        pages = [waiting.set_up_code(typed) for _ in range(6)]
    assert {(page.status, page.error) for page in pages} == {(422, MALFORMED)}
    code = office.set_up_code(office.world.bob)
    assert waiting.set_up_code(code).heading == SET_UP


def test_case_and_hyphen_do_not_matter(office: Office, waiting: Browser) -> None:
    code = office.set_up_code(office.world.bob).lower().replace("-", " ")
    assert waiting.set_up_code(code).heading == SET_UP


def test_five_wrong_ones_stop_the_right_one_in_every_browser(
    office: Office, waiting: Browser
) -> None:
    with office.refused(*[WRONG_TAG] * 5):
        for _ in range(5):
            waiting.set_up_code("ZZZZ-9999")
    other = wait(office)
    fresh = office.set_up_code(office.world.bob)  # a new code does not clear the count
    with office.refused("portal:set_up_code:set_up_code_throttled"):
        page = other.set_up_code(fresh)
    assert page.status == 429
    assert page.error == "Too many wrong set-up codes. Try again after 12:06 UTC."
    office.move(minutes=5)
    assert other.set_up_code(fresh).heading == SET_UP


def test_first_code_in_its_place_reaches_nothing(office: Office, waiting: Browser) -> None:
    with office.refused("portal:set_up:session_gone"):
        page = waiting.first_code("123456")
    assert page.heading == "Prove that it is you"


def test_waiting_session_ends_after_half_an_hour(office: Office, waiting: Browser) -> None:
    code = office.set_up_code(office.world.bob)
    office.move(minutes=30)
    with office.refused():
        page = waiting.set_up_code(code)
    assert page.path == "/portal/sign-in"
    assert "Your session has ended. Sign in again." in page.words


class TestButton:
    """The button that shows the code, in Slack."""

    def test_another_persons_shows_nothing(self, office: Office, waiting: Browser) -> None:
        del waiting
        world = office.world
        message = office.as_(world.bob).dm[-1]
        with office.refused("slack:set_up_code:set_up_code_not_yours"):
            office.as_(world.alice).click(message, "show_set_up_code", even_if_unseen=True)
        assert office.as_(world.alice).modals == []
        assert office.as_(world.bob).modals == []
        told = office.ephemerals(world.alice)[-1]
        assert "That sign-in belongs to somebody else. No code was shown." in told

    def test_of_a_sign_in_that_has_ended_shows_nothing(
        self, office: Office, waiting: Browser
    ) -> None:
        bob = office.world.bob
        waiting.submit("/portal/sign-out", {})
        with office.refused("slack:set_up_code:session_gone"):
            office.as_(bob).click(office.as_(bob).dm[-1], "show_set_up_code")
        assert office.as_(bob).modals == []
        assert "That sign-in has ended or has moved on." in office.ephemerals(bob)[-1]

    def test_of_a_deactivated_person_shows_nothing(self, office: Office, waiting: Browser) -> None:
        del waiting
        bob = office.as_(office.world.bob)
        message = bob.dm[-1]
        bob.member.deleted = True
        with office.refused("slack:set_up_code:deactivated_refused"):
            bob.click(message, "show_set_up_code")
        assert bob.modals == []

    def test_of_a_stranger_in_slack_shows_nothing(self, office: Office, waiting: Browser) -> None:
        del waiting
        message = office.as_(office.world.bob).dm[-1]
        stranger = office.as_("U01STRANGER")
        with office.refused("slack:set_up_code:not_a_contact"):
            stranger.click(message, "show_set_up_code", even_if_unseen=True)
        assert stranger.modals == []

    def test_code_stands_nowhere_but_in_the_modal(self, office: Office, waiting: Browser) -> None:
        bob = office.as_(office.world.bob)
        bob.click(bob.dm[-1], "show_set_up_code")
        shown = bob.modal.shown
        found = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", shown)
        assert len(set(found)) == 1
        assert "Nobody ever asks you for this code" in shown
        assert all(found[0] not in str(m.blocks) for m in office.slack.workspace.messages)
        assert waiting.set_up_code(found[0]).heading == SET_UP
        assert office.cases(office.world.bob)[0].state is CaseState.COMPLETED
