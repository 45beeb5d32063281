"""What a sweep forgets because it is old."""

from datetime import datetime, timedelta

import pytest

from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind
from bot.domain.sweep import (
    AT_ONCE,
    ATTEMPTS_AT_ONCE,
    ATTEMPTS_KEPT_FOR,
    SENT_KEPT_FOR,
    SESSIONS_KEPT_FOR,
)
from tests.fakes import a_session
from tests.office.desk import Desk

SECOND = timedelta(seconds=1)


def attempt(desk: Desk, count: int) -> None:
    with desk.database.unit_of_work() as uow:
        for _ in range(count):
            uow.attempts.record(AttemptKind.CODE, "key", at=desk.clock.now())
        uow.commit()


def send(desk: Desk, count: int) -> None:
    with desk.database.unit_of_work() as uow:
        for _ in range(count):
            message_id = uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=desk.clock.now())
            assert message_id
            uow.outbox.mark_sent(message_id, now=desk.clock.now())
        uow.commit()


def sign_in(desk: Desk, expires_at: datetime) -> None:
    with desk.database.unit_of_work() as uow:
        session = a_session(desk.world.bob.id, expires_at=expires_at)
        uow.sessions.add(session, token_hash=session.id)
        uow.commit()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_messages_are_kept_for_as_long_as_their_key_may_come_up(desk: Desk) -> None:
    send(desk, 1)
    desk.clock.advance(SENT_KEPT_FOR)
    desk.sweep.run()
    assert len(desk.database.rows("outbox")) == 1
    desk.clock.advance(SECOND)
    desk.sweep.run()
    assert len(desk.database.rows("outbox")) == 0


def test_one_sweep_deletes_a_bounded_number(desk: Desk) -> None:
    send(desk, AT_ONCE + 1)
    desk.clock.advance(SENT_KEPT_FOR + SECOND)
    desk.sweep.run()
    assert len(desk.database.rows("outbox")) == 1


def test_attempts_are_kept_for_as_long_as_a_throttle_looks_back(desk: Desk) -> None:
    attempt(desk, 1)
    desk.clock.advance(ATTEMPTS_KEPT_FOR)
    desk.sweep.run()
    assert len(desk.database.rows("attempts")) == 1
    desk.clock.advance(SECOND)
    desk.sweep.run()
    assert len(desk.database.rows("attempts")) == 0


def test_one_sweep_deletes_a_bounded_number_of_attempts(desk: Desk) -> None:
    attempt(desk, ATTEMPTS_AT_ONCE + 1)
    desk.clock.advance(ATTEMPTS_KEPT_FOR + SECOND)
    desk.sweep.run()
    assert len(desk.database.rows("attempts")) == 1


def test_sessions_are_kept_for_a_while_after_they_have_expired(desk: Desk) -> None:
    sign_in(desk, expires_at=desk.clock.now())
    desk.clock.advance(SESSIONS_KEPT_FOR)
    desk.sweep.run()
    assert len(desk.database.rows("sessions")) == 1
    desk.clock.advance(SECOND)
    desk.sweep.run()
    assert len(desk.database.rows("sessions")) == 0


def test_one_sweep_deletes_a_bounded_number_of_sessions(desk: Desk) -> None:
    for _ in range(AT_ONCE + 1):
        sign_in(desk, expires_at=desk.clock.now())
    desk.clock.advance(SESSIONS_KEPT_FOR + SECOND)
    desk.sweep.run()
    assert len(desk.database.rows("sessions")) == 1
