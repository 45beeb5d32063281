"""10,000 messages that wait, sent at Slack's pace by the real sender, in time that is only told.

Slack stands in for itself, and refuses whatever is over its limits. The clock is moved on to when
the next message can leave, so that hours pass in seconds.

    python -m benchmarks.outbox
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from time import process_time
from unittest.mock import patch

from slack_sdk import WebClient

from benchmarks.program import hire, program
from bot.domain.model.cases import CaseState
from bot.domain.model.ids import CaseId, ContactId, RequestId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.requests import OwnRequest, RequestState
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.server.program import Rekey
from tests.fakes import ACME, NOON, FixedClock, World, a_case
from tests.fakes.limits import A_MINUTE, LimitedSlack

MESSAGES = 10_000
PEOPLE = 200
CPU_BUDGET = 0.01
"""CPU seconds a second."""
REFUSED_BUDGET = 1
"""Answers of 429 for each method."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """What came of it: how long it took, what that cost, and what Slack refused."""

    sent: int
    took: timedelta
    cpu: float
    refused: Mapping[str, int]

    @property
    def share(self) -> float:
        return self.cpu / self.took.total_seconds()


def write(rekey: Rekey, world: World, count: int) -> None:
    """Lay down that many messages: of 50, one to a channel, one that changes another, 48 DMs."""
    with rekey.database.unit_of_work() as uow:
        request = _request(uow, world)
        people = list(_cases(uow, world))
        for number in range(count):
            contact_id, case_id = people[number % len(people)]
            notice = Notice(kind=NoticeKind.OWNER_RESET, case_id=case_id, slack_address="C01AUDIT")
            if number % 50 == 1:
                notice = Notice(
                    kind=NoticeKind.REQUEST_CHANGED,
                    slack_address="C01HELP",
                    subject_id=request.subscriber_id,
                    facts={"request": request.id, "ts": "1.2"},
                )
            elif number % 50:
                notice = Notice(
                    kind=NoticeKind.SUBSCRIBER_RESET, contact_id=contact_id, case_id=case_id
                )
            uow.outbox.add(notice, now=NOON)
        uow.commit()


def _request(uow: UnitOfWork, world: World) -> OwnRequest:
    request = OwnRequest(
        id=RequestId("req_1"),
        subscriber_id=world.bob.id,
        account_id=ACME.id,
        reason=None,
        state=RequestState.CLOSED,
        opened_at=NOON,
    )
    uow.requests.add(request)
    return request


def _cases(uow: UnitOfWork, world: World) -> Iterator[tuple[ContactId, CaseId]]:
    for number in range(PEOPLE):
        case = a_case(
            subscriber_id=hire(uow, f"person{number}"),
            admin_id=world.alice.id,
            state=CaseState.COMPLETED,
            completed_at=NOON,
        )
        uow.cases.add(case)
        yield case.subscriber_id, case.id


def drain(rekey: Rekey, clock: FixedClock, slack: LimitedSlack) -> Drained:
    """Send until nothing waits, moving the clock on to when the next message can leave."""
    began, cpu = clock.now(), process_time()
    while True:
        rekey.sender.drain()
        next_at = rekey.sender.next_at()
        if next_at is None:
            break
        clock.at = max(clock.at, next_at)
    return Drained(
        sent=len(slack.taken),
        took=clock.now() - began,
        cpu=process_time() - cpu,
        refused={method: slack.refused[method] for method in A_MINUTE},
    )


def main() -> int:
    """Print what was measured; return 1 where it is over a budget."""
    with tempfile.TemporaryDirectory() as name:
        rekey, world = program(Path(name))
        clock = rekey.clock
        assert isinstance(clock, FixedClock)
        slack = LimitedSlack(clock)
        write(rekey, world, MESSAGES)
        with patch.object(WebClient, "api_call", slack.api_call):
            drained = drain(rekey, clock, slack)
        rekey.database.close()
    for method, times in drained.refused.items():
        print(f"{method}  {times} answers of 429   budget {REFUSED_BUDGET}")
    minutes = drained.took.total_seconds() / 60
    print(
        f"{drained.sent:,} messages in {minutes:.1f} minutes, {drained.sent / minutes:.0f} a minute"
    )
    print(
        f"CPU {drained.share * 100:.2f} %   budget {CPU_BUDGET * 100:.0f}"
        f"   ({drained.cpu / drained.sent * 1000:.2f} ms a message)"
    )
    return int(
        drained.sent != MESSAGES
        or drained.share > CPU_BUDGET
        or max(drained.refused.values()) > REFUSED_BUDGET
    )


if __name__ == "__main__":
    sys.exit(main())
