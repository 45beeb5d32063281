"""What `/metrics` tells of the messages that wait."""

from datetime import timedelta

import pytest

from bot.domain.model.notices import Notice, NoticeKind
from bot.server.metrics import Metrics
from tests.fakes import FakeDatabase, FixedClock

NOTICE = Notice(kind=NoticeKind.REPLY, slack_address="U01BOB", facts={"text": "No."})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


def told(database: FakeDatabase, clock: FixedClock) -> list[str]:
    return Metrics(database.snapshot, clock=clock).text().decode().splitlines()


def test_messages_that_wait_are_counted_and_the_oldest_has_its_age(
    database: FakeDatabase, clock: FixedClock
) -> None:
    for _ in range(2):
        with database.unit_of_work() as uow:
            uow.outbox.add(NOTICE, now=clock.now())
            uow.commit()
        clock.advance(timedelta(seconds=90))
    lines = told(database, clock)
    assert "rekey_outbox_pending 2.0" in lines
    assert "rekey_outbox_oldest_seconds 180.0" in lines


def test_where_none_waits_both_are_nothing(database: FakeDatabase, clock: FixedClock) -> None:
    lines = told(database, clock)
    assert "rekey_outbox_pending 0.0" in lines
    assert "rekey_outbox_oldest_seconds 0.0" in lines


def test_what_was_given_up_is_counted_apart(database: FakeDatabase, clock: FixedClock) -> None:
    with database.unit_of_work() as uow:
        message_id = uow.outbox.add(NOTICE, now=clock.now())
        assert message_id is not None
        uow.outbox.mark_failed(message_id, now=clock.now(), error="never", holder=None)
        uow.commit()
    lines = told(database, clock)
    assert "rekey_messages_undelivered 1.0" in lines
    assert "rekey_outbox_pending 0.0" in lines
