"""The promises of `AttemptRepository`."""

from datetime import timedelta, timezone

from bot.domain.model.people import AttemptKind
from bot.domain.ports.unit_of_work import UnitOfWork
from storage.database import Database
from tests.fakes import NOON

TIMES = [NOON + timedelta(microseconds=each) for each in (0, 1, 2)]


def test_attempts_come_newest_first_to_the_microsecond(uow: UnitOfWork) -> None:
    for at in (TIMES[1], TIMES[2], TIMES[0]):
        uow.attempts.record(AttemptKind.CODE, "key", at=at)
    found = uow.attempts.recent(AttemptKind.CODE, "key", since=TIMES[0], limit=9)
    assert found == (TIMES[2], TIMES[1])  # later than `since`, not at it
    assert uow.attempts.recent(AttemptKind.CODE, "key", since=TIMES[0], limit=1) == (TIMES[2],)


def test_a_time_of_another_zone_is_the_same_instant(store: Database) -> None:
    elsewhere = NOON.astimezone(timezone(timedelta(hours=-8)))
    before = NOON - timedelta(seconds=1)
    with store.unit_of_work() as uow:
        uow.attempts.record(AttemptKind.CODE, "key", at=elsewhere)
        assert uow.attempts.recent(AttemptKind.CODE, "key", since=before, limit=9) == (NOON,)
        assert uow.attempts.recent(AttemptKind.CODE, "key", since=elsewhere, limit=9) == ()


def test_kind_and_key_are_counted_apart(store: Database) -> None:
    before = NOON - timedelta(seconds=1)
    with store.unit_of_work() as uow:
        uow.attempts.record(AttemptKind.CODE, "key", at=NOON)
        assert uow.attempts.recent(AttemptKind.CODE, "other", since=before, limit=9) == ()
        assert uow.attempts.recent(AttemptKind.PASSWORD, "key", since=before, limit=9) == ()


def test_old_attempts_are_pruned(uow: UnitOfWork) -> None:
    for at in TIMES:
        uow.attempts.record(AttemptKind.CODE, "key", at=at)
    assert uow.attempts.prune(before=TIMES[2], limit=9) == 2
    before = NOON - timedelta(seconds=1)
    assert uow.attempts.recent(AttemptKind.CODE, "key", since=before, limit=9) == (TIMES[2],)
    assert uow.attempts.prune(before=TIMES[2], limit=9) == 0


def test_the_oldest_attempts_are_pruned_first_and_no_more_than_the_limit(uow: UnitOfWork) -> None:
    for at in reversed(TIMES):
        uow.attempts.record(AttemptKind.CODE, "key", at=at)
    assert uow.attempts.prune(before=TIMES[2], limit=1) == 1
    since = NOON - timedelta(seconds=1)
    left = uow.attempts.recent(AttemptKind.CODE, "key", since=since, limit=9)
    assert left == (TIMES[2], TIMES[1])
