"""Messages that were sent long ago are deleted, a few at a time; what is still to be seen stays."""

from datetime import timedelta

from bot.domain.model.ids import MessageId
from bot.domain.model.notices import Notice, NoticeKind
from storage.database import Database
from tests.fakes import NOON

DAY = timedelta(days=1)


def write(store: Database, *, once: str | None = None) -> MessageId | None:
    notice = Notice(kind=NoticeKind.REPLY, slack_address="U01BOB", facts={}, once=once)
    with store.unit_of_work() as uow:
        message_id = uow.outbox.add(notice, now=NOON)
        uow.commit()
    return message_id


def sent(store: Database, *, once: str | None = None, days: int = 0) -> MessageId:
    message_id = write(store, once=once)
    assert message_id
    with store.unit_of_work() as uow:
        assert uow.outbox.mark_sent(message_id, now=NOON + days * DAY)
        uow.commit()
    return message_id


def prune(store: Database, *, limit: int = 9) -> int:
    with store.unit_of_work() as uow:
        pruned = uow.outbox.prune(sent_before=NOON + DAY, limit=limit)
        uow.commit()
    return pruned


def test_what_was_sent_before_goes_and_its_key_with_it(store: Database) -> None:
    sent(store, once="early")
    sent(store, once="late", days=1)
    assert write(store, once="early") is None
    assert prune(store) == 1
    assert write(store, once="early")
    assert write(store, once="late") is None


def test_no_more_go_at_once_than_may(store: Database) -> None:
    for _ in range(3):
        sent(store)
    assert [prune(store, limit=2) for _ in range(3)] == [2, 1, 0]


def test_what_waits_or_was_given_up_stays_and_holds_up_no_other(store: Database) -> None:
    waits, failed = write(store), write(store)
    assert failed
    with store.unit_of_work() as uow:
        uow.outbox.mark_failed(failed, now=NOON, error="user_disabled", holder=None)
        uow.commit()
    sent(store)
    assert prune(store, limit=1) == 1
    with store.unit_of_work() as uow:
        assert [message.id for message in uow.outbox.due(NOON, limit=9)] == [waits]
        assert [message.id for message in uow.outbox.undelivered()] == [failed]
