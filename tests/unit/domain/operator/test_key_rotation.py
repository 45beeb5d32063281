"""Keys that rotate, over in-memory ports."""

import pytest

from bot.domain.model.notices import NoticeKind
from tests.unit.domain.operator.test_enrolling import CHANNEL, OPERATOR, Console


@pytest.mark.parametrize("channel", [CHANNEL, None])
def test_a_rotation_is_recorded_and_told_to_the_audit_channel(channel: str | None) -> None:
    console = Console(audit_channel=channel)
    assert console.service.rotate_keys(operator=OPERATOR) == 0
    (record,) = console.database.records()
    assert (record.tag, record.actor) == ("operator:keys:rotated", "operator")
    assert record.details == {"secrets": "0", "operator_user": "root", "operator_host": "desk"}
    assert console.told == ({(NoticeKind.OPERATOR_ACTED, channel)} if channel else set())
