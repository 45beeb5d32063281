"""A help desk over fakes: every service of a reset, and the acts that tests begin with."""

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.desk.case_lists import CaseListService
from bot.domain.desk.case_work import CaseWorkService
from bot.domain.following_up.lapsing import LapseService
from bot.domain.following_up.reminders import ReminderService
from bot.domain.model.cases import Case, Proof
from bot.domain.model.errors import DirectoryUnavailableError
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Message, NoticeKind
from bot.domain.model.reset_form import Named, ResetForm, ResetRequest
from bot.domain.model.views import CaseView
from bot.domain.operator.suspending import SuspensionService
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.alerts import Alerts
from bot.domain.record.audit_head import AuditHeadService
from bot.domain.record.refusals import Recorder
from bot.domain.resets.asking import AskingService
from bot.domain.resets.asking_for_help import OwnRequestService
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.resets.deciding import DecidingService
from bot.domain.resets.executing import Executor
from bot.domain.resets.picking_up import PickUpService
from bot.domain.resets.reports import ReportService
from bot.domain.standing.standing import StandingService
from tests.fakes import FakeDatabase, FixedClock, Person, seed

CONFIRM_WITHIN = timedelta(minutes=5)
REMIND_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
SUSPEND_AFTER = timedelta(days=14)
AUDIT_CHANNEL = "C01AUDIT"
ALERT_AFTER = 2


class Desk:
    def __init__(
        self,
        *,
        audit_channel: str | None = AUDIT_CHANNEL,
        ticket_pattern: str | None = None,
        request_channel: str | None = None,
    ) -> None:
        self.database = FakeDatabase()
        self.clock = FixedClock()
        self.world = seed(self.database.unit_of_work)
        self.workspace = self.world.workspace()
        standing = StandingService(
            unit_of_work=self.database.unit_of_work,
            workspace=self.workspace,
            directory=self._directory,
        )
        alerts = Alerts(audit_channel=audit_channel, alert_after=ALERT_AFTER)
        self.asking = AskingService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            standing=standing,
            clock=self.clock,
            alerts=alerts,
            confirm_within=CONFIRM_WITHIN,
            ticket_pattern=re.compile(ticket_pattern) if ticket_pattern else None,
        )
        self.own_requests = OwnRequestService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            standing=standing,
            asking=self.asking,
            clock=self.clock,
            channel=request_channel,
        )
        self.executing = self._open_executing(alerts, audit_channel)
        self.deciding = DecidingService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            snapshot=self.database.snapshot,
            standing=standing,
            executing=self.executing,
            clock=self.clock,
        )
        self.pick_ups = PickUpService(
            unit_of_work=self.database.unit_of_work,
            standing=standing,
            executing=self.executing,
            clock=self.clock,
        )
        self._open_desk(standing)
        self._open_afterwards(audit_channel)
        self.make_directory: Any = lambda uow: EmbeddedDirectory(uow, clock=self.clock)

    def _open_desk(self, standing: StandingService) -> None:
        self.case_lists = CaseListService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            standing=standing,
            clock=self.clock,
        )
        self.case_work = CaseWorkService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            standing=standing,
            directory=self._directory,
            clock=self.clock,
            suspend_after=SUSPEND_AFTER,
        )

    def _open_executing(self, alerts: Alerts, audit_channel: str | None) -> ExecutingService:
        executor = Executor(
            directory=self._directory,
            remind_after=REMIND_AFTER,
            alerts=alerts,
            audit_channel=audit_channel,
        )
        return ExecutingService(
            unit_of_work=self.database.unit_of_work, executor=executor, clock=self.clock
        )

    def _open_afterwards(self, audit_channel: str | None) -> None:
        """Make the services that come after a reset."""
        self.reports = ReportService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            directory=self._directory,
            clock=self.clock,
            audit_channel=audit_channel,
        )
        self.reminders = ReminderService(
            unit_of_work=self.database.unit_of_work,
            directory=self._directory,
            clock=self.clock,
            remind_after=REMIND_AFTER,
            suspend_after=SUSPEND_AFTER,
        )
        self.lapses = LapseService(
            unit_of_work=self.database.unit_of_work,
            directory=self._directory,
            clock=self.clock,
            suspend_after=SUSPEND_AFTER,
            audit_channel=audit_channel,
        )
        self.suspensions = SuspensionService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            directory=self._directory,
            clock=self.clock,
            remind_after=REMIND_AFTER,
            audit_channel=audit_channel,
        )
        self.audit_heads = AuditHeadService(
            unit_of_work=self.database.unit_of_work, clock=self.clock, audit_channel=audit_channel
        )

    def _directory(self, uow: UnitOfWork) -> Directory:
        directory: Directory = self.make_directory(uow)
        return directory

    def prepare(self, admin: Person, subscriber: Person) -> ResetForm | CaseView:
        return self.asking.prepare(
            admin.slack, Named(slack_user=subscriber.slack.user), response_url="https://hooks/1"
        )

    def request(
        self, admin: Person, subscriber: Person, *, code: str | None = None, **changes: Any
    ) -> CaseView:
        values: dict[str, Any] = {
            "subscriber": Named(slack_user=subscriber.slack.user),
            "account_id": None,
            "proof": Proof.VIDEO,
            "reason": "Lost the phone",
            "ticket": None,
            "code": code or admin.code(self.clock),
        }
        request = ResetRequest(**(values | changes))
        return self.asking.request(admin.slack, request, response_url="https://hooks/1")

    def confirm(self, admin: Person, case_id: CaseId) -> Case:
        return self.deciding.confirm(admin.slack, case_id, response_url="https://hooks/2")

    def decline(self, admin: Person, case_id: CaseId) -> Case:
        return self.deciding.decline(admin.slack, case_id, response_url="https://hooks/2")

    def reset(self, admin: Person, subscriber: Person) -> Case:
        """Ask and confirm; the admin's next code is a step later."""
        case = self.confirm(admin, self.request(admin, subscriber).case.id)
        self.clock.advance(timedelta(seconds=60))
        return case

    def case(self, case_id: CaseId) -> Case:
        with self.database.unit_of_work() as uow:
            case = uow.cases.get(case_id)
        assert case is not None
        return case

    def tags(self, *, since: int = 0) -> list[str]:
        with self.database.unit_of_work() as uow:
            return [record.tag for record in uow.audit.records()][since:]

    def messages(self, kind: NoticeKind | None = None) -> list[Message]:
        with self.database.unit_of_work() as uow:
            due = uow.outbox.due(self.clock.now(), limit=1000)
        return [m for m in due if kind is None or m.notice.kind is kind]

    def told(self, kind: NoticeKind) -> list[str]:
        """Who is told: a contact's id, a Slack address, or `replaced` for a block's replacement."""
        return [
            m.notice.contact_id or m.notice.slack_address or "replaced" for m in self.messages(kind)
        ]


def silence_about(monkeypatch: pytest.MonkeyPatch, contact_id: ContactId) -> None:
    """Have the directory answer nothing about that contact alone."""
    asked = EmbeddedDirectory.set_up_required

    def set_up_required(directory: EmbeddedDirectory, about: ContactId) -> bool:
        if about == contact_id:
            raise DirectoryUnavailableError
        return asked(directory, about)

    monkeypatch.setattr(EmbeddedDirectory, "set_up_required", set_up_required)
