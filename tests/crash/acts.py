"""What people do in many stories; each act is done again where the program died of it."""

from collections.abc import Container
from dataclasses import replace

from playground.slack.model import Message, View, elements_in
from tests.crash.program import HOME
from tests.crash.stage import CHANNEL, Stage
from tests.fakes import Person
from tests.office import Browser, Page
from tests.process import App
from tests.secrecy import SECRETS

SET_UP_PAGE = "Configure your two-factor authentication"
FILLED = {"proof": "video", "reason": "Lost the phone"}


def open_modal(stage: Stage, person: Person, words: str) -> View:
    """Type the command; return the modal that it opens."""
    slack = stage.as_(person)
    slack.close_all()
    stage.act(
        lambda: slack.command("/reset-2fa", words, channel=CHANNEL),
        until=lambda: bool(slack.modals),
    )
    return slack.modal


def click(stage: Stage, person: Person, message: Message, action: str) -> None:
    """Press the button; where it is done again, as it looked the first time."""
    seen = message.as_seen()
    stage.act(lambda: stage.as_(person).click(seen, action, even_if_unseen=True))


def request(stage: Stage, admin: Person, channel: str = CHANNEL) -> Message:
    """Ask for a reset of Bob's 2FA; return the question Yes or No, which comes to `channel`."""
    modal = open_modal(stage, admin, f"<@{stage.world.bob.slack.user}>")
    return submit_request(stage, admin, modal, channel)


def submit_request(stage: Stage, admin: Person, modal: View, channel: str) -> Message:
    slack = stage.as_(admin)
    stage.act(lambda: slack.submit(modal, {**FILLED, "code": stage.code_of(admin)}))
    slack.close_all()
    return stage.wait_for_button(admin, channel, "reset_yes")


def reset(stage: Stage, admin: Person) -> None:
    """Reset Bob's 2FA; he hears of it."""
    click(stage, admin, request(stage, admin), "reset_yes")
    wait_for_reset(stage)


def wait_for_reset(stage: Stage) -> None:
    bob = stage.world.bob
    words = "Your 2FA was reset"
    stage.wait_for_button(bob, stage.as_(bob).im, "reset_report", words)


def fill(browser: Browser, person: Person) -> Page:
    """Type user name and password."""
    return browser.submit(
        "/portal/sign-in", {"username": person.username, "password": person.password}
    )


def sign_in(
    stage: Stage, browser: Browser, *, password: str | None = None, mistyping: bool = False
) -> None:
    """Sign Bob in by password and code; whoever saw no answer to a code tries the next one."""
    bob = replace(stage.world.bob, password=password or stage.world.bob.password)
    typed = ["000000"] if mistyping else []

    def attempt() -> Page:
        page = browser.open("/portal/sign-in")
        if 'name="password"' in page.text:
            page = fill(browser, bob)
        for code in (*typed, stage.code_of(bob), stage.code_of(bob, 1)):
            if page.path == "/portal/sign-in":
                page = browser.submit("/portal/sign-in", {"code": code})
                typed.clear()
        return page

    stage.lead_to("/portal/", attempt)


def sign_in_to_set_up(stage: Stage) -> Browser:
    """Bob types his password, and waits for a set-up code."""
    browser = stage.browser()
    stage.lead_to("/portal/set-up", lambda: fill(browser, stage.world.bob))
    return browser


def set_up(stage: Stage, *, wrongly: bool = False) -> None:
    """Set Bob's 2FA up; where the program dies meanwhile, from the beginning.

    Whoever saw no answer to the first code, and can sign in with the next one, has set it up.
    """
    apps: list[App] = []
    stage.lead_to("/portal/", lambda: _set_up(stage, apps, wrongly=wrongly))


def _set_up(stage: Stage, apps: list[App], *, wrongly: bool) -> Page:
    browser, before = stage.browser(), _waiting(stage)
    page = fill(browser, stage.world.bob)
    if page.path == "/portal/sign-in" and apps:  # it was bound, though no answer came
        return browser.submit("/portal/sign-in", {"code": apps[-1].code()})
    assert page.path == "/portal/set-up", page.words
    if wrongly:
        browser.submit("/portal/set-up", {"set_up_code": "7K2M-9QXR"})
    page = browser.submit("/portal/set-up", {"set_up_code": _show_code(stage, but=before)})
    if page.heading != SET_UP_PAGE:  # the code was taken, though no answer came
        return page
    apps.append(App(page.key))
    if wrongly:
        browser.submit("/portal/set-up", {"code": "000000"})
    return browser.submit("/portal/set-up", {"code": apps[-1].code()})


def _waiting(stage: Stage) -> dict[str, Message]:
    """Return Bob's messages about sign-ins from his own address, by the sign-in."""
    bob = stage.as_(stage.world.bob)
    return {
        element["value"]: message
        for message in bob.dm
        for _, element in elements_in(message.blocks)
        if element["action_id"] == "show_set_up_code" and HOME in message.shown
    }


def _show_code(stage: Stage, *, but: Container[str]) -> str:
    """Press the button that belongs to the newest sign-in, and read the code."""
    bob = stage.as_(stage.world.bob)
    found: list[Message] = []

    def is_there() -> bool:
        found[:] = [message for key, message in _waiting(stage).items() if key not in but]
        return bool(found)

    stage.wait_for(is_there)
    bob.close_all()
    stage.act(lambda: bob.click(found[0], "show_set_up_code"), until=lambda: bool(bob.modals))
    (code,) = SECRETS.add_set_up_codes(bob.modal.shown)
    bob.close_all()
    return code
