"""App Home of an administrator whose account has 10,000 contacts: opened, paged and searched.

Measured from Slack's request to its acknowledgement, everything published; what Slack itself takes
is left out. The same is measured of an account with 15 contacts, one page, for the ratio.

    python -m benchmarks.home
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from slack_bolt import BoltRequest

from benchmarks.program import keep_slack_out, program, signed
from bot.blocks.ids import ActionId
from bot.domain.model.cases import CaseState
from bot.domain.model.people import AuthenticatorState, Role
from bot.domain.model.roster import ChangeKind, RosterChange, RosterContact
from bot.server.program import Rekey
from tests.fakes import ACME, NOON, TEAM, a_case, an_authenticator

CONTACTS = 10_000
FEW = 15
WAITING = 200
ROUNDS = 20
WARM_UP = 3
BUDGET = 0.3
"""Seconds of server time; of each act the quickest tenth counts, so that other programs do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One act in Home: seconds with many contacts and with few."""

    name: str
    many: float
    few: float

    def __str__(self) -> str:
        return (
            f"{self.name:14} {self.many * 1000:6.1f} ms with {CONTACTS:,} contacts, budget"
            f" {BUDGET * 1000:.0f} ms; {self.few * 1000:5.1f} ms with {FEW}, a ratio of"
            f" {self.many / self.few:.1f}"
        )


def fill(rekey: Rekey, count: int) -> None:
    """Hire people into Acme, most with an authenticator, some with a case that waits."""
    changes = [_hired(number) for number in range(count)]
    with rekey.database.unit_of_work() as uow:
        for _ in uow.roster.apply(changes, now=NOON):
            pass
        people = uow.contacts.search([ACME.id], "worker", limit=count)
        for number, person in enumerate(people):
            if number % 10:
                uow.authenticators.add(
                    an_authenticator(person.id, state=AuthenticatorState.ACTIVE),
                    shared_secret="JBSWY3DPEHPK3PXP",  # noqa: S106  # nobody's
                )
        for person in people[:WAITING]:
            case = a_case(subscriber_id=person.id, state=CaseState.COMPLETED, completed_at=NOON)
            uow.cases.add(case)
        uow.commit()


def _hired(number: int) -> RosterChange:
    contact = RosterContact(
        id=None,
        email=f"worker{number}@acme.example",
        username=f"worker{number}",
        name=f"Worker {number}",
        phone=None,
        manager=None,
        slack=None,
        roles={ACME.id: Role.MEMBER},
    )
    return RosterChange(kind=ChangeKind.CONTACT_ADDED, contact=contact)


def opening() -> BoltRequest:
    """Return what Slack sends when Alice opens the tab."""
    event = {"type": "app_home_opened", "user": "U01ALICE", "tab": "home", "channel": "D01"}
    envelope = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": event}
    return signed(json.dumps(envelope))


def acting(action: dict[str, object], *, page: int = 0) -> Callable[[], BoltRequest]:
    """Return what Slack sends when Alice does something there."""
    state = {"account": ACME.id, "words": "", "page": page}
    payload = {
        "type": "block_actions",
        "user": {"id": "U01ALICE", "team_id": TEAM},
        "team": {"id": TEAM},
        "view": {"type": "home", "private_metadata": json.dumps(state), "hash": "1.a"},
        "actions": [{"block_id": "b", **action}],
    }
    return lambda: signed({"payload": json.dumps(payload)})


ACTS: dict[str, Callable[[], BoltRequest]] = {
    "opening Home": opening,
    "the last page": acting(
        {"type": "button", "action_id": ActionId.HOME_NEXT, "value": "665"}, page=665
    ),
    "a search": acting(
        {"type": "plain_text_input", "action_id": ActionId.HOME_SEARCH, "value": "worker 99"}
    ),
    "a rare search": acting(
        {"type": "plain_text_input", "action_id": ActionId.HOME_SEARCH, "value": "r9999@"}
    ),
}


def times(contacts: int) -> dict[str, float]:
    """Return how long each act takes, undisturbed."""
    with tempfile.TemporaryDirectory() as name:
        rekey, _ = program(Path(name))
        fill(rekey, contacts)
        found = {act: _undisturbed(rekey, request) for act, request in ACTS.items()}
        rekey.database.close()
    return found


def _undisturbed(rekey: Rekey, request: Callable[[], BoltRequest]) -> float:
    taken = [_seconds(rekey, request()) for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    return statistics.quantiles(taken, n=10)[0]


def _seconds(rekey: Rekey, request: BoltRequest) -> float:
    began = perf_counter()
    answer = rekey.bolt.dispatch(request)
    took = perf_counter() - began
    if answer.status != 200:
        raise RuntimeError(answer.body)
    return took


def main() -> int:
    """Print what each act takes; return 1 where one is over the budget."""
    keep_slack_out()
    many, few = times(CONTACTS), times(FEW)
    acts = [Measured(name=name, many=many[name], few=few[name]) for name in ACTS]
    for act in acts:
        print(act)
    return int(any(act.many > BUDGET for act in acts))


if __name__ == "__main__":
    sys.exit(main())
