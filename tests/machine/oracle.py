"""The rules of a case, said a second time, by what was seen to happen.

An oracle answers with reasons: sentences why an act must be refused, each with its rule's number.
An act that succeeds although there was one breaks that rule.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from bot.domain.model.ids import AccountId, AuthenticatorId, CaseId, ContactId, SessionId
from bot.domain.model.people import Authenticator, SessionStage
from bot.domain.proving import totp
from bot.domain.set_up.sessions import SignedSession

MEMBER, ADMINISTRATOR, OWNER = range(3)

LIMITS = ((5, timedelta(minutes=5)), (20, timedelta(hours=1)), (50, timedelta(days=1)))
SET_UP_CODE_LIVES = timedelta(minutes=10)
LEASE = timedelta(seconds=60)

BEGINNINGS = {
    "reset": {"awaiting_confirmation"},
    "first_set_up": {"completed"},
    "operator": {"executing", "completed", "re_enrolled"},
}
MOVES = {
    "awaiting_confirmation": {"executing", "declined", "expired", "cancelled"},
    "executing": {"completed", "failed", "expired"},
    "completed": {"re_enrolled", "vetoed", "lapsed", "superseded"},
    "lapsed": {"re_enrolled", "vetoed", "superseded"},
    "re_enrolled": {"vetoed"},
    "vetoed": {"superseded"},
    "failed": {"superseded"},
}
"""The arrows of a case's life; states that are not named are left by none."""

Roles = Mapping[ContactId, Mapping[AccountId, int]]


class RuleBroken(AssertionError):
    """Something happened that a rule of the design forbids."""


@dataclass
class Browser:
    """A browser at the Portal; `void` once something ended every session of its person."""

    person: str
    token: str
    session_id: SessionId
    stage: SessionStage
    void: bool = False

    @classmethod
    def of(cls, person: str, signed: SignedSession) -> "Browser":
        return cls(person, signed.token, signed.session.id, signed.session.stage)

    def follow(self, signed: SignedSession | None) -> None:
        """Go on with what the Portal answered; a refusal leaves everything as it was."""
        if signed is not None:
            self.token, self.stage = signed.token, signed.session.stage
            self.session_id = signed.session.id


@dataclass
class Evidence:
    """What was seen: spent steps, wrong codes, set-up codes that were shown, and every secret."""

    spent: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    wrong: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[SessionId, tuple[str, datetime]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    handed_over: dict[CaseId, set[ContactId]] = field(default_factory=lambda: defaultdict(set))

    def spend(self, secrets: Mapping[AuthenticatorId, str], typed: str, *, now: datetime) -> None:
        """A code was accepted: its step, of whichever authenticator made it, is spent."""
        self.secrets.add(typed)
        step = totp.step_at(now)
        for authenticator, secret in secrets.items():
            made = [s for s in (step - 1, step, step + 1) if totp.code_at(secret, s) == typed]
            self.spent[authenticator].update(made[:1])

    def count_wrong(self, authenticators: Iterable[Authenticator], *, now: datetime) -> None:
        for authenticator in authenticators:
            self.wrong[authenticator.id].append(now)

    def show(self, session_id: SessionId, code: str, *, now: datetime) -> None:
        self.shown[session_id] = (code, now + SET_UP_CODE_LIVES)
        self.secrets.update((code, code.replace("-", "")))

    def code_of(self, session_id: SessionId) -> str | None:
        return self.shown[session_id][0] if session_id in self.shown else None

    def fits(self, session_id: SessionId, code: str, *, now: datetime) -> bool:
        """Whether that very code was the last that was shown for that very sign-in, in time."""
        shown, until = self.shown.get(session_id, ("", now))
        return bool(shown) and shown == code and now < until

    def use(self, session_id: SessionId) -> None:
        del self.shown[session_id]


def entitled(admin: ContactId, subscriber: ContactId, roles: Roles) -> Iterator[str]:
    """Rule 5: who may reset whom."""
    if admin == subscriber:
        yield "rule 5: nobody resets themselves"
    shared = [a for a, held in roles[admin].items() if held > MEMBER and a in roles[subscriber]]
    if not shared:
        yield "rule 5: the admin administers no account that both share"
    for account, held in roles[subscriber].items():
        if held > MEMBER and roles[admin].get(account, -1) < held:
            yield "rule 5: the subscriber holds a role that the admin does not reach"


def throttled(wrong: Iterable[datetime], *, now: datetime) -> bool:
    """Rule 3: whether so many attempts failed that none is looked at now."""
    made = sorted(wrong, reverse=True)
    return any(len(made) >= most and made[most - 1] + period > now for most, period in LIMITS)


def path_faults(kind: str, states: list[str]) -> Iterator[str]:
    """Rule 4: a case is never decided twice, and enters every state by an arrow of its life."""
    if states and states[0] not in BEGINNINGS[kind]:
        yield f"rule 4: a case of kind {kind} began in {states[0]}"
    for before, after in pairwise(states):
        if after not in MOVES.get(before, set()):
            yield f"rule 4: a case went from {before} to {after}"
