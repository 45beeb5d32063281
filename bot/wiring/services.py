"""The services that people use: in Slack, at the Portal, and while nobody looks."""

from functools import cached_property

from bot.domain.desk.case_lists import CaseListService
from bot.domain.desk.case_work import CaseWorkService
from bot.domain.desk.home import HomeService
from bot.domain.desk.searching import SearchService
from bot.domain.following_up.lapsing import LapseService
from bot.domain.following_up.reminders import ReminderService
from bot.domain.model.ids import ContactId
from bot.domain.record.answers import PersonalAnswers
from bot.domain.record.audit_head import AuditHeadService
from bot.domain.resets.asking import AskingService
from bot.domain.resets.asking_for_help import OwnRequestService
from bot.domain.resets.deciding import DecidingService
from bot.domain.resets.picking_up import PickUpService
from bot.domain.resets.reports import ReportService
from bot.domain.set_up.enrolment import SetUpService
from bot.domain.set_up.handing_over import HandOverService
from bot.domain.set_up.sign_in import SignInService
from bot.domain.standing.standing import StandingService
from bot.domain.sweep import Sweep
from bot.wiring.core import Core
from bot.wiring.keys import ATTEMPTS, SET_UP_CODE


class Services(Core):
    """Builds each service that people use once."""

    @cached_property
    def standing(self) -> StandingService:
        return StandingService(
            unit_of_work=self.ports.unit_of_work,
            workspace=self.ports.workspace,
            directory=self.ports.directory,
        )

    @cached_property
    def answers(self) -> PersonalAnswers:
        return PersonalAnswers(unit_of_work=self.ports.unit_of_work, clock=self.ports.clock)

    @cached_property
    def asking(self) -> AskingService:
        return AskingService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            standing=self.standing,
            clock=self.ports.clock,
            alerts=self.alerts,
            confirm_within=self.terms.confirm_within,
            ticket_pattern=self.terms.ticket_pattern,
        )

    @cached_property
    def own_requests(self) -> OwnRequestService:
        return OwnRequestService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            standing=self.standing,
            asking=self.asking,
            clock=self.ports.clock,
            channel=self.terms.request_channel,
            on_expired=self.on_request_expired,
        )

    def on_request_expired(self, contact_id: ContactId) -> None:
        """Do nothing: nobody has a Home tab before them."""

    @cached_property
    def deciding(self) -> DecidingService:
        return DecidingService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            snapshot=self.ports.snapshot,
            standing=self.standing,
            executing=self.executing,
            clock=self.ports.clock,
        )

    @cached_property
    def pick_ups(self) -> PickUpService:
        return PickUpService(
            unit_of_work=self.ports.unit_of_work,
            standing=self.standing,
            executing=self.executing,
            clock=self.ports.clock,
        )

    @cached_property
    def case_lists(self) -> CaseListService:
        return CaseListService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            standing=self.standing,
            clock=self.ports.clock,
        )

    @cached_property
    def case_work(self) -> CaseWorkService:
        return CaseWorkService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            standing=self.standing,
            directory=self.ports.directory,
            clock=self.ports.clock,
            suspend_after=self.terms.suspend_after,
        )

    @cached_property
    def hand_over(self) -> HandOverService:
        return HandOverService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            standing=self.standing,
            clock=self.ports.clock,
            alerts=self.alerts,
            pepper=self.ports.key_for(SET_UP_CODE),
            audience=self.audience,
        )

    @cached_property
    def home(self) -> HomeService:
        return HomeService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            snapshot=self.ports.snapshot,
            standing=self.standing,
            directory=self.ports.directory,
            clock=self.ports.clock,
        )

    @cached_property
    def search(self) -> SearchService:
        return SearchService(unit_of_work=self.ports.unit_of_work, standing=self.standing)

    @cached_property
    def reminders(self) -> ReminderService:
        return ReminderService(
            unit_of_work=self.ports.unit_of_work,
            directory=self.ports.directory,
            clock=self.ports.clock,
            remind_after=self.terms.remind_after,
            suspend_after=self.terms.suspend_after,
        )

    @cached_property
    def lapses(self) -> LapseService:
        return LapseService(
            unit_of_work=self.ports.unit_of_work,
            directory=self.ports.directory,
            clock=self.ports.clock,
            suspend_after=self.terms.suspend_after,
            audience=self.audience,
        )

    @cached_property
    def audit_heads(self) -> AuditHeadService:
        return AuditHeadService(
            unit_of_work=self.ports.unit_of_work,
            clock=self.ports.clock,
            audience=self.audience,
        )

    @cached_property
    def reports(self) -> ReportService:
        return ReportService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            directory=self.ports.directory,
            clock=self.ports.clock,
            audience=self.audience,
        )

    @cached_property
    def sign_in(self) -> SignInService:
        return SignInService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            passwords=self.ports.passwords,
            clock=self.ports.clock,
            alerts=self.alerts,
            pepper=self.ports.key_for(ATTEMPTS),
            set_up_code_required=self.terms.set_up_code_required,
            first_reminder=min(self.terms.remind_after, default=None),
        )

    @cached_property
    def set_up(self) -> SetUpService:
        return SetUpService(
            unit_of_work=self.ports.unit_of_work,
            recorder=self.recorder,
            directory=self.ports.directory,
            workspace=self.ports.workspace,
            clock=self.ports.clock,
            pepper=self.ports.key_for(SET_UP_CODE),
            issuer=self.terms.issuer,
        )

    @cached_property
    def sweep(self) -> Sweep:
        return Sweep(
            pick_ups=self.pick_ups,
            deciding=self.deciding,
            lapses=self.lapses,
            reminders=self.reminders,
            own_requests=self.own_requests,
            audit_heads=self.audit_heads,
            unit_of_work=self.ports.unit_of_work,
            clock=self.ports.clock,
        )
