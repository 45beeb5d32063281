"""What `/metrics` tells of the messages that wait."""

from datetime import timedelta

from bot.domain.model.notices import Notice, NoticeKind
from bot.server.metrics import Metrics
from tests.fakes import FakeDatabase, FixedClock

NOTICE = Notice(kind=NoticeKind.REPLY, slack_address="U01BOB", facts={"text": "No."})


def test_messages_that_wait_are_counted_and_those_given_up_apart() -> None:
    clock, database = FixedClock(), FakeDatabase()

    def told() -> tuple[str, ...]:
        lines = Metrics(database.snapshot, clock=clock).text().decode().splitlines()
        shown = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        return tuple(
            shown[f"rekey_{name}"]
            for name in ("outbox_pending", "outbox_oldest_seconds", "messages_undelivered")
        )

    assert told() == ("0.0", "0.0", "0.0")
    for _ in range(2):
        with database.unit_of_work() as uow:
            message_id = uow.outbox.add(NOTICE, now=clock.now())
            uow.commit()
        clock.advance(timedelta(seconds=90))
    assert told() == ("2.0", "180.0", "0.0")
    assert message_id is not None
    with database.unit_of_work() as uow:
        uow.outbox.mark_failed(message_id, now=clock.now(), error="never", holder=None)
        uow.commit()
    assert told() == ("1.0", "180.0", "1.0")
