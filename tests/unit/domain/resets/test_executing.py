"""What carrying a case out promises beside what Yes shows."""

from datetime import timedelta

from bot.domain.model.cases import CaseState
from bot.domain.model.notices import NoticeKind
from bot.domain.record import telling
from bot.domain.record.audience import owners_of
from tests.fakes import NOON, FakeDatabase, a_case, seed
from tests.office.desk import Desk


def test_without_reminders_none_is_ever_due() -> None:
    desk = Desk(remind_after=())
    case = desk.reset(desk.world.alice, desk.world.bob)
    assert case.state is CaseState.COMPLETED
    with desk.database.unit_of_work() as uow:
        assert uow.cases.due_to_remind(NOON + timedelta(days=4000)) == ()


def test_whoever_is_gone_is_not_told() -> None:
    database = FakeDatabase()
    world = seed(database.unit_of_work)
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, state=CaseState.COMPLETED)
    database.remove("contacts", id=world.bob.id)
    with database.unit_of_work() as uow:
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_RESET, case=case, now=NOON)
        assert uow.outbox.due(NOON, limit=10) == ()
        assert owners_of(uow, uow.contacts.get(world.bob.id)) == []
