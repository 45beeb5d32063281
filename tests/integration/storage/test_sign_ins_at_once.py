"""Two sign-ins of one person at once: what the first has opened and sent the second sees."""

from datetime import timedelta

from bot.domain.case import CaseKind, CaseState
from bot.domain.model import AttemptKind
from bot.domain.notices import NoticeKind
from tests.fakes import NOON
from tests.integration.storage.desk import Desk


def test_two_first_sign_ins_hang_on_one_case_and_send_no_more_than_is_allowed(desk: Desk) -> None:
    dana = desk.world.dana
    with desk.database.unit_of_work() as uow:
        uow.contacts.set_set_up_required(dana.id, required=True)
        for minutes in (10, 20):  # of three in an hour
            at = NOON - timedelta(minutes=minutes)
            uow.attempts.record(AttemptKind.SET_UP_MESSAGE, dana.id, at=at)
        uow.commit()
    both = desk.at_once(
        lambda: desk.sign_in(dana), lambda: desk.sign_in(dana), paused_at="INSERT INTO cases"
    )
    assert both == (None, None)
    with desk.database.snapshot() as uow:
        cases = uow.cases.of(dana.id)
        sent = [m.notice.kind for m in uow.outbox.due(NOON, limit=99)]
    assert [(c.kind, c.state) for c in cases] == [(CaseKind.FIRST_SET_UP, CaseState.COMPLETED)]
    assert sent.count(NoticeKind.SET_UP_WAITING) == 1
