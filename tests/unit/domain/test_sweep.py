"""What a sweep does, and what it forgets because it is old."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import AttemptKind
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.sweep import (
    AT_ONCE,
    ATTEMPTS_AT_ONCE,
    ATTEMPTS_KEPT_FOR,
    SENT_KEPT_FOR,
    SESSIONS_KEPT_FOR,
)
from tests.fakes import a_session
from tests.office.desk import CONFIRM_WITHIN, Desk

Write = Callable[[UnitOfWork, Desk], None]


def attempt(uow: UnitOfWork, desk: Desk) -> None:
    uow.attempts.record(AttemptKind.CODE, "key", at=desk.clock.now())


def send(uow: UnitOfWork, desk: Desk) -> None:
    message_id = uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=desk.clock.now())
    assert message_id
    uow.outbox.mark_sent(message_id, now=desk.clock.now())


def sign_in(uow: UnitOfWork, desk: Desk) -> None:
    session = a_session(desk.bob.id, expires_at=desk.clock.now())
    uow.sessions.add(session, token_hash=session.id)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("write", "table", "kept_for", "at_once"),
    [
        (attempt, "attempts", ATTEMPTS_KEPT_FOR, ATTEMPTS_AT_ONCE),  # a throttle looks back so far
        (send, "outbox", SENT_KEPT_FOR, AT_ONCE),  # their key may come up again
        (sign_in, "sessions", SESSIONS_KEPT_FOR, AT_ONCE),
    ],
)
def test_what_is_old_is_forgotten_so_many_at_once(
    desk: Desk, write: Write, table: str, kept_for: timedelta, at_once: int
) -> None:
    def left() -> int:
        desk.sweep.run()
        return len(desk.database.rows(table))

    with desk.unit_of_work() as uow:
        for _ in range(at_once + 1):
            write(uow, desk)
        uow.commit()
    desk.clock.advance(kept_for)
    assert left() == at_once + 1
    desk.clock.advance(timedelta(seconds=1))
    assert (left(), left()) == (1, 0)


def test_what_nobody_confirmed_expires_and_reminders_are_sent(desk: Desk) -> None:
    completed = desk.reset(desk.alice, desk.bob)
    waiting = desk.request(desk.alice, desk.alan).case
    desk.clock.advance(CONFIRM_WITHIN)
    desk.sweep.run()
    assert desk.case(waiting.id).state is CaseState.EXPIRED
    desk.clock.advance(timedelta(days=1))
    desk.sweep.run()
    assert desk.case(completed.id).reminders_sent == 1


def test_a_part_that_fails_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    completed = desk.reset(desk.alice, desk.bob)
    desk.store(lambda uow: attempt(uow, desk))

    def broken(_: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr("bot.domain.following_up.lapsing.LapseService.lapse_due", broken)
    desk.clock.advance(ATTEMPTS_KEPT_FOR + timedelta(minutes=5))
    with pytest.RaisesGroup(RuntimeError):
        desk.sweep.run()
    assert desk.case(completed.id).reminders_sent == 1
    assert len(desk.database.rows("attempts")) == 0
