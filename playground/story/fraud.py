"""The story of a fraud: Mallory phones the help desk at night, and Bob wakes up at eight."""

from collections.abc import Sequence
from datetime import time, timedelta

from playground.browser import FIREFOX, SAFARI, Browser
from playground.office import AUDIT
from playground.people import BY_HANDLE
from playground.render import message_panel, modal_panel
from playground.slack import Message
from playground.story import acts
from playground.story.stage import Stage, Step

BOB = BY_HANDLE["bob"]
_NIGHT, _MORNING = time(23, 30), time(8)
_REPORTED = "“This wasn't me”"
_SUSPENDED = "Your sign-in is suspended"
_A_MINUTE = timedelta(minutes=1)


class FraudStory:
    """Each method is one step, and leaves behind what the next ones need."""

    title = "The story of a fraud: somebody phones at night as Bob"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._office = stage.office
        self._mallory: Browser = stage.office.browser(user_agent=SAFARI)
        self._case = ""
        self._last: Message

    @property
    def steps(self) -> Sequence[Step]:
        """The story, in order."""
        return (
            Step("Half past eleven: “I am Bob, and I lost my phone”", self.alan_is_taken_in),
            Step("Mallory, who knows Bob's password, is stopped by the set-up code", self.gated),
            Step("Mallory phones Alice, too, and gets the code", self.alice_is_taken_in),
            Step("Mallory enrols a phone of her own", self.mallory_enrols),
            Step("Eight in the morning: Bob reads his messages", self.bob_wakes_up),
            Step("Bob presses “This wasn't me”", self.bob_reports),
            Step("Mallory is out", self.mallory_is_out),
            Step("Everybody concerned is told at once", self.all_are_told),
            Step("Neither Alan nor Alice can undo it", self.not_by_those_who_were_taken_in),
            Step("Carol knows Bob's voice, and resets his 2FA", self.carol_lifts),
            Step("Bob sets his own phone up again", self.bob_sets_up),
            Step("The auditor reads the night's case", self.auditor_reads),
        )

    def alan_is_taken_in(self) -> None:
        self._move_to(_NIGHT)
        acts.reset(self._stage, "alan", BOB, proof="called_back")

    def gated(self) -> None:
        page = acts.sign_in(self._stage, self._mallory, BOB)
        self._stage.see_page(
            page, "The password is not enough, and the code is in Bob's Slack", heading=acts.WAITING
        )

    def alice_is_taken_in(self) -> None:
        self._office.clock.advance(_A_MINUTE)
        shown = acts.hand_over(self._stage, "alice", BOB)
        code = acts.set_up_code_in(self._stage, shown)
        self._office.person("alice").close_all()
        self._stage.tell("Alice reads it out to whoever is on the phone")
        self._mallory.submit({"set_up_code": code})

    def mallory_enrols(self) -> None:
        self._stage.see(self._mallory.page.key, "The page shows Mallory a key", instead="none")
        page = acts.confirm_code(self._stage, self._mallory)
        self._stage.see_page(page, "Mallory is signed in as Bob", heading=acts.SIGNED_IN)

    def bob_wakes_up(self) -> None:
        self._move_to(_MORNING)
        for words in (
            ("Your 2FA was reset", "Alan Ames"),
            ("A sign-in waits for your set-up code", "Safari on Mac"),
            ("set-up code", "Alice Archer"),
        ):
            message = self._stage.see_message("bob", f"Bob reads: {words[0]}", *words, shown=False)
            self._stage.see(
                "reset_report" in message.action_ids,
                "With a button “This wasn't me”",
                instead=message.action_ids,
            )
        self._last = self._stage.see_message(
            "bob", "Bob reads the last one", "An authenticator was added"
        )

    def bob_reports(self) -> None:
        bob = self._office.person("bob")
        bob.click(self._last, "reset_report")
        modal = bob.modal
        self._stage.show(modal_panel(modal))
        asked = modal.callback_id == "reset_report_confirm"
        self._stage.see(asked, "He is asked once more", instead=modal.shown)
        bob.submit(modal, {})
        self._stage.see(
            "Your report was taken" in bob.modal.shown,
            "His report is taken",
            instead=bob.modal.shown,
        )
        bob.close_all()

    def mallory_is_out(self) -> None:
        page = self._mallory.open("/portal/")
        self._stage.see(page.heading == "Sign in", "Her session has ended", instead=page.shown)
        page = acts.sign_in(self._stage, self._mallory, BOB)
        self._stage.see_page(page, "And Bob's password opens nothing now", heading=_SUSPENDED)
        said = self._stage.status(BOB.email)
        self._stage.see(
            said["authenticators"] == [] and said["contact"]["suspended"],
            "Her authenticator counts no more",
            instead=said,
        )

    def all_are_told(self) -> None:
        self._stage.see_message("carol", "Carol, who owns Acme", _REPORTED)
        for handle, who in (
            ("alan", "Alan, whose case it was"),
            ("alice", "Alice, who saw the code"),
        ):
            self._stage.see_message(handle, who, _REPORTED, shown=False)
        audit = [m for m in self._office.person("carol").messages(AUDIT) if _REPORTED in m.shown]
        self._stage.see(audit, "The audit channel", instead="nothing there")

    def not_by_those_who_were_taken_in(self) -> None:
        for handle in ("alan", "alice"):
            person = self._office.person(handle)
            self._stage.tell(
                f"{BY_HANDLE[handle].name} types: /reset-2fa @bob It was him after all"
            )
            person.command("/reset-2fa", "@bob It was him after all", channel=person.im)
            answer = person.ephemerals[-1]
            self._stage.see("somebody else" in answer.shown, "Refused", instead=answer.shown)
        self._stage.show(message_panel(answer, place="Alice's messages from Rekey"))

    def carol_lifts(self) -> None:
        self._case = self._stage.status(BOB.email)["cases"][0]["id"]
        acts.reset(self._stage, "carol", BOB, proof="in_person")
        self._stage.see_message(
            "alan", "Alan is told who lifted it", "no longer suspended", "Carol Cole", shown=False
        )

    def bob_sets_up(self) -> None:
        browser = self._office.browser(user_agent=FIREFOX)
        acts.sign_in(self._stage, browser, BOB)
        waiting = self._stage.see_message(
            "bob",
            "This time it is Bob's browser",
            "A sign-in waits",
            "Firefox on Linux",
            shown=False,
        )
        bob = self._office.person("bob")
        bob.click(waiting, "show_set_up_code")
        browser.submit({"set_up_code": acts.set_up_code_in(self._stage, bob.modal)})
        page = acts.confirm_code(self._stage, browser)
        self._stage.see_page(page, "Bob is signed in", heading=acts.SIGNED_IN)

    def auditor_reads(self) -> None:
        story = self._stage.operator("audit", "show", self._case)
        self._stage.show(story)
        for words in ("Alan Ames answered Yes", "Alice Archer saw a set-up code", "reported:"):
            self._stage.see(words in " ".join(story.split()), f"It says: {words}", instead=story)
        verified = self._stage.operator("audit", "verify")
        holds = "records hold" in verified
        self._stage.see(holds, verified.split("; ")[0].capitalize(), instead=verified)
        self._stage.see_no_violation()

    def _move_to(self, hour: time) -> None:
        now = self._office.clock.now()
        at = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
        at += timedelta(days=at <= now)
        self._office.clock.advance(at - now)
        self._stage.tell(f"The clock says {at:%H:%M}")
