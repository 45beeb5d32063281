"""Slack in: one module a surface, each of which translates and delegates."""

from dataclasses import dataclass

from slack_bolt import App

from bot.domain.desk.case_lists import CaseListService
from bot.domain.desk.case_work import CaseWorkService
from bot.domain.desk.searching import SearchService
from bot.domain.ports.clock import Clock
from bot.domain.record.answers import PersonalAnswers
from bot.domain.resets.asking import AskingService
from bot.domain.resets.asking_for_help import OwnRequestService
from bot.domain.resets.deciding import DecidingService
from bot.domain.resets.reports import ReportService
from bot.domain.set_up.enrolment import SetUpService
from bot.domain.set_up.handing_over import HandOverService
from bot.handlers.cases import CaseHandlers
from bot.handlers.command import CommandHandlers
from bot.handlers.confirm import ConfirmHandlers
from bot.handlers.errors import ErrorHandlers
from bot.handlers.guard import ShapeGuard
from bot.handlers.hand_over import HandOverHandlers
from bot.handlers.home import HomeHandlers
from bot.handlers.home_pages import HomePages
from bot.handlers.mentions import Act
from bot.handlers.own_requests import OwnRequestHandlers
from bot.handlers.picker import PickerHandlers
from bot.handlers.report import ReportHandlers
from bot.handlers.set_up_code import SetUpCodeHandlers
from bot.handlers.shortcuts import ShortcutHandlers
from bot.handlers.verify import VerifyHandlers


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the listeners delegate to."""

    asking: AskingService
    deciding: DecidingService
    hand_over: HandOverService
    home: HomePages
    case_work: CaseWorkService
    case_lists: CaseListService
    own_requests: OwnRequestService
    search: SearchService
    reports: ReportService
    set_up: SetUpService
    answers: PersonalAnswers
    clock: Clock
    help_contact: str | None


def register_all(app: App, services: Services) -> None:
    """Attach every listener to `app`, the busiest first: Bolt asks them in that order."""
    asking, answers, clock = services.asking, services.answers, services.clock
    helped = services.help_contact
    app.use(ShapeGuard())
    hand_over = HandOverHandlers(hand_over=services.hand_over, clock=clock)
    cases = CaseHandlers(
        work=services.case_work,
        lists=services.case_lists,
        answers=answers,
        clock=clock,
        help_contact=helped,
    )
    own_requests = OwnRequestHandlers(
        requests=services.own_requests,
        answers=answers,
        clock=clock,
        help_contact=helped,
        home=services.home,
    )
    others = {
        Act.HAND_OVER: hand_over.begin,
        Act.STATUS: cases.status,
        Act.PENDING: cases.pending,
        Act.MINE: cases.mine,
        Act.ASK: own_requests.begin,
    }
    CommandHandlers(asking=asking, clock=clock, help_contact=helped, others=others).register(app)
    VerifyHandlers(asking=asking, clock=clock).register(app)
    ConfirmHandlers(deciding=services.deciding, answers=answers, clock=clock).register(app)
    SetUpCodeHandlers(
        set_up=services.set_up, answers=answers, clock=clock, help_contact=helped
    ).register(app)
    PickerHandlers(
        asking=asking, hand_over=services.hand_over, search=services.search, clock=clock
    ).register(app)
    hand_over.register(app)
    cases.register(app)
    own_requests.register(app)
    ShortcutHandlers(asking=asking, answers=answers, clock=clock).register(app)
    ReportHandlers(
        reports=services.reports, answers=answers, clock=clock, help_contact=helped
    ).register(app)
    HomeHandlers(pages=services.home, asking=asking, answers=answers, clock=clock).register(app)
    ErrorHandlers(answers=answers, clock=clock).register(app)
