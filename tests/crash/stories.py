"""The stories of resets and sign-ins that the program is killed in.

Each ends as its people mean it to, and asserts that; `tests/crash/ends.py` looks at what must hold
after every one.
"""

from datetime import timedelta

from bot.domain.model.cases import CaseState
from tests.crash.acts import (
    FILLED,
    click,
    open_modal,
    request,
    reset,
    set_up,
    sign_in,
    submit_request,
    wait_for_reset,
)
from tests.crash.stage import CHANNEL, Stage
from tests.office import Page

DAY = timedelta(days=1)
NEW_PASSWORD = "eight unrelated words in a row"


def re_enrolment(stage: Stage) -> None:
    """Alice mistypes her code, resets Bob's 2FA, presses Yes once more, and Bob sets it up."""
    alice, person = stage.as_(stage.world.alice), stage.world.alice
    modal = open_modal(stage, person, f"<@{stage.world.bob.slack.user}>")
    stage.act(lambda: alice.submit(modal, {**FILLED, "code": "000000"}))
    block = submit_request(stage, person, modal, CHANNEL).as_seen()
    click(stage, person, block, "reset_yes")
    wait_for_reset(stage)
    click(stage, person, block, "reset_yes")
    stage.wait_for(lambda: any("decided" in m.text for m in alice.ephemerals))
    set_up(stage, wrongly=True)
    assert stage.states() == [CaseState.RE_ENROLLED]
    assert stage.count_of_authenticators() == 1
    assert stage.effects() == 1


def everyday(stage: Stage) -> None:
    """Bob, who has 2FA, mistypes, signs in, changes his password later, and signs out."""
    bob, browser = stage.world.bob, stage.browser()
    stage.act(lambda: browser.open("/readyz"))
    mistyped = {"username": bob.username, "password": "mistyped"}
    stage.act(lambda: browser.submit("/portal/sign-in", mistyped))
    sign_in(stage, browser, mistyping=True)
    stage.move_clock(timedelta(minutes=10))
    assert stage.open(browser, "/portal/").path == "/portal/"
    change = {
        "current_password": bob.password,
        "new_password": NEW_PASSWORD,
        "new_password_again": NEW_PASSWORD,
    }
    shown: list[Page] = []

    def attempt() -> Page:
        shown.append(browser.submit("/portal/password", change))
        return shown[-1]

    stage.act(attempt, until=lambda: bool(shown))
    if shown[-1].path != "/portal/":  # it was changed, though no answer came
        sign_in(stage, browser, password=NEW_PASSWORD)
    stage.act(lambda: browser.submit("/portal/sign-out", {}))
    assert stage.open(browser, "/portal/").path == "/portal/sign-in"
    tags = stage.tags()
    assert tags.count("portal:password:changed") == 1
    assert tags.count("portal:sign_in:signed_out") == 1


def declined(stage: Stage) -> None:
    """Alice answers No."""
    click(stage, stage.world.alice, request(stage, stage.world.alice), "reset_no")
    stage.settle()
    assert stage.states() == [CaseState.DECLINED]
    assert stage.count_of_authenticators() == 1


def expired(stage: Stage) -> None:
    """Alice is called away, and answers nothing."""
    request(stage, stage.world.alice)
    stage.move_clock(timedelta(minutes=10))
    stage.wait_for(lambda: stage.states() == [CaseState.EXPIRED])
    assert stage.count_of_authenticators() == 1


def lapsed(stage: Stage) -> None:
    """Bob is reset, reminded, and does not set 2FA up; the audit head is told each day."""
    reset(stage, stage.world.alice)
    stage.move_clock(1.5 * DAY)
    stage.wait_for(lambda: "sweep:reminder:sent" in stage.tags())
    stage.move_clock(14 * DAY)
    stage.wait_for(lambda: stage.states() == [CaseState.LAPSED])
    assert stage.effects() == 1
    assert stage.tags().count("sweep:suspension:added") == 1


def vetoed(stage: Stage) -> None:
    """Bob never asked for it, and says so."""
    reset(stage, stage.world.alice)
    bob, person = stage.as_(stage.world.bob), stage.world.bob
    button = stage.wait_for_button(person, bob.im, "reset_report").as_seen()
    stage.act(lambda: bob.click(button, "reset_report"), until=lambda: bool(bob.modals))
    stage.act(lambda: bob.submit(bob.modal))
    stage.settle()
    assert stage.states() == [CaseState.VETOED]
    assert stage.count_of_authenticators() == 0
    assert stage.tags().count("slack:suspension:added") == 1


def at_home(stage: Stage) -> None:
    """Alice opens Home, which is published anew once she has reset Bob's 2FA."""
    alice = stage.as_(stage.world.alice)
    stage.act(alice.open_home, until=lambda: alice.home is not None)
    reset(stage, stage.world.alice)
    stage.act(alice.open_home)
    assert stage.states() == [CaseState.COMPLETED]
