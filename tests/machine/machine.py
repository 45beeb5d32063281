"""Everybody's acts, drawn at random: all that administrators and people do, and all the rest.

The rest is what falls due, what the operator does, and a world in disorder.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import Fault
from bot.domain.model.people import SessionStage
from tests.machine.draws import NAMES, admins, anybody, places, subscribers, waits
from tests.machine.firm import OPERATOR
from tests.machine.held import ACTS
from tests.machine.troubles import LOSSES
from tests.machine.work import WorkMachine

_REPORTABLE = {CaseState.COMPLETED, CaseState.LAPSED, CaseState.RE_ENROLLED}


class CaseMachine(WorkMachine):
    """Subclasses say over which store."""

    # -- this wasn't me, and what falls due

    @rule(place=places, who=anybody)
    def report(self, place: int, who: str) -> None:
        """Press *This wasn't me* on any case, and mean it."""
        case = self._pick(place, _REPORTABLE if place % 5 else set(CaseState))
        if case is not None:
            own = self.firm.name_of(case.subscriber_id) or who
            self._report(who if place % 5 == 1 else own, case)

    def _report(self, name: str, case: Case) -> None:
        own = self.firm.name_of(case.subscriber_id) or name
        reasons = [] if name == own else ["rule 10: somebody else's case"]
        if case.state not in _REPORTABLE:
            reasons.append(f"rule 10: it was {case.state}")
        if case.re_enrolled_at and self.now >= case.re_enrolled_at + timedelta(days=30):
            reasons.append("rule 10: more than thirty days ago")
        act = partial(self.firm.services.reports.report, self.firm.slack(name), case.id)
        if self._attempt("report", act, reasons):
            self._hold(self.firm.contact(own).suspended, "rule 10: the sign-in is not suspended")
            self._expect_stripped(own, "rule 10")
            self._attempt("second report", act, ["rule 10: reported before"])

    @rule(admin=admins, subscriber=subscribers, other=admins)
    def quarrel(self, admin: str, subscriber: str, other: str) -> None:
        """Reset, report, and try to lift the suspension by another reset."""
        self.reset(admin, subscriber)
        cases = [c for c in self.firm.cases() if self.firm.name_of(c.subscriber_id) == subscriber]
        if cases:
            self._report(subscriber, cases[-1])
            self.reset(admin, subscriber)
            self.reset(other, subscriber)
            self.enrol(subscriber)

    @rule()
    def sweep(self) -> None:
        """Do what falls due by itself; where the directory is away it is done the next time."""
        spared = {name for name in NAMES if self.firm.is_last_owner(name)}
        suspended = {name for name in NAMES if self.firm.contact(name).suspended}
        self.seen[ACTS] += 1
        try:
            with self.firm.troubles.at_work():
                self.firm.services.sweep.run()
        except* Fault:  # done the next time
            pass
        except* LOSSES:
            if not self.firm.troubles.struck:
                raise
        for name in spared - suspended:
            self._hold(not self.firm.contact(name).suspended, "rule 10: the last owner lapsed")
        for browser in self.browsers:  # a lapse ends sessions
            browser.void = browser.void or not self._honoured(browser)

    @rule(by=waits)
    def wait(self, by: timedelta) -> None:
        """Let time pass."""
        self.firm.clock.advance(by)

    # -- the operator, and the world

    @rule(name=subscribers)
    @precondition(lambda self: self.watch.anybody_suspended())
    def reinstate(self, name: str) -> None:
        """Lift a suspension at the console."""
        suspended = self.firm.contact(name).suspended
        self._attempt(
            "reinstate",
            lambda: self.firm.services.suspensions.reinstate(
                self.firm.person(name).email, reason="Called back", operator=OPERATOR
            ),
            [] if suspended else ["rule 10: nothing to lift"],
        )

    @rule()
    def set_right(self) -> None:
        """Have everybody reinstated and enrolled, so that more than refusals can follow."""
        for name in NAMES:
            if self.firm.contact(name).suspended:
                self.reinstate(name)
            if not self.firm.authenticators(name):
                self.enrol(name)
        self.firm.clock.advance(timedelta(hours=1))

    @rule(name=subscribers)
    def suspend(self, name: str) -> None:
        """Suspend somebody at the console."""
        suspended = self.firm.contact(name).suspended
        email = self.firm.person(name).email
        self._attempt(
            "suspend",
            lambda: self.firm.services.suspensions.suspend(
                email, reason="They called", operator=OPERATOR
            ),
            ["rule 10: suspended before"] if suspended else [],
        )

    @rule(name=subscribers)
    def reset_at_the_console(self, name: str) -> None:
        """Break the glass."""
        email, before = self.firm.person(name).email, self.watch.suspensions(name)
        view = self._attempt(
            "operator's reset",
            lambda: self.firm.services.operator_resets.reset(
                email, reason="Lost her phone", force=True, operator=OPERATOR
            ),
            [] if self.firm.directory_up else ["rule 1: the directory did not answer"],
        )
        if view is not None:
            self._expect_reset(view.case)
            kept = "operator" not in before or self.firm.contact(name).suspended
            self._hold(kept, "rule 10: a reset lifted what the operator has to lift")

    @rule(
        what=st.sampled_from(
            ("Slack", "Slack", "directory", "is_guest", "is_deactivated", "is_bot", "role")
        ),
        whose=st.sampled_from(("alice", "alan", "bob")),
        admin=admins,
        place=places,
    )
    def act_in_disorder(self, what: str, whose: str, admin: str, place: int) -> None:
        """Something is wrong for a while: Slack or the directory is away, or somebody changed."""
        self.firm.clock.advance(timedelta(seconds=60))  # for a code that was not used yet
        put_right = self._disturb(what, whose, place)
        self._ask(admin, "bob", "right")
        case = self._pick(1, {CaseState.AWAITING_CONFIRMATION})
        if case is not None:
            self._answer(self.firm.name_of(case.admin_id) or admin, case, yes=True)
        browser = self._browser(place, SessionStage.AWAITING_SET_UP_CODE) if self.browsers else None
        if browser is not None:
            self._show(browser, browser.person)
        put_right()

    def _disturb(self, what: str, whose: str, place: int) -> Callable[[], None]:
        firm = self.firm
        if what == "Slack":
            firm.workspace.available = False
            return lambda: setattr(firm.workspace, "available", True)
        if what == "directory":
            firm.directory_up = False
            return lambda: setattr(firm, "directory_up", True)
        if what == "role":
            before = firm.roles[firm.person(whose).id][firm.world.acme.id]
            firm.give_role(whose, place % 3)
            return lambda: firm.give_role(whose, before)
        firm.flip(whose, what)
        return lambda: firm.flip(whose, what)
