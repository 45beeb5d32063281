"""Everybody's acts, drawn at random; each that succeeds is held against the rules.

What must hold between acts is in `tests.machine.watch`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain import totp
from bot.domain.case import Case, CaseState, Proof
from bot.domain.case_work import Pressed
from bot.domain.errors import CodeWrong, Fault, Refusal, SessionGone, SetUpCodeWrong
from bot.domain.handing_over import HandOverRequest
from bot.domain.model import SessionStage
from bot.domain.requests import Named, ResetRequest
from tests.machine.firm import OPERATOR, Firm
from tests.machine.oracle import Browser, Evidence, RuleBroken, entitled, throttled
from tests.machine.troubles import LOSSES, Trouble
from tests.machine.watch import Watch

NAMES = ("carol", "alice", "alan", "bob", "dana")
anybody = st.sampled_from(NAMES)
admins = st.sampled_from(("alice", "alan", "carol", "alice", "alan", "dana", "bob"))
subscribers = st.sampled_from(("bob",) * 6 + ("alan", "alice", "carol", "dana"))
kinds_of_code = st.sampled_from(("right", "right", "right", "wrong", "replayed", "malformed"))
places = st.integers(min_value=0, max_value=40)
waits = st.sampled_from(
    (
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=6),
        timedelta(hours=1),
        timedelta(days=1),
        timedelta(days=8),
        timedelta(days=15),
        timedelta(days=31),
    )
)


_REPORTABLE = {CaseState.COMPLETED, CaseState.LAPSED, CaseState.RE_ENROLLED}

_LOOKED_AFTER_IN = {
    "cancel": {CaseState.AWAITING_CONFIRMATION},
    "take over": {CaseState.COMPLETED, CaseState.LAPSED, CaseState.VETOED, CaseState.FAILED},
    "remind": {CaseState.COMPLETED},
}
_LEFT_IN: dict[Trouble | None, CaseState] = {
    Trouble.DIRECTORY_AWAY: CaseState.EXECUTING,
    Trouble.DIRECTORY_REFUSES: CaseState.FAILED,
}

ACTS = "acts"
"""What was tried, by a person or a sweep, is counted under this."""

T = TypeVar("T")


class CaseMachine(RuleBasedStateMachine):
    """Subclasses say over which store; `seen` counts what succeeded, over all runs."""

    seen: ClassVar[Counter[str]] = Counter()
    firm: Firm

    def __init__(self) -> None:
        super().__init__()
        self.firm = self.open_firm()
        self.evidence = Evidence()
        self.watch = Watch(self.firm, self.evidence)
        self.browsers: list[Browser] = []

    def open_firm(self) -> Firm:
        raise NotImplementedError

    # -- what is asked of Slack by administrators

    @rule(admin=admins, subscriber=subscribers, kind=kinds_of_code)
    def ask(self, admin: str, subscriber: str, kind: str) -> None:
        """Type the command, fill in the modal."""
        self._ask(admin, subscriber, kind)

    def _ask(self, admin: str, subscriber: str, kind: str) -> Case | None:
        typed, why_not = self._code(admin, kind)
        whom = self.firm.person(subscriber)
        request = ResetRequest(
            subscriber=Named(contact_id=whom.id),
            account_id=self._any_account(admin, subscriber),
            proof=Proof.VIDEO,
            reason="Lost the phone",
            ticket=None,
            code=typed,
        )
        asking, sessions = self.firm.asking, self.watch.open_sessions(admin)
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
        deciding, slack = self.firm.deciding, self.firm.slack(who)
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
            act = partial(deciding.confirm, slack, case.id, response_url=None)
        else:
            act = partial(deciding.decline, slack, case.id, response_url=None)
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

    # -- at the Portal

    @rule(name=subscribers)
    def sign_in(self, name: str) -> None:
        """Type user name and password."""
        self._sign_in(name)

    def _sign_in(self, name: str) -> Browser | None:
        person, contact = self.firm.person(name), self.firm.contact(name)
        signed = self._attempt(
            "password",
            lambda: self.firm.sign_in.begin(
                person.username, person.password, browser="Firefox", address="192.0.2.7"
            ),
            ["rule 10: the sign-in is suspended"] if contact.suspended else [],
        )
        if signed is None:
            return None
        browser = Browser.of(name, signed)
        self.browsers.append(browser)
        self._expect_way_in(browser)
        return browser

    def _expect_way_in(self, browser: Browser) -> None:
        """Rules 7 and 9: what the password alone may lead to."""
        contact, stage = self.firm.contact(browser.person), browser.stage
        has_one = bool(self.firm.authenticators(browser.person))
        if contact.set_up_required or (contact.two_factor_required and not has_one):
            gated = stage is SessionStage.AWAITING_SET_UP_CODE
            self._hold(gated, f"rule 9: the password alone led to {stage}")
        elif has_one:
            asked = stage is SessionStage.AWAITING_CODE
            self._hold(asked, f"rule 1: the password alone led to {stage}")

    @rule(place=places, kind=kinds_of_code)
    @precondition(lambda self: self.browsers)
    def type_code(self, place: int, kind: str) -> None:
        """Type the code that the sign-in asks for."""
        browser = self._browser(place, SessionStage.AWAITING_CODE)
        if browser is None:
            return
        typed, why_not = self._code(browser.person, kind)
        signed = self._attempt(
            "code",
            lambda: self.firm.sign_in.verify_code(browser.token, typed),
            [*why_not, *self._void(browser, SessionStage.AWAITING_CODE)],
            code=(browser.person, typed),
        )
        browser.follow(signed)

    @rule(place=places, who=anybody)
    @precondition(lambda self: self.browsers)
    def show_set_up_code(self, place: int, who: str) -> None:
        """Press the button of the message that a sign-in waits."""
        browser = self._browser(place, SessionStage.AWAITING_SET_UP_CODE)
        if browser is not None:
            self._show(browser, who if place % 4 == 0 else browser.person)

    def _show(self, browser: Browser, who: str) -> None:
        shown = self._attempt(
            "show",
            lambda: self.firm.set_up.show_code(self.firm.slack(who), browser.session_id),
            [
                *([] if who == browser.person else ["rule 9: somebody else's sign-in"]),
                *self._seen_by_slack(who),
                *self._void(browser, SessionStage.AWAITING_SET_UP_CODE),
            ],
        )
        if shown is not None:
            self.evidence.show(browser.session_id, shown.code, now=self.now)

    @rule(place=places, other=places)
    @precondition(lambda self: self.browsers)
    def type_set_up_code(self, place: int, other: int) -> None:
        """Type a set-up code that somebody was shown, for this sign-in or for another."""
        browser = self._browser(place, SessionStage.AWAITING_SET_UP_CODE)
        source = browser if other % 2 else self._browser(other, None)
        if browser is None or source is None:
            return
        code = self.evidence.code_of(source.session_id) or "ZZZZ-ZZZ0"
        self._accept(browser, code)

    def _accept(self, browser: Browser, code: str) -> None:
        key = f"set-up code:{browser.person}"
        reasons = self._void(browser, SessionStage.AWAITING_SET_UP_CODE)
        if not self.evidence.fits(browser.session_id, code, now=self.now):
            reasons.append("rule 9: no code that was shown for this sign-in, or too old, or used")
        if throttled(self.evidence.wrong[key], now=self.now):
            reasons.append("rule 9: too many wrong set-up codes")
        signed = self._attempt(
            "set-up code",
            lambda: self.firm.set_up.accept_code(browser.token, code),
            reasons,
            counts=(SetUpCodeWrong, key),
        )
        if signed is not None:
            self.evidence.use(browser.session_id)
            browser.follow(signed)

    @rule(place=places, right=st.booleans())
    @precondition(lambda self: self.browsers)
    def type_first_code(self, place: int, *, right: bool) -> None:
        """Scan the QR code, and type what the app shows."""
        browser = self._browser(place, SessionStage.SETTING_UP)
        if browser is not None:
            self._bind(browser, right=right)

    def _bind(self, browser: Browser, *, right: bool) -> None:
        reasons = self._void(browser, SessionStage.SETTING_UP)
        try:
            secret = "".join(self.firm.set_up.form(browser.token).key_groups)
        except SessionGone:
            return
        self.evidence.secrets.add(secret)
        step = totp.step_at(self.now)
        near = {totp.code_at(secret, step + skew) for skew in (-1, 0, 1)}
        typed = totp.code_at(secret, step) if right else _other_than(near)
        signed = self._attempt(
            "first code",
            lambda: self.firm.set_up.bind(browser.token, typed),
            reasons if right else [*reasons, "rule 2: a wrong code"],
        )
        if signed is None:
            return
        (authenticator,) = self.firm.authenticators(browser.person)
        self.evidence.spent[authenticator.id].add(step)
        for other in self.browsers:
            if other.person == browser.person and other is not browser:
                other.void = True
        browser.follow(signed)

    @rule(name=subscribers)
    def enrol(self, name: str) -> None:
        """Go the whole way, from the password to a bound authenticator."""
        browser = self._sign_in(name)
        if browser is not None and browser.stage is SessionStage.AWAITING_SET_UP_CODE:
            self._show(browser, name)
            self._accept(browser, self.evidence.code_of(browser.session_id) or "")
            self._bind(browser, right=True)

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
        act = partial(self.firm.reports.report, self.firm.slack(name), case.id)
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
                self.firm.sweep.run()
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
            lambda: self.firm.suspensions.reinstate(
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
            lambda: self.firm.suspensions.suspend(email, reason="They called", operator=OPERATOR),
            ["rule 10: suspended before"] if suspended else [],
        )

    @rule(name=subscribers)
    def reset_at_the_console(self, name: str) -> None:
        """Break the glass."""
        email, before = self.firm.person(name).email, self.watch.suspensions(name)
        view = self._attempt(
            "operator's reset",
            lambda: self.firm.operator_resets.reset(
                email, reason="Lost her phone", force=True, operator=OPERATOR
            ),
            [] if self.firm.directory_up else ["rule 1: the directory did not answer"],
        )
        if view is not None:
            self._expect_reset(view.case)
            kept = "operator" not in before or self.firm.contact(name).suspended
            self._hold(kept, "rule 10: a reset lifted what the operator has to lift")

    # -- cases belong to their account

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
        request = HandOverRequest(
            subscriber=Named(contact_id=whom.id),
            session_id=browser.session_id,
            proof=Proof.IN_PERSON,
            code=typed,
        )
        handed = self._attempt(
            "hand over",
            lambda: self.firm.hand_over.hand_over(self.firm.slack(admin), request),
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
        work, slack, pressed = self.firm.case_work, self.firm.slack(who), Pressed()
        acts = {"cancel": work.cancel, "take over": work.take_over, "remind": work.remind}
        now, subscriber = self.firm.case(case.id), self.firm.name_of(case.subscriber_id) or ""
        reasons = [*self._entitlement(who, subscriber)]
        if self.firm.roles[self.firm.person(who).id].get(case.account_id, 0) == 0:
            reasons.append("rule 5: the case's account is not theirs to administer")
        if now.state not in _LOOKED_AFTER_IN[what]:
            reasons.append(f"rule 4: it was {now.state}")
        self._attempt(what, partial(acts[what], slack, case.id, pressed), reasons)

    def _under_way(self, name: str) -> Case | None:
        """Return the person's case that waits for a set-up, the newest."""
        waiting = {CaseState.COMPLETED, CaseState.LAPSED}
        cases = [c for c in self.firm.cases() if self.firm.name_of(c.subscriber_id) == name]
        return next((case for case in reversed(cases) if case.state in waiting), None)

    @rule(
        what=st.sampled_from(
            ("Slack", "directory", "is_guest", "is_deactivated", "is_bot", "role")
        ),
        whose=st.sampled_from(("alice", "alan", "bob")),
        admin=admins,
        place=places,
    )
    def act_in_disorder(self, what: str, whose: str, admin: str, place: int) -> None:
        """Something is wrong for a while: Slack or the directory is away, or somebody changed."""
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

    # -- between acts

    @invariant()
    def rules_hold(self) -> None:
        for fault in self.watch.faults():
            raise RuleBroken(fault)

    def teardown(self) -> None:
        fault = self.watch.chain_fault()
        self.firm.close()
        self._hold(fault is None, f"rule 12: {fault}")

    # -- how acts are held against the rules

    @property
    def now(self) -> Any:
        return self.firm.clock.now()

    def _attempt(
        self,
        what: str,
        act: Callable[[], T],
        reasons: Iterable[str],
        *,
        code: tuple[str, str] | None = None,
        counts: tuple[type[Refusal], str] | None = None,
    ) -> T | None:
        """Do it; a refusal has to be recorded, and a success must have had no reason against it."""
        before = self.watch.number_of_records()
        self.seen[ACTS] += 1
        try:
            with self.firm.troubles.at_work():
                result = act()
        except LOSSES:
            if not self.firm.troubles.struck:
                raise
            self.seen[f"{what}: {self.firm.troubles.struck}"] += 1
            return None
        except (Refusal, Fault) as no:
            self.seen[f"{what}: {no.tag}"] += 1
            self._expect_record(before, no)
            if code is not None and isinstance(no, CodeWrong):
                self.evidence.count_wrong(self.firm.authenticators(code[0]), now=self.now)
            if counts is not None and isinstance(no, counts[0]):
                self.evidence.wrong[counts[1]].append(self.now)
            return None
        self.seen[what] += 1
        for reason in reasons:
            raise RuleBroken(f"{what} succeeded, although {reason}")
        self._hold(self.watch.number_of_records() > before, f"rule 12: {what} left no record")
        if code is not None:
            self.evidence.spend(self.firm.secrets(code[0]), code[1], now=self.now)
        return result

    def _expect_record(self, before: int, no: Refusal | Fault) -> None:
        if isinstance(no, SessionGone):
            return  # a token that proves nothing is like an unsigned request
        tags = [record.tag for record in self.watch.records(after=before)]
        told = any(tag.endswith(f":{no.tag}") for tag in tags)
        self._hold(told, f"rule 12: {no.tag} left no record")

    def _hold(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads as a sentence
        if not holds:
            raise RuleBroken(otherwise)

    def _standing(self, admin: str, subscriber: str) -> Iterator[str]:
        """Rules 1, 5, 6 and 10: whether the one may reset the other now."""
        yield from self._entitlement(admin, subscriber)
        if self.firm.person(admin).id in self.firm.parties_of_veto(subscriber, self.evidence):
            yield "rule 10: the admin had a hand in the case that was reported"
        if "operator" in self.watch.suspensions(subscriber):
            yield "rule 10: the operator's suspension is the operator's to lift"

    def _entitlement(self, admin: str, subscriber: str) -> Iterator[str]:
        """Rules 1, 5 and 6: whether the two people may take these parts now."""
        first, second = self.firm.person(admin), self.firm.person(subscriber)
        yield from entitled(first.id, second.id, self.firm.roles)
        yield from self._seen_by_slack(admin)
        yield from self._seen_by_slack(subscriber)
        if not self.firm.directory_up:
            yield "rule 1: the directory did not answer"
        if not self.firm.authenticators(admin):
            yield "rule 1: the admin has no authenticator"
        if self.firm.contact(admin).suspended:
            yield "rule 5: the admin is suspended"

    def _seen_by_slack(self, name: str) -> Iterator[str]:
        if not self.firm.workspace.available:
            yield "rule 1: Slack did not answer"
        if self.firm.flags[name]:
            yield f"rule 6: Slack says of {name}: {', '.join(sorted(self.firm.flags[name]))}"

    def _void(self, browser: Browser, stage: SessionStage) -> list[str]:
        reasons = ["rule 7: the session is void"] if browser.void else []
        if browser.stage is not stage:
            reasons.append(f"rule 9: the session is at {browser.stage}")
        if self.firm.contact(browser.person).suspended:
            reasons.append("rule 10: the sign-in is suspended")
        return reasons

    def _code(self, name: str, kind: str) -> tuple[str, list[str]]:
        """Return a code to type, and why it must not be taken."""
        secrets = self.firm.secrets(name)
        if kind == "malformed":
            return "12 34", ["rule 2: no code at all"]
        if not secrets:
            return "123456", ["rule 1: no authenticator"]
        step = totp.step_at(self.now)
        if kind == "replayed":
            spent = [s for a in secrets for s in self.evidence.spent[a]]
            step = next((s for s in spent if abs(s - step) <= 1), step)
        near = {
            totp.code_at(secret, step + n) for secret in secrets.values() for n in (-2, -1, 0, 1, 2)
        }
        (authenticator, secret), *_ = secrets.items()
        typed = _other_than(near) if kind == "wrong" else totp.code_at(secret, step)
        reasons = ["rule 2: a wrong code"] if kind == "wrong" else []
        if kind != "wrong" and step in self.evidence.spent[authenticator]:
            reasons.append("rule 2: the step was accepted before")
        if throttled(self.evidence.wrong[authenticator], now=self.now):
            reasons.append("rule 3: too many wrong codes")
        return typed, reasons

    def _pick(self, place: int, states: set[CaseState]) -> Case | None:
        """Return one of the cases, rather one in `states`."""
        cases = self.firm.cases()
        wanted = [case for case in cases if case.state in states] if place % 4 else cases
        wanted = wanted or cases
        return wanted[place % len(wanted)] if wanted else None

    def _browser(self, place: int, stage: SessionStage | None) -> Browser | None:
        """Return one of the browsers, rather one at `stage`, the newest first."""
        wanted = [b for b in self.browsers if stage in (None, b.stage) and not b.void]
        found = wanted if wanted and place % 6 else self.browsers
        return found[-1 - place % len(found)] if found else None

    def _honoured(self, browser: Browser) -> bool:
        try:
            self.firm.sign_in.session_of(browser.token)
        except SessionGone:
            return False
        return True

    def _any_account(self, admin: str, subscriber: str) -> Any:
        roles = self.firm.roles
        first, second = self.firm.person(admin).id, self.firm.person(subscriber).id
        shared = [a for a, held in roles[first].items() if held and a in roles[second]]
        return shared[0] if shared else None


def _other_than(near: set[str]) -> str:
    """Return a code that none of the steps near by makes."""
    return next(code for n in range(10**6) if (code := f"{n:06}") not in near)
