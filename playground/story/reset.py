"""The main story: from Alice's command to Bob signed in again with a new authenticator."""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.proving import totp
from playground.browser import FIREFOX, SAFARI, Browser
from playground.office import HELP_DESK, SIGN_IN
from playground.people import BY_HANDLE
from playground.render import field_panel, modal_panel
from playground.slack import Message
from playground.story.acts import CONFIGURE, SIGNED_IN, WAITING, app_shows, set_up_code_in
from playground.story.stage import Stage, Step

ALICE, BOB = BY_HANDLE["alice"], BY_HANDLE["bob"]
_A_REFUSAL = "why it is refused"
_STATES = ("awaiting_confirmation", "executing", "completed", "re_enrolled")


class ResetStory:
    """Each method is one step, and leaves behind what the next ones need."""

    title = "The story of a reset: from Alice's command to Bob's new authenticator"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._office = stage.office
        self._alice = self._office.person("alice")
        self._bob = self._office.person("bob")
        self._firefox: Browser = stage.office.browser(user_agent=FIREFOX)
        self._question: Message
        self._waiting: Message
        self._old_secret = self._office.secret_of(BOB) or ""
        self._copy: Browser
        self._set_up_code = ""
        self._new_secret = ""

    @property
    def steps(self) -> Sequence[Step]:
        """The story, in order."""
        return (
            Step("Alice asks for a reset of Bob's 2FA", self.alice_asks),
            Step("Alice mistypes her own code", self.alice_mistypes),
            Step("Alice types the right code", self.alice_is_verified),
            Step("Alice clicks Yes", self.alice_confirms),
            Step("Bob is told", self.bob_is_told),
            Step("Bob's authenticator no longer counts", self.authenticator_is_invalid),
            Step("A day passes, and both are reminded", self.a_day_passes),
            Step("Bob signs in with his password", self.bob_signs_in),
            Step("Bob gets his set-up code in Slack", self.bob_gets_his_code),
            Step("Bob types the set-up code", self.bob_types_his_code),
            Step("A set-up code works once, in one browser", self.code_is_spent),
            Step("Bob sets his app up", self.bob_confirms),
            Step("The case is closed", self.case_is_closed),
            Step("Bob signs in with his new authenticator", self.bob_signs_in_again),
            Step("The audit chain holds", self.audit_holds),
            Step("Slack has nothing to complain about", self.slack_is_content),
        )

    def alice_asks(self) -> None:
        self._stage.tell("Alice types in #help-desk: /reset-2fa @bob Lost the phone")
        delivery = self._alice.command("/reset-2fa", "@bob Lost the phone", channel=HELP_DESK)
        self._stage.see_sent(delivery, "Slack takes the command")
        modal = self._alice.modal
        self._stage.show(modal_panel(modal))
        known = all(text in modal.shown for text in (BOB.name, BOB.email, "+44 20 7946 0100"))
        self._stage.see(
            known and modal.callback_id == "reset_verify",
            "A modal shows Alice who Bob is, and asks for a code of her own",
            instead=modal.shown,
        )

    def alice_mistypes(self) -> None:
        typed = self._wrong_code()
        self._stage.tell(f"Alice knows Bob from the video call. Her code, mistyped: {typed}")
        modal = self._alice.modal
        self._alice.submit(modal, {"proof": "video", "code": typed})
        self._stage.show(field_panel(modal, "code"))
        self._stage.see(
            list(modal.errors) == ["code"] and not modal.closed,
            "The error stands under her code, and the modal stays open",
            instead=modal.errors or "no error",
        )

    def alice_is_verified(self) -> None:
        code = self._office.code_of(ALICE) or ""
        self._stage.tell(f"Alice types what her authenticator app shows: {code}")
        delivery = self._alice.submit(self._alice.modal, {"code": code})
        self._stage.see_sent(delivery, "The code is right, and the modal closes")
        self._question = self._stage.see_message(
            "alice",
            "Alice is asked for Yes or No, where she typed the command",
            f"Reset the 2FA of {BOB.name}?",
            "Lost the phone",
            channel=HELP_DESK,
        )
        alan = self._office.person("alan")
        self._stage.see(
            self._question not in alan.messages(HELP_DESK),
            "Nobody else in the channel sees it",
            instead="Alan sees it too",
        )

    def alice_confirms(self) -> None:
        self._stage.tell("Alice clicks Yes")
        delivery = self._alice.click(self._question, "reset_yes")
        self._stage.see_sent(delivery, "Slack takes the click")
        done = f"The 2FA of {BOB.name} was reset."
        self._stage.see_message(
            "alice", "The outcome takes the question's place", done, channel=HELP_DESK
        )
        question = [m for m in self._alice.messages(HELP_DESK) if "reset_yes" in m.action_ids]
        self._stage.see(not question, "Yes cannot be clicked again", instead="it is still there")
        self._stage.see_message(
            "alice", "It is kept in Alice's direct messages too", done, shown=False
        )

    def bob_is_told(self) -> None:
        message = self._stage.see_message(
            "bob",
            "Bob learns who did it, and what to do now",
            "Your 2FA was reset",
            ALICE.name,
            "on a video call",
        )
        self._stage.see(
            {"open_set_up", "reset_report"} <= set(message.action_ids),
            "One button leads to the sign-in page, the other says “This wasn't me”",
            instead=message.action_ids,
        )
        self._stage.see_message(
            "carol", "Carol, who owns Acme, is told too", f"The 2FA of {BOB.name} was reset"
        )

    def authenticator_is_invalid(self) -> None:
        said = self._stage.status(BOB.email)
        self._stage.see(
            said["authenticators"] == [] and said["contact"]["set_up_required"],
            "Bob has no authenticator left, and set-up is required",
            instead=said,
        )
        states = [case["state"] for case in said["cases"]]
        self._stage.see(states == ["completed"], "The case waits for Bob", instead=states)

    def a_day_passes(self) -> None:
        self._stage.tell("The clock moves on by a day; Bob has done nothing yet")
        self._office.clock.advance(timedelta(days=1))
        self._stage.see_message(
            "bob", "Bob is reminded", "Your 2FA is still to be set up", ALICE.name
        )
        self._stage.see_message(
            "alice", "Alice hears which of her resets still wait", "wait", BOB.name
        )

    def bob_signs_in(self) -> None:
        self._stage.tell("Bob follows the button to the sign-in page")
        page = self._firefox.open(SIGN_IN)
        self._stage.see(page.heading == "Sign in", "The page asks who he is", instead=page.shown)
        self._stage.tell(f"Bob types bob and his password, “{BOB.password}”")
        page = self._firefox.submit({"username": BOB.handle, "password": BOB.password})
        self._stage.see_page(
            page, "The password alone is not enough: a set-up code is asked for", heading=WAITING
        )

    def bob_gets_his_code(self) -> None:
        self._waiting = self._stage.see_message(
            "bob",
            "Bob is told of this sign-in: which browser, from where, when",
            "A sign-in waits for your set-up code",
            "Firefox on Linux",
        )
        self._stage.tell("Bob presses “Show the set-up code”")
        delivery = self._bob.click(self._waiting, "show_set_up_code")
        self._stage.see_sent(delivery, "Slack takes the click")
        modal = self._bob.modal
        self._stage.show(modal_panel(modal))
        self._stage.see(
            "Nobody ever asks you" in modal.shown,
            "A modal warns that nobody ever asks for the code",
            instead=modal.shown,
        )
        self._set_up_code = set_up_code_in(self._stage, modal)

    def bob_types_his_code(self) -> None:
        self._bob.close_all()
        self._copy = self._firefox.copy()
        self._stage.tell(f"Bob types {self._set_up_code} into the page")
        page = self._firefox.submit({"set_up_code": self._set_up_code})
        self._stage.see_page(page, "The page shows a key for Bob's app", heading=CONFIGURE)
        self._stage.see(page.key, "The key can be typed", instead=page.shown)
        self._new_secret = page.key or ""

    def code_is_spent(self) -> None:
        self._stage.tell("The same form is sent once more, from a copy of Bob's browser")
        page = self._copy.submit({"set_up_code": self._set_up_code})
        self._stage.see(page.key is None, f"It leads to “{page.heading}”", instead=page.shown)
        self._stage.tell("Somebody who knows Bob's password and saw the code tries it at home")
        safari = self._office.browser(user_agent=SAFARI)
        safari.open(SIGN_IN)
        safari.submit({"username": BOB.handle, "password": BOB.password})
        page = safari.submit({"set_up_code": self._set_up_code})
        self._stage.see(
            page.heading == WAITING and "set_up_code" in page.errors and page.key is None,
            f"They read: {page.errors.get('set_up_code', _A_REFUSAL)}",
            instead=page.shown,
        )
        self._stage.see_message(
            "bob",
            "And Bob is told of the other browser: Safari on Mac",
            "A sign-in waits",
            "Safari on Mac",
            shown=False,
        )

    def bob_confirms(self) -> None:
        self._stage.tell("Bob deletes the older entry in his app, and types the key")
        code = app_shows(self._office, self._new_secret)
        self._stage.tell(f"His app shows {code}; he presses “Confirm code”")
        page = self._firefox.submit({"code": code})
        self._stage.see_page(page, "Bob is signed in", heading=SIGNED_IN)

    def case_is_closed(self) -> None:
        self._stage.see_message(
            "bob", "Bob is told of his new authenticator", "An authenticator was added"
        )
        self._stage.see_message("alice", "Alice is told", f"{BOB.name} has set 2FA up again")
        said = self._stage.status(BOB.email)
        states = [case["state"] for case in said["cases"]]
        self._stage.see(states == ["re_enrolled"], "The case is closed", instead=states)
        self._stage.see(
            len(said["authenticators"]) == 1 and not said["contact"]["set_up_required"],
            "Bob has one authenticator, and nothing is required of him",
            instead=said,
        )

    def bob_signs_in_again(self) -> None:
        self._office.clock.advance(timedelta(minutes=1))
        browser = self._stage.office.browser(user_agent=FIREFOX)
        browser.open(SIGN_IN)
        browser.submit({"username": BOB.handle, "password": BOB.password})
        self._stage.tell("A minute later, in a new browser: the code of the older entry")
        page = browser.submit({"code": app_shows(self._office, self._old_secret)})
        self._stage.see(
            "code" in page.errors,
            f"He reads: {page.errors.get('code', _A_REFUSAL)}",
            instead=page.shown,
        )
        self._stage.tell("Then the code of the newer entry")
        page = browser.submit({"code": app_shows(self._office, self._new_secret)})
        self._stage.see(page.heading == SIGNED_IN, f"He reads: {page.heading}", instead=page.shown)

    def audit_holds(self) -> None:
        said = self._stage.operator("audit", "verify")
        self._stage.see("records hold" in said, said.split("; ")[0].capitalize(), instead=said)
        exported = self._stage.operator("audit", "export")
        states = tuple(re.findall(r'"tag": "[a-z_]+:case:([a-z_]+)"', exported))
        self._stage.see(
            states == _STATES,
            f"It tells the life of the case: {', '.join(states).replace('_', ' ')}",
            instead=states,
        )

    def slack_is_content(self) -> None:
        self._stage.see_no_violation()

    def _wrong_code(self) -> str:
        """Return Alice's code with its last digit mistyped, so that it fits no step nearby."""
        secret, step = self._office.secret_of(ALICE) or "", totp.step_at(self._office.clock.now())
        near = {totp.code_at(secret, step + skew) for skew in range(-2, 3)}
        right = totp.code_at(secret, step)
        return next(c for digit in "0123456789" if (c := f"{right[:-1]}{digit}") not in near)
