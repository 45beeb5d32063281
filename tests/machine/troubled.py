"""Acts that trouble comes over, and what others make of what was left behind."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.domain.model.cases import OPEN_STATES, Case, CaseState
from tests.machine.draws import admins, places, subscribers
from tests.machine.machine import CaseMachine
from tests.machine.oracle import LEASE, RuleBroken
from tests.machine.troubles import AMID, DEATHS, Trouble

acts = st.sampled_from(("ask", "report", "enrol", "sweep", "reset at the console", "take over"))
pairs = st.sampled_from(
    (("alice", "bob"),) * 4 + (("carol", "alan"), ("alan", "alice"), ("dana", "bob"))
)


class Blow(NamedTuple):
    """Which trouble comes, at which step of its kind; and for how long a stall lasts."""

    trouble: Trouble
    nth: int
    stall: timedelta


_STEPS = {
    **dict.fromkeys(AMID, 30),
    Trouble.DIRECTORY_AWAY: 8,
    Trouble.DIRECTORY_REFUSES: 3,
}
"""How many steps of a kind an act may take; two of those that are not named."""

blows = st.builds(
    lambda trouble, nth, stall: Blow(trouble, 1 + nth % _STEPS.get(trouble, 2), stall),
    st.sampled_from(Trouble),
    st.integers(min_value=0, max_value=119),
    st.sampled_from((LEASE / 6, LEASE * 1.5)),
)


class TroubledMachine(CaseMachine):
    """Random acts as before, and now and then one during which something breaks."""

    _executing: frozenset[str] = frozenset()
    _overtaken = False

    @rule(pair=pairs, yes=st.sampled_from((True, True, True, False)), blow=blows)
    def answer_in_trouble(self, pair: tuple[str, str], *, yes: bool, blow: Blow) -> None:
        """A decision goes wrong at its n-th step; then all is well again, and it is made anew."""
        case = self._case_of(*pair)
        if case is None:
            return
        bound = self.watch.bound(pair[1])
        if self._in_trouble(blow, lambda: self._answer(pair[0], case, yes=yes)):
            self.seen[f"{'yes' if yes else 'no'} in {blow.trouble}"] += 1
            self._expect_whole(case, bound)
            self._recover()
            self._answer_again(pair[0], case)

    @rule(what=acts, blow=blows, admin=admins, subscriber=subscribers, place=places)
    def act_in_trouble(
        self, *, what: str, blow: Blow, admin: str, subscriber: str, place: int
    ) -> None:
        """Any other act goes wrong at its n-th step; then all is well again."""
        self.firm.clock.advance(timedelta(days=place % 16) if what == "sweep" else LEASE)
        if self._in_trouble(blow, lambda: self._act(what, admin, subscriber, place)):
            self.seen[f"{what} in {blow.trouble}"] += 1
            self._recover()

    def _case_of(self, admin: str, subscriber: str) -> Case | None:
        """Return a case that waits for that admin's word."""
        self.firm.clock.advance(LEASE)
        case = self._ask(admin, subscriber, "right")
        if case is None:
            self.set_right()
            case = self._ask(admin, subscriber, "right")
        return case

    def _in_trouble(self, blow: Blow, act: Callable[[], None]) -> bool:
        """Do it, and say whether the trouble came; the store holds all or nothing then."""
        troubles, before = self.firm.troubles, self.watch.picture()
        self._executing, self._overtaken = self._cases_executing(), False
        troubles.on_stall = partial(self._others_go_on, blow.stall)
        troubles.arm(blow.trouble, nth=blow.nth)
        try:
            act()
        finally:
            struck = troubles.disarm()
        if struck in DEATHS:
            self.firm.start()
        if struck and not troubles.commits:
            self._hold(self.watch.picture() == before, f"rule 8: {struck} left something behind")
        self._hold(not self._overtaken, "rule 7: a case was taken from whoever was at work on it")
        return struck is not None

    def _act(self, what: str, admin: str, subscriber: str, place: int) -> None:
        if what == "ask":
            self._ask(admin, subscriber, "right")
        elif what == "report":
            self.report(place, subscriber)
        elif what == "take over":
            self.look_after(admin, place, what)
        elif what == "enrol":
            self.enrol(subscriber)
        elif what == "sweep":
            self.firm.clock.advance(timedelta(days=place % 16))
            self.sweep()
        else:
            self.reset_at_the_console(subscriber)

    def _others_go_on(self, stall: timedelta) -> None:
        """While this process stands still, time goes on, and another process sweeps."""
        begun = self._cases_executing() - self._executing
        self.firm.clock.advance(stall)
        self.firm.another().services.sweep.run()
        if stall < LEASE:
            self._overtaken = not begun <= self._cases_executing()

    def _cases_executing(self) -> frozenset[str]:
        return frozenset(c.id for c in self.firm.cases() if c.state is CaseState.EXECUTING)

    def _expect_whole(self, case: Case, bound: object) -> None:
        """Rule 7: the embedded directory's effects happen all at once, with the last state."""
        name, state = self.firm.name_of(case.subscriber_id) or "", self.firm.case(case.id).state
        if state is CaseState.COMPLETED:
            self._expect_stripped(name, "rule 7")
        elif state is not CaseState.FAILED:
            self._hold(self.watch.bound(name) == bound, f"rule 7: half-done, and the case {state}")

    def _recover(self) -> None:
        """Once the lease is over, whoever sweeps ends what was begun."""
        self.firm.clock.advance(LEASE * 1.5)
        self.sweep()
        self._hold(not self._cases_executing(), "rule 7: nobody went on with a case")
        for fault in (*self.watch.faults(), *self.watch.news_faults()):
            raise RuleBroken(fault)

    def _answer_again(self, admin: str, case: Case) -> None:
        """Click once more, where no answer came."""
        if self.firm.case(case.id).state in OPEN_STATES:
            self._answer(admin, case, yes=True)
        state = self.firm.case(case.id).state
        self._hold(state not in OPEN_STATES, f"rule 7: asked again, and the case {state}")
