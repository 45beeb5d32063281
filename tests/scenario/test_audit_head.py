"""The daily head: posted to the audit channel, and good for what it is kept for."""

from bot.domain.model.audit import verify_chain
from tests.office import AUDIT, Office


def test_the_days_head_shows_later_that_records_are_gone(office: Office) -> None:
    office.reset(office.world.alice, office.world.bob)
    kept = office.records()
    for _ in range(2):
        office.sweep()
    posted = [m for m in office.as_(office.world.carol).messages(AUDIT) if "head of the" in m.text]
    (message,) = posted
    head, number = message.text.partition(": ")[2].partition(". ")[0].split()
    assert (head, number) == (kept[-1].hash, str(len(kept)))
    assert "rekey audit verify --expect-head" in message.text
    assert verify_chain(office.records(), expected_head=head).fault is None
    assert verify_chain(kept[:-1], expected_head=head).fault is not None
    office.move(days=1)
    office.sweep()
    posted = [m for m in office.as_(office.world.carol).messages(AUDIT) if "head of the" in m.text]
    assert len(posted) == 2
