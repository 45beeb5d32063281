"""The daily head of the audit chain."""

from datetime import timedelta

from bot.domain.model.errors import MentionMissing
from bot.domain.model.notices import NoticeKind
from tests.fakes import NOON
from tests.office.desk import AUDIT_CHANNEL, Desk


def desk_with_a_record(*, audit_channel: str | None = AUDIT_CHANNEL) -> Desk:
    desk = Desk(audit_channel=audit_channel)
    desk.asking.refuse_input(desk.alice.slack, MentionMissing())
    return desk


def test_the_head_and_its_number_are_posted_to_the_audit_channel_and_not_recorded() -> None:
    desk = desk_with_a_record()
    assert desk.audit_heads.post_due()
    (message,) = desk.messages(NoticeKind.AUDIT_HEAD)
    assert message.notice.slack_address == AUDIT_CHANNEL
    (record,) = desk.records()
    assert message.notice.facts == {"head": record.hash, "number": "1", "at": NOON.isoformat()}


def test_once_a_day_by_utc() -> None:
    desk = desk_with_a_record()
    desk.clock.at = NOON.replace(hour=23, minute=59)
    assert [desk.audit_heads.post_due() for _ in range(2)] == [True, False]
    desk.clock.advance(timedelta(minutes=1))
    assert desk.audit_heads.post_due()
    assert len(desk.messages(NoticeKind.AUDIT_HEAD)) == 2


def test_nothing_is_posted_without_a_channel_or_before_the_first_record() -> None:
    assert not desk_with_a_record(audit_channel=None).audit_heads.post_due()
    empty = Desk()
    assert not empty.audit_heads.post_due()
    assert empty.messages() == []
