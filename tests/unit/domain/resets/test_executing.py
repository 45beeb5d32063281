"""What carrying a case out promises beside what Yes shows."""

from datetime import timedelta

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.model.audit import Source
from bot.domain.model.cases import CaseState, Lease
from bot.domain.model.ids import LeaseHolder
from bot.domain.model.notices import NoticeKind
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record import telling
from bot.domain.record.alerts import Alerts
from bot.domain.record.journal import Journal
from bot.domain.resets.executing import Executor
from tests.fakes import NOON, FakeDatabase, FixedClock, a_case, seed

ME = LeaseHolder("run_me")


def directory(uow: UnitOfWork) -> EmbeddedDirectory:
    return EmbeddedDirectory(uow, clock=FixedClock())


def test_without_reminders_none_is_ever_due() -> None:
    database = FakeDatabase()
    world = seed(database.unit_of_work)
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, state=CaseState.EXECUTING)
    alerts = Alerts(audit_channel=None, alert_after=5)
    executor = Executor(directory=directory, remind_after=(), alerts=alerts, audit_channel=None)
    with database.unit_of_work() as uow:
        uow.cases.add(case, lease=Lease(holder=ME, until=NOON))
        journal = Journal(uow=uow, source=Source.SLACK, actor=world.alice.id, now=NOON)
        completed = executor.execute(journal, case, held_by=ME, response_url=None)
        assert completed is not None
        assert completed.state is CaseState.COMPLETED
        assert uow.cases.due_to_remind(NOON + timedelta(days=4000)) == ()


def test_whoever_is_gone_is_not_told() -> None:
    database = FakeDatabase()
    world = seed(database.unit_of_work)
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, state=CaseState.COMPLETED)
    del database.state.contacts[world.bob.id]
    with database.unit_of_work() as uow:
        telling.tell_subscriber(uow, NoticeKind.SUBSCRIBER_RESET, case=case, now=NOON)
        assert uow.outbox.due(NOON, limit=10) == ()
