"""The story of a phone that held everything: no app, no Slack, and a code that is handed over."""

from collections.abc import Sequence
from datetime import timedelta

from playground.browser import FIREFOX, Browser
from playground.office import HELP_DESK
from playground.people import BY_HANDLE
from playground.story import acts
from playground.story.stage import Stage, Step

BOB = BY_HANDLE["bob"]


class HandOverStory:
    """Each method is one step, and leaves behind what the next ones need."""

    title = "The story of a hand-over: Bob's phone held his Slack, too"

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._browser: Browser = stage.office.browser(user_agent=FIREFOX)
        self._set_up_code = ""

    @property
    def steps(self) -> Sequence[Step]:
        """The story, in order."""
        return (
            Step("Alice resets Bob's 2FA", self.alice_resets),
            Step("Bob signs in at his desk, and cannot open Slack", self.bob_waits),
            Step("Alice may not hand the code over herself", self.not_alice),
            Step("Alan calls Bob back, and hands the code over", self.alan_hands_over),
            Step("Everybody concerned is told", self.all_are_told),
            Step("Bob sets his new app up", self.bob_sets_up),
            Step("The case is closed, and the audit chain holds", self.case_is_closed),
        )

    def alice_resets(self) -> None:
        acts.reset(self._stage, "alice", BOB, proof="in_person")

    def bob_waits(self) -> None:
        page = acts.sign_in(self._stage, self._browser, BOB)
        self._stage.see_page(page, "A set-up code is asked for", heading=acts.WAITING)

    def not_alice(self) -> None:
        alice = self._stage.office.person("alice")
        self._stage.office.clock.advance(timedelta(minutes=1))
        self._stage.tell("Alice types: /reset-2fa hand-over @bob")
        alice.command("/reset-2fa", "hand-over @bob", channel=HELP_DESK)
        refused = alice.ephemerals[-1].shown if alice.ephemerals else "nothing"
        self._stage.see("somebody else" in refused, f"She reads: {refused}", instead=refused)

    def alan_hands_over(self) -> None:
        shown = acts.hand_over(self._stage, "alan", BOB)
        self._set_up_code = acts.set_up_code_in(self._stage, shown)
        self._stage.office.person("alan").close_all()

    def all_are_told(self) -> None:
        told = "Alan Ames saw a set-up code of Bob Brown"
        self._stage.see_message("carol", "Carol, who owns Acme", told)
        self._stage.see_message("alice", "Alice, whose case it is", told, shown=False)
        message = self._stage.see_message(
            "bob", "Bob, when he can read it again", "set-up code", "Alan Ames"
        )
        self._stage.see(
            "reset_report" in message.action_ids,
            "One button says “This wasn't me”",
            instead=message.action_ids,
        )

    def bob_sets_up(self) -> None:
        self._stage.tell(f"Alan reads {self._set_up_code} to Bob, who types it into the page")
        page = self._browser.submit({"set_up_code": self._set_up_code})
        self._stage.see_page(page, "The page shows a key", heading=acts.CONFIGURE)
        page = acts.confirm_code(self._stage, self._browser)
        self._stage.see_page(page, "Bob is signed in", heading=acts.SIGNED_IN)

    def case_is_closed(self) -> None:
        said = self._stage.status(BOB.email)
        states = [case["state"] for case in said["cases"]]
        self._stage.see(states == ["re_enrolled"], "The case is closed", instead=states)
        verified = self._stage.operator("audit", "verify")
        holds = "records hold" in verified
        self._stage.see(holds, verified.split("; ")[0].capitalize(), instead=verified)
        self._stage.see_no_violation()
