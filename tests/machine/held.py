"""The ground of the random acts: each is held against the rules, and so is what stands between.

What must hold between acts is in `tests.machine.watch`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.errors import CodeWrong, Fault, Refusal, SessionGone
from bot.domain.model.people import SessionStage
from bot.domain.proving import totp
from tests.machine.firm import Firm
from tests.machine.oracle import Browser, Evidence, RuleBroken, entitled, throttled
from tests.machine.troubles import LOSSES
from tests.machine.watch import Watch

ACTS = "acts"
"""What was tried, by a person or a sweep, is counted under this."""

T = TypeVar("T")


class HeldMachine(RuleBasedStateMachine):
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
    def now(self) -> datetime:
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
        typed = other_than(near) if kind == "wrong" else totp.code_at(secret, step)
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
            self.firm.services.sign_in.session_of(browser.token)
        except SessionGone:
            return False
        return True

    def _any_account(self, admin: str, subscriber: str) -> Any:
        roles = self.firm.roles
        first, second = self.firm.person(admin).id, self.firm.person(subscriber).id
        shared = [a for a, held in roles[first].items() if held and a in roles[second]]
        return shared[0] if shared else None


def other_than(near: set[str]) -> str:
    """Return a code that none of the steps near by makes."""
    return next(code for n in range(10**6) if (code := f"{n:06}") not in near)
