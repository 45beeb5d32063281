"""Set-up codes as people mistype, lose, mix up and guess them."""

import pytest

from bot.domain.model.cases import CaseState
from tests.office import Browser, Office
from tests.scenario.changes import ended, set_up_codes_in

SET_UP = "Configure your two-factor authentication"
GATE = "Prove that it is you"


@pytest.fixture
def waiting(office: Office) -> Browser:
    """Return Bob's browser after his reset, at the page that waits for the set-up code."""
    office.reset(office.world.alice, office.world.bob)
    return wait(office)


def wait(office: Office) -> Browser:
    browser = office.browser()
    assert browser.password(office.world.bob).heading == GATE
    office.deliver()
    return browser


def refused(office: Office, browser: Browser, code: str) -> None:
    with office.refused("portal:set_up_code:set_up_code_wrong"):
        page = browser.set_up_code(code)
    assert (page.status, page.heading, page.error != "") == (422, GATE, True)


def test_wrong_ones_change_nothing(office: Office, waiting: Browser) -> None:
    """Before one was shown, another person's, another browser's, an older, nearly the right one."""
    world = office.world
    refused(office, waiting, "ZZZZ-9999")
    older = office.set_up_code(world.bob)
    newer = office.set_up_code(world.bob)
    refused(office, waiting, older)
    refused(office, waiting, newer[:-1] + ("0" if newer[-1] != "0" else "1"))
    office.reset(world.carol, world.alan)
    office.browser().password(world.alan)
    office.deliver()
    refused(office, waiting, office.set_up_code(world.alan))
    assert waiting.set_up_code(newer.lower().replace("-", " ")).heading == SET_UP


def test_one_is_good_in_its_browser_alone_and_once(office: Office, waiting: Browser) -> None:
    other = wait(office)
    code = office.set_up_code(office.world.bob)  # the newest message is that other browser's
    refused(office, waiting, code)
    page = other.set_up_code(code)
    assert page.heading == SET_UP
    with office.refused("portal:set_up_code:session_gone"):
        assert other.set_up_code(code).key == page.key  # which makes no second secret
    refused(office, waiting, code)


def test_five_wrong_ones_stop_the_right_one_in_every_browser(
    office: Office, waiting: Browser
) -> None:
    for _ in range(5):
        refused(office, waiting, "ZZZZ-9999")
    other = wait(office)
    fresh = office.set_up_code(office.world.bob)  # a new code does not clear the count
    with office.refused("portal:set_up_code:set_up_code_throttled"):
        assert other.set_up_code(fresh).status == 429
    office.move(minutes=5)
    assert other.set_up_code(fresh).heading == SET_UP


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize(
    ("who", "tag"), [("U01ALICE", "set_up_code_not_yours"), ("U01STRANGER", "not_a_contact")]
)
def test_button_of_another_persons_shows_nothing(office: Office, who: str, tag: str) -> None:
    message, slack = office.as_(office.world.bob).dm[-1], office.as_(who)
    with office.refused(f"slack:set_up_code:{tag}"):
        slack.click(message, "show_set_up_code", even_if_unseen=True)
    assert slack.modals == []
    assert office.as_(office.world.bob).modals == []


@pytest.mark.parametrize("change", ["signed out", "deactivated"])
def test_button_of_who_no_longer_waits_shows_nothing(
    office: Office, waiting: Browser, change: str
) -> None:
    bob = office.as_(office.world.bob)
    message = bob.dm[-1]
    if change == "signed out":
        waiting.submit("/portal/sign-out", {})
    else:
        bob.member.deleted = True
    tag = {"signed out": "session_gone", "deactivated": "deactivated_refused"}[change]
    with office.refused(f"slack:set_up_code:{tag}"):
        office.press(office.world.bob, "show_set_up_code", message)
    assert bob.modals == []


def test_code_stands_nowhere_but_in_the_modal(office: Office, waiting: Browser) -> None:
    bob = office.as_(office.world.bob)
    office.press(office.world.bob, "show_set_up_code")
    (code,) = set_up_codes_in(bob.modal)
    for words in ("an unknown browser", "call the help desk, +44 20 7946 0999"):
        assert words in bob.modal.shown
    assert all(code not in str(m.blocks) for m in office.slack.workspace.messages)
    assert waiting.set_up_code(code).heading == SET_UP
    assert ended(office, office.world.bob)[0] is CaseState.COMPLETED
