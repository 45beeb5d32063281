"""How each service of the program is built, from the settings."""

from collections.abc import Callable

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.desk.case_lists import CaseListService
from bot.domain.desk.case_work import CaseWorkService
from bot.domain.desk.home import HomeService
from bot.domain.desk.searching import SearchService
from bot.domain.following_up.lapsing import LapseService
from bot.domain.following_up.reminders import ReminderService
from bot.domain.model.ids import ContactId
from bot.domain.ports.clock import Clock
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.alerts import Alerts
from bot.domain.record.audit_head import AuditHeadService
from bot.domain.resets.asking import AskingService
from bot.domain.resets.asking_for_help import OwnRequestService
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.resets.deciding import DecidingService
from bot.domain.resets.executing import Executor
from bot.domain.resets.picking_up import PickUpService
from bot.domain.resets.reports import ReportService
from bot.domain.set_up.enrolment import SetUpService
from bot.domain.set_up.handing_over import HandOverService
from bot.domain.set_up.sign_in import SignInService
from bot.domain.standing.standing import StandingService
from bot.settings.settings import Settings
from bot.slack.workspace import SlackWorkspace, slack_client
from bot.wiring.keys import attempts_pepper, set_up_pepper
from storage.database import Database
from storage.passwords import ArgonPasswords

_LOOK_UP_TIMEOUT = 1
"""Seconds for one question to Slack while a person's click waits for its 3 s."""


class Parts:
    """Builds services from the settings, on one database and one client of Slack."""

    def __init__(self, settings: Settings, clock: Clock, database: Database) -> None:
        self.settings = settings
        self.clock = clock
        self.unit_of_work = database.unit_of_work
        self.snapshot = database.snapshot
        self.client = slack_client(settings, timeout=_LOOK_UP_TIMEOUT)
        self.workspace = SlackWorkspace(self.client)
        self.standing = StandingService(
            unit_of_work=self.unit_of_work, workspace=self.workspace, directory=self.directory
        )
        self.alerts = Alerts(audit_channel=settings.audit_channel, alert_after=settings.alert_after)

    def directory(self, uow: UnitOfWork) -> Directory:
        return EmbeddedDirectory(uow, clock=self.clock)

    def asking(self) -> AskingService:
        return AskingService(
            unit_of_work=self.unit_of_work,
            standing=self.standing,
            clock=self.clock,
            alerts=self.alerts,
            confirm_within=self.settings.confirm_within,
            ticket_pattern=self.settings.ticket_pattern,
        )

    def own_requests(self, *, on_expired: Callable[[ContactId], None]) -> OwnRequestService:
        return OwnRequestService(
            unit_of_work=self.unit_of_work,
            standing=self.standing,
            asking=self.asking(),
            clock=self.clock,
            channel=self.settings.request_channel,
            on_expired=on_expired,
        )

    def executing(self) -> ExecutingService:
        executor = Executor(
            directory=self.directory,
            remind_after=self.settings.remind_after,
            alerts=self.alerts,
            audit_channel=self.settings.audit_channel,
        )
        return ExecutingService(unit_of_work=self.unit_of_work, executor=executor, clock=self.clock)

    def deciding(self) -> DecidingService:
        return DecidingService(
            unit_of_work=self.unit_of_work,
            snapshot=self.snapshot,
            standing=self.standing,
            executing=self.executing(),
            clock=self.clock,
        )

    def pick_ups(self) -> PickUpService:
        return PickUpService(
            unit_of_work=self.unit_of_work,
            standing=self.standing,
            executing=self.executing(),
            clock=self.clock,
        )

    def case_lists(self) -> CaseListService:
        return CaseListService(
            unit_of_work=self.unit_of_work, standing=self.standing, clock=self.clock
        )

    def case_work(self) -> CaseWorkService:
        return CaseWorkService(
            unit_of_work=self.unit_of_work,
            standing=self.standing,
            directory=self.directory,
            clock=self.clock,
            suspend_after=self.settings.suspend_after,
        )

    def hand_over(self) -> HandOverService:
        return HandOverService(
            unit_of_work=self.unit_of_work,
            standing=self.standing,
            clock=self.clock,
            alerts=self.alerts,
            pepper=set_up_pepper(self.settings),
            audit_channel=self.settings.audit_channel,
        )

    def home(self) -> HomeService:
        return HomeService(
            unit_of_work=self.unit_of_work,
            snapshot=self.snapshot,
            standing=self.standing,
            directory=self.directory,
            clock=self.clock,
        )

    def search(self) -> SearchService:
        return SearchService(unit_of_work=self.unit_of_work, standing=self.standing)

    def reminders(self) -> ReminderService:
        return ReminderService(
            unit_of_work=self.unit_of_work,
            directory=self.directory,
            clock=self.clock,
            remind_after=self.settings.remind_after,
            suspend_after=self.settings.suspend_after,
        )

    def lapses(self) -> LapseService:
        return LapseService(
            unit_of_work=self.unit_of_work,
            directory=self.directory,
            clock=self.clock,
            suspend_after=self.settings.suspend_after,
            audit_channel=self.settings.audit_channel,
        )

    def audit_heads(self) -> AuditHeadService:
        return AuditHeadService(
            unit_of_work=self.unit_of_work,
            clock=self.clock,
            audit_channel=self.settings.audit_channel,
        )

    def reports(self) -> ReportService:
        return ReportService(
            unit_of_work=self.unit_of_work,
            directory=self.directory,
            clock=self.clock,
            audit_channel=self.settings.audit_channel,
        )

    def sign_in(self) -> SignInService:
        return SignInService(
            unit_of_work=self.unit_of_work,
            passwords=ArgonPasswords(),
            clock=self.clock,
            alerts=self.alerts,
            pepper=attempts_pepper(self.settings),
            set_up_code_required=self.settings.set_up_code_required,
            first_reminder=min(self.settings.remind_after, default=None),
        )

    def set_up(self) -> SetUpService:
        return SetUpService(
            unit_of_work=self.unit_of_work,
            directory=self.directory,
            workspace=self.workspace,
            clock=self.clock,
            pepper=set_up_pepper(self.settings),
            issuer=self.settings.issuer,
        )
