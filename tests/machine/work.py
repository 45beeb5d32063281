"""What administrators do about the cases of their accounts, and for people who cannot go on."""

from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from bot.domain.model.cases import Case, CaseState, Proof
from bot.domain.model.people import SessionStage
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import Named
from bot.domain.set_up.handing_over import FilledHandOver
from tests.machine.asking import AskingMachine
from tests.machine.draws import admins, kinds_of_code, places, subscribers
from tests.machine.oracle import Browser
from tests.machine.portal import PortalMachine

_LOOKED_AFTER_IN = {
    "cancel": {CaseState.AWAITING_CONFIRMATION},
    "take over": {CaseState.COMPLETED, CaseState.LAPSED, CaseState.VETOED, CaseState.FAILED},
    "remind": {CaseState.COMPLETED},
}


class WorkMachine(AskingMachine, PortalMachine):
    @rule(admin=admins, place=places, kind=kinds_of_code)
    @precondition(lambda self: self.browsers)
    def hand_over(self, admin: str, place: int, kind: str) -> None:
        """Have a set-up code shown, to pass it on; mostly where somebody waits for one."""
        browser = self._browser(place, SessionStage.AWAITING_SET_UP_CODE)
        if browser is not None:
            self._hand_over(admin, browser, kind)

    def _hand_over(self, admin: str, browser: Browser, kind: str) -> None:
        typed, why_not = self._code(admin, kind)
        whom, case = self.firm.person(browser.person), self._under_way(browser.person)
        reasons = [
            *self._entitlement(admin, browser.person),
            *why_not,
            *self._void(browser, SessionStage.AWAITING_SET_UP_CODE),
        ]
        if case is None or case.admin_id == self.firm.person(admin).id:
            reasons.append("rule 9: the case's own admin, or no case at all")
        if self.firm.person(admin).id in self.firm.reported_lately(browser.person, self.evidence):
            reasons.append("rule 9: somebody whose hand was reported lately")
        request = FilledHandOver(
            subscriber=Named(contact_id=whom.id),
            session_id=browser.session_id,
            proof=Proof.IN_PERSON,
            code=typed,
        )
        handed = self._attempt(
            "hand over",
            lambda: self.firm.services.hand_over.hand_over(self.firm.slack(admin), request),
            reasons,
            code=(admin, typed),
        )
        if handed is not None and case is not None:
            self.evidence.show(browser.session_id, handed.shown.code, now=self.now)
            self.evidence.handed_over[case.id].add(self.firm.person(admin).id)
            self._hold(self.watch.told_of_hand_over(case), "rule 9: the owners were not told")

    @rule(first=admins, second=admins, subscriber=subscribers)
    def reset_by_two(self, first: str, second: str, subscriber: str) -> None:
        """One resets, another takes the case over; the first may still not hand its code over."""
        self.reset(first, subscriber)
        case = self._under_way(subscriber)
        if case is not None:
            self._look_after(second, case, "take over")
            self._look_after(second, case, "remind")
        browser = self._sign_in(subscriber)
        if browser is None or browser.stage is not SessionStage.AWAITING_SET_UP_CODE:
            return
        for admin in (first, second):
            self.firm.clock.advance(timedelta(seconds=60))
            self._hand_over(admin, browser, "right")
        self._accept(browser, self.evidence.code_of(browser.session_id) or "")
        self._bind(browser, right=True)

    @rule(who=admins, place=places, what=st.sampled_from(("cancel", "take over", "remind")))
    def look_after(self, who: str, place: int, what: str) -> None:
        """Press one of the buttons beside a case."""
        case = self._pick(place, _LOOKED_AFTER_IN[what])
        if case is not None:
            self._look_after(who, case, what)

    def _look_after(self, who: str, case: Case, what: str) -> None:
        work = self.firm.services.case_work
        pressed = Pressed(actor=self.firm.slack(who), value=case.id)
        acts = {"cancel": work.cancel, "take over": work.take_over, "remind": work.remind}
        now, subscriber = self.firm.case(case.id), self.firm.name_of(case.subscriber_id) or ""
        reasons = [*self._entitlement(who, subscriber)]
        if self.firm.roles[self.firm.person(who).id].get(case.account_id, 0) == 0:
            reasons.append("rule 5: the case's account is not theirs to administer")
        if now.state not in _LOOKED_AFTER_IN[what]:
            reasons.append(f"rule 4: it was {now.state}")
        self._attempt(what, partial(acts[what], pressed), reasons)

    def _under_way(self, name: str) -> Case | None:
        """Return the person's case that waits for a set-up, the newest."""
        waiting = {CaseState.COMPLETED, CaseState.LAPSED}
        cases = [c for c in self.firm.cases() if self.firm.name_of(c.subscriber_id) == name]
        return next((case for case in reversed(cases) if case.state in waiting), None)
