"""What people do in more than one story."""

import re

from bot.domain.proving import totp
from playground.browser import Browser, Page
from playground.office import HELP_DESK, SIGN_IN, Office
from playground.people import BY_HANDLE, SamplePerson
from playground.render import modal_panel
from playground.slack import View
from playground.story.stage import Stage

WAITING = "Prove that it is you"
CONFIGURE = "Configure your two-factor authentication"
SIGNED_IN = "You are signed in"

_SET_UP_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")


def reset(stage: Stage, by: str, whom: SamplePerson, *, proof: str) -> None:
    """Have an administrator ask for a reset in #help-desk, type their own code, and click Yes."""
    person, admin = stage.office.person(by), BY_HANDLE[by]
    stage.tell(f"{admin.name} types in #help-desk: /reset-2fa @{whom.handle} Lost the phone")
    person.command("/reset-2fa", f"@{whom.handle} Lost the phone", channel=HELP_DESK)
    code = stage.office.code_of(admin) or ""
    stage.tell(f"Proven: {proof.replace('_', ' ')}. Their own code: {code}")
    delivery = person.submit(person.modal, {"proof": proof, "code": code})
    stage.see_sent(delivery, "The code is right")
    question = stage.see_message(
        by, "Yes or No?", f"Reset the 2FA of {whom.name}?", channel=HELP_DESK, shown=False
    )
    stage.see_sent(person.click(question, "reset_yes"), f"{admin.name} clicks Yes")
    done = f"The 2FA of {whom.name} was reset."
    stage.see_message(by, "It is done", done, channel=HELP_DESK, shown=False)


def hand_over(stage: Stage, by: str, whom: SamplePerson) -> View:
    """Have an administrator ask for the set-up code of whoever waits; return what comes back."""
    person, admin = stage.office.person(by), BY_HANDLE[by]
    stage.tell(f"{admin.name} types: /reset-2fa hand-over @{whom.handle}")
    stage.see_sent(
        person.command("/reset-2fa", f"hand-over @{whom.handle}", channel=HELP_DESK),
        "A modal asks how the caller was proven, and for a code of their own",
    )
    code = stage.office.code_of(admin) or ""
    stage.tell(f"Proven: called back on the number on file. Their own code: {code}")
    person.submit(person.modal, {"proof": "called_back", "code": code})
    shown = person.modal
    stage.show(modal_panel(shown))
    return shown


def set_up_code_in(stage: Stage, shown: View) -> str:
    """Return the one set-up code that a modal shows."""
    found: list[str] = _SET_UP_CODE.findall(shown.shown)
    stage.see(len(found) == 1, "The set-up code is shown, once", instead=shown.shown)
    return found[0]


def sign_in(stage: Stage, browser: Browser, whose: SamplePerson) -> Page:
    """Type somebody's user name and password at the Portal."""
    browser.open(SIGN_IN)
    stage.tell(f"User name {whose.handle}, password “{whose.password}”")
    return browser.submit({"username": whose.handle, "password": whose.password})


def confirm_code(stage: Stage, browser: Browser) -> Page:
    """Type the page's key into an app, and the app's code into the page."""
    code = app_shows(stage.office, browser.page.key or "")
    stage.tell(f"The app shows {code}: “Confirm code”")
    return browser.submit({"code": code})


def app_shows(office: Office, secret: str) -> str:
    """Return what an authenticator app with that entry shows now."""
    return totp.code_at(secret, totp.step_at(office.clock.now()))
