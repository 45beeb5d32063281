"""Hundreds of messages leave at Slack's pace, whoever sends them, in time that is only told."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.domain.model.ids import MessageId
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.ports.unit_of_work import UnitOfWorkFactory
from bot.outbox import OutboxSender
from bot.wiring.slack import SlackServices
from tests.fakes import NOON, FixedClock, World, seed
from tests.fakes.limits import LimitedSlack
from tests.fakes.sqlite import a_database
from tests.office.services import default_terms, ports_over

MESSAGES = 400


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def slack(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> LimitedSlack:
    slack = LimitedSlack(clock)
    monkeypatch.setattr(WebClient, "api_call", slack.api_call)
    return slack


class Replicas:
    """Two processes that send from one database, taking turns."""

    def __init__(self, folder: Path, clock: FixedClock) -> None:
        self.clock = clock
        self.database = a_database(folder)
        self.world: World = seed(self.database.unit_of_work)
        self.senders = [_sender(self.database.unit_of_work, clock) for _ in range(2)]

    def write(self, count: int, *, address: str = "") -> list[MessageId]:
        """Write that many answers, each with a text of its own, to people or to one address."""
        with self.database.unit_of_work() as uow:
            ids = [
                uow.outbox.add(
                    Notice(
                        kind=NoticeKind.REPLY,
                        slack_address=address or f"U{number}",
                        facts={"text": f"{address} {number}"},
                    ),
                    now=NOON,
                )
                for number in range(count)
            ]
            uow.commit()
        return [message_id for message_id in ids if message_id]

    def drain(self) -> timedelta:
        """Send until nothing waits; return how long that took by the clock."""
        began = self.clock.now()
        while True:
            for sender in self.senders:
                sender.drain()
            next_at = self.senders[0].next_at()
            if next_at is None:
                return self.clock.now() - began
            self.clock.at = max(self.clock.at, next_at)


def _sender(unit_of_work: UnitOfWorkFactory, clock: FixedClock) -> OutboxSender:
    client = WebClient(token="xoxb-none")
    ports = ports_over(unit_of_work, clock=clock)
    return SlackServices(ports, default_terms(), client=client).sender(client)


@pytest.fixture
def replicas(tmp_path: Path, clock: FixedClock) -> Replicas:
    return Replicas(tmp_path, clock)


def test_every_message_leaves_once_and_slack_refuses_none(
    replicas: Replicas, slack: LimitedSlack
) -> None:
    replicas.write(MESSAGES)
    replicas.write(90, address="C01AUDIT")
    took = replicas.drain()
    assert slack.refused == Counter()
    assert len(slack.taken) == len(set(slack.taken)) == MESSAGES + 90
    assert timedelta(seconds=90) < took < timedelta(minutes=3)


def test_a_limit_that_others_have_used_up_is_met_once(
    replicas: Replicas, slack: LimitedSlack
) -> None:
    """Another program of the same workspace has posted as much as Slack takes in a minute."""
    for number in range(300):
        slack.api_call("chat.postMessage", json={"channel": f"U{number}", "text": "another's"})
    slack.taken.clear()
    replicas.write(MESSAGES)
    took = replicas.drain()
    assert slack.refused == Counter({"chat.postMessage": 1})
    assert len(slack.taken) == len(set(slack.taken)) == MESSAGES
    assert took > timedelta(minutes=2)
