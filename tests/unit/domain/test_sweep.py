"""What a sweep forgets because it is old."""

from datetime import timedelta

import pytest

from bot.domain.notices import Notice, NoticeKind
from bot.domain.sweep import SENT_AT_ONCE, SENT_KEPT_FOR
from tests.unit.domain.desk import Desk
from tests.unit.domain.test_reminders import a_sweep

SECOND = timedelta(seconds=1)


def send(desk: Desk, count: int) -> None:
    with desk.database.unit_of_work() as uow:
        for _ in range(count):
            message_id = uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=desk.clock.now())
            assert message_id
            uow.outbox.mark_sent(message_id, now=desk.clock.now())
        uow.commit()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_messages_are_kept_for_as_long_as_their_key_may_come_up(desk: Desk) -> None:
    send(desk, 1)
    desk.clock.advance(SENT_KEPT_FOR)
    a_sweep(desk).run()
    assert len(desk.database.state.outbox) == 1
    desk.clock.advance(SECOND)
    a_sweep(desk).run()
    assert len(desk.database.state.outbox) == 0


def test_one_sweep_deletes_a_bounded_number(desk: Desk) -> None:
    send(desk, SENT_AT_ONCE + 1)
    desk.clock.advance(SENT_KEPT_FOR + SECOND)
    a_sweep(desk).run()
    assert len(desk.database.state.outbox) == 1
