"""What administrators ask of Slack, and how they answer its question."""

from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.domain.model.cases import Case, CaseState, Proof
from bot.domain.model.pressed import Pressed
from bot.domain.model.reset_form import FilledForm, Named
from tests.machine.draws import admins, kinds_of_code, places, subscribers
from tests.machine.held import HeldMachine
from tests.machine.troubles import Trouble

_LEFT_IN: dict[Trouble | None, CaseState] = {
    Trouble.DIRECTORY_AWAY: CaseState.EXECUTING,
    Trouble.DIRECTORY_REFUSES: CaseState.FAILED,
}


class AskingMachine(HeldMachine):
    @rule(admin=admins, subscriber=subscribers, kind=kinds_of_code)
    def ask(self, admin: str, subscriber: str, kind: str) -> None:
        """Type the command, fill in the modal."""
        self._ask(admin, subscriber, kind)

    def _ask(self, admin: str, subscriber: str, kind: str) -> Case | None:
        typed, why_not = self._code(admin, kind)
        whom = self.firm.person(subscriber)
        request = FilledForm(
            subscriber=Named(contact_id=whom.id),
            account_id=self._any_account(admin, subscriber),
            proof=Proof.VIDEO,
            reason="Lost the phone",
            ticket=None,
            code=typed,
        )
        asking, sessions = self.firm.services.asking, self.watch.open_sessions(admin)
        view = self._attempt(
            "ask",
            lambda: asking.request(self.firm.slack(admin), request, response_url=None),
            [*self._standing(admin, subscriber), *why_not],
            code=(admin, typed),
        )
        self._hold(self.watch.open_sessions(admin) == sessions, "rule 2: a code opened a session")
        return view.case if view else None

    @rule(who=admins, place=places, yes=st.booleans(), twice=st.booleans())
    def answer(self, who: str, place: int, *, yes: bool, twice: bool) -> None:
        """Click Yes or No, perhaps twice, on any case that there is."""
        case = self._pick(place, {CaseState.AWAITING_CONFIRMATION})
        if case is None:
            return
        if place % 3:  # mostly the one whose word counts
            who = self.firm.name_of(case.admin_id) or who
        for _ in range(1 + twice):
            self._answer(who, case, yes=yes)

    @rule(admin=admins, subscriber=subscribers)
    def reset(self, admin: str, subscriber: str) -> None:
        """Ask with a fresh code, and say Yes twice: the common way to a completed case."""
        self.firm.clock.advance(timedelta(seconds=60))
        case = self._ask(admin, subscriber, "right")
        if case is not None:
            self._answer(admin, case, yes=True)
            self._answer(admin, case, yes=True)

    @rule(admin=admins, subscriber=subscribers)
    def guess(self, admin: str, subscriber: str) -> None:
        """Try one code after another, and then the right one."""
        for _ in range(5):
            self._ask(admin, subscriber, "wrong")
        self._ask(admin, subscriber, "right")

    def _answer(self, who: str, case: Case, *, yes: bool) -> None:
        deciding, slack = self.firm.services.deciding, self.firm.slack(who)
        now = self.firm.case(case.id)
        reasons = [
            *([] if self.firm.person(who).id == case.admin_id else ["rule 4: not their case"]),
            *([] if now.state is CaseState.AWAITING_CONFIRMATION else ["rule 4: decided before"]),
            *(["rule 4: too late"] if now.confirm_by and self.now >= now.confirm_by else []),
        ]
        if yes:
            subscriber = self.firm.name_of(case.subscriber_id) or ""
            reasons += self._standing(who, subscriber)
            if self.watch.reported_after(subscriber, case.opened_at):
                reasons.append("rule 10: it was asked for before the report that it would lift")
            act = partial(deciding.confirm, Pressed(actor=slack, value=case.id))
        else:
            act = partial(deciding.decline, Pressed(actor=slack, value=case.id))
        if self._attempt("yes" if yes else "no", act, reasons) and yes:
            self._expect_reset(case)

    def _expect_reset(self, case: Case) -> None:
        """Rule 7: after a Yes nothing that was bound or open before is worth anything.

        Where the directory does not answer nothing was done, and somebody has to go on with it.
        """
        struck, state = self.firm.troubles.struck, self.firm.case(case.id).state
        left = _LEFT_IN.get(struck, CaseState.COMPLETED)
        self._hold(state is left, f"rule 7: a Yes, under {struck}, left the case {state}")
        if state is CaseState.COMPLETED:
            self._expect_stripped(self.firm.name_of(case.subscriber_id) or "", "rule 7")

    def _expect_stripped(self, name: str, rule_number: str) -> None:
        found = self.firm.authenticators(name)
        self._hold(not found, f"{rule_number}: an authenticator outlived it")
        required = self.firm.contact(name).set_up_required
        self._hold(required, f"{rule_number}: no set-up is required")
        for browser in self.browsers:
            if browser.person == name:
                browser.void = True
                self._hold(not self._honoured(browser), f"{rule_number}: a session outlived it")
