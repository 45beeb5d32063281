"""The Slack side put together: Bolt, the real services, a store in memory, the strict stand-in."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App
from slack_sdk import WebClient

from bot.directories.embedded import EmbeddedDirectory
from bot.domain.desk.case_lists import CaseListService
from bot.domain.desk.case_work import CaseWorkService
from bot.domain.desk.home import HomeService
from bot.domain.desk.searching import SearchService
from bot.domain.model.cases import Case, CaseState
from bot.domain.model.people import SessionStage
from bot.domain.ports.directory import Directory
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.record.alerts import Alerts
from bot.domain.record.answers import Replies
from bot.domain.record.refusals import Recorder
from bot.domain.resets.asking import AskingService
from bot.domain.resets.asking_for_help import OwnRequestService
from bot.domain.resets.carrying_out import ExecutingService
from bot.domain.resets.deciding import DecidingService
from bot.domain.resets.executing import Executor
from bot.domain.resets.reports import ReportService
from bot.domain.set_up.enrolment import SetUpService
from bot.domain.set_up.handing_over import HandOverService
from bot.domain.standing.standing import StandingService
from bot.handlers import Services, register_all
from bot.handlers.home_pages import HomePages
from bot.outbox import OutboxSender
from playground.slack import Delivery, SlackStandIn, dispatch_to
from tests.fakes import FakeDatabase, FixedClock, a_case, a_session, seed

PORTAL_URL = "https://portal.example/portal/sign-in"
HELP_CONTACT = "+44 20 7946 0000"
PEPPER = b"pepper"


class House:
    """What a listener has around it; everybody in it is one of `tests.fakes.World`."""

    request_channel: str | None = None

    def __init__(self, slack: SlackStandIn, clock: FixedClock) -> None:
        self.slack = slack
        self.clock = clock
        self.database = FakeDatabase()
        self.world = seed(self.database.unit_of_work)
        self.workspace = self.world.workspace()
        for person in self.world.people:
            slack.add_person(person.slack.user, name=person.name)
        self.alice = slack.person(self.world.alice.slack.user)
        self.alan = slack.person(self.world.alan.slack.user)
        self.bob = slack.person(self.world.bob.slack.user)
        self.client = WebClient(
            token=slack.bot_token, base_url=slack.api_url, timeout=5, retry_handlers=[]
        )
        self.app = App(
            name="rekey",
            client=self.client,
            signing_secret=slack.signing_secret,
            process_before_response=True,
            token_verification_enabled=False,
        )
        self.pages = self._pages()
        register_all(self.app, self._services())
        slack.deliver_to = dispatch_to(self.app)
        self.sender = OutboxSender(
            unit_of_work=self.database.unit_of_work,
            client=self.client,
            clock=clock,
            portal_url=PORTAL_URL,
            help_contact=HELP_CONTACT,
            on_change=self.pages.changed,
        )

    def _pages(self) -> HomePages:
        uow = self.database.unit_of_work
        standing = StandingService(
            unit_of_work=uow, workspace=self.workspace, directory=self.directory
        )
        home = HomeService(
            unit_of_work=uow,
            recorder=Recorder(unit_of_work=uow, clock=self.clock),
            snapshot=self.database.snapshot,
            standing=standing,
            directory=self.directory,
            clock=self.clock,
        )
        return HomePages(
            home=home,
            client=self.client,
            clock=self.clock,
            portal_url=PORTAL_URL,
            help_contact=HELP_CONTACT,
        )

    def _services(self) -> Services:
        uow, clock = self.database.unit_of_work, self.clock
        standing = StandingService(
            unit_of_work=uow, workspace=self.workspace, directory=self.directory
        )
        alerts = Alerts(audit_channel=None, alert_after=5)
        executor = Executor(
            directory=self.directory, remind_after=(), alerts=alerts, audit_channel=None
        )
        asking = AskingService(
            unit_of_work=uow,
            recorder=Recorder(unit_of_work=uow, clock=clock),
            standing=standing,
            clock=clock,
            alerts=alerts,
            confirm_within=timedelta(minutes=5),
        )
        return Services(
            asking=asking,
            own_requests=OwnRequestService(
                unit_of_work=uow,
                recorder=Recorder(unit_of_work=uow, clock=clock),
                standing=standing,
                asking=asking,
                clock=clock,
                channel=self.request_channel,
            ),
            deciding=DecidingService(
                unit_of_work=uow,
                recorder=Recorder(unit_of_work=uow, clock=clock),
                snapshot=self.database.snapshot,
                standing=standing,
                executing=ExecutingService(unit_of_work=uow, executor=executor, clock=clock),
                clock=clock,
            ),
            case_lists=CaseListService(
                unit_of_work=uow,
                recorder=Recorder(unit_of_work=uow, clock=clock),
                standing=standing,
                clock=clock,
            ),
            case_work=self._case_work(standing),
            hand_over=self._hand_over(standing, alerts),
            home=self.pages,
            search=SearchService(unit_of_work=uow, standing=standing),
            reports=ReportService(
                unit_of_work=uow,
                recorder=Recorder(unit_of_work=uow, clock=clock),
                directory=self.directory,
                clock=clock,
                audit_channel=None,
            ),
            set_up=self._set_up(),
            replies=Replies(unit_of_work=uow, clock=clock),
            clock=clock,
            help_contact=HELP_CONTACT,
        )

    def _case_work(self, standing: StandingService) -> CaseWorkService:
        return CaseWorkService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            standing=standing,
            directory=self.directory,
            clock=self.clock,
            suspend_after=None,
        )

    def _hand_over(self, standing: StandingService, alerts: Alerts) -> HandOverService:
        return HandOverService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            standing=standing,
            clock=self.clock,
            alerts=alerts,
            pepper=PEPPER,
            audit_channel=None,
        )

    def _set_up(self) -> SetUpService:
        return SetUpService(
            unit_of_work=self.database.unit_of_work,
            recorder=Recorder(unit_of_work=self.database.unit_of_work, clock=self.clock),
            directory=self.directory,
            workspace=self.workspace,
            clock=self.clock,
            pepper=PEPPER,
            issuer="Rekey Portal",
        )

    def directory(self, uow: UnitOfWork) -> Directory:
        return EmbeddedDirectory(uow, clock=self.clock)

    @property
    def cases(self) -> list[Case]:
        """Every case of Bob's, newest first."""
        with self.database.unit_of_work() as uow:
            return list(uow.cases.of(self.world.bob.id))

    @property
    def states(self) -> list[CaseState]:
        """The states of Bob's cases, newest first."""
        return [case.state for case in self.cases]

    @property
    def tags(self) -> list[str]:
        """Every audit record's tag, oldest first."""
        with self.database.unit_of_work() as uow:
            return [record.tag for record in uow.audit.records()]

    def add_case(self, state: CaseState = CaseState.AWAITING_CONFIRMATION) -> Case:
        case = a_case(
            subscriber_id=self.world.bob.id,
            admin_id=self.world.alice.id,
            account_id=self.world.acme.id,
            state=state,
        )
        with self.database.unit_of_work() as uow:
            uow.cases.add(case)
            uow.commit()
        return case

    def add_waiting_session(self) -> str:
        """Store a sign-in of Bob's that waits for its set-up code; return its id."""
        session = a_session(self.world.bob.id, stage=SessionStage.AWAITING_SET_UP_CODE)
        with self.database.unit_of_work() as uow:
            uow.sessions.add(session, token_hash=f"hash of {session.id}")
            uow.contacts.set_set_up_required(self.world.bob.id, required=True)
            uow.commit()
        return session.id

    def interact(self, payload: object) -> Delivery:
        """Deliver a signed interactive payload of any shape."""
        return self.post(urlencode({"payload": json.dumps(payload)}).encode())

    def post(self, body: bytes, **signing: Any) -> Delivery:
        return self.slack.deliver_raw(body, headers=self.slack.signed_headers(body, **signing))


def command_body(house: House, **fields: str) -> dict[str, str]:
    return {
        "command": "/reset-2fa",
        "team_id": house.slack.team_id,
        "user_id": house.alice.id,
        "text": "",
        "trigger_id": "1.2.3",
        **fields,
    }


def click_body(house: House, action_id: str, value: object, **fields: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "user": {"id": house.alice.id, "team_id": house.slack.team_id},
        "team": {"id": house.slack.team_id},
        "trigger_id": "1.2.3",
        "actions": [{"type": "button", "action_id": action_id, "block_id": "b", "value": value}],
        **fields,
    }


def submission_body(house: House, callback_id: str, **view: Any) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "user": {"id": house.alice.id, "team_id": house.slack.team_id},
        "team": {"id": house.slack.team_id},
        "view": {
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": '{"subscriber": "U01BOB"}',
            "state": {"values": {}},
            "blocks": [],
            **view,
        },
    }
