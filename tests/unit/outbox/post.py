"""A post office: an outbox in memory, its sender, and the strict stand-ins at the other end."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import Row

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.ids import CaseId, ContactId
from bot.domain.model.notices import Channel, Notice, NoticeKind
from bot.outbox import EmailDelivery, OutboxSender
from bot.outbox.slack_limits import CLAIM
from bot.settings.mail_server import parse_smtp_url
from bot.settings.settings import settings_of
from bot.slack.workspace import slack_client
from playground.slack import Person, SlackStandIn
from tests.fakes import FakeDatabase, FixedClock, a_case, seed
from tests.mail import MailServerStandIn

PORTAL_URL = "https://portal.example/portal/sign-in"
AUDIT_CHANNEL = "C0AUDIT"
MAIL_SENDER = "rekey@acme.example"
AGAIN = "You may have had this message already"
WAIT = 10.0
SECOND = timedelta(seconds=1)


def slack_client_of(slack: SlackStandIn) -> WebClient:
    settings = settings_of({"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url})
    return slack_client(settings, timeout=5)


class Post:
    """A database with a completed case of Bob's, a Slack with its people, and the sender."""

    def __init__(self, slack: SlackStandIn, clock: FixedClock) -> None:
        self.slack = slack
        self.clock = clock
        self.database = FakeDatabase()
        self.world = seed(self.database.unit_of_work)
        for person in self.world.people:
            slack.add_person(person.slack.user, name=person.name)
        self.alice = slack.person(self.world.alice.slack.user)
        self.bob = slack.person(self.world.bob.slack.user)
        self.case = self.add_case(CaseState.COMPLETED)
        self.changed: list[Collection[CaseId]] = []
        self.sender = self.a_sender(on_change=self.changed.append)

    def a_sender(self, *, mails: MailServerStandIn | None = None, **given: Any) -> OutboxSender:
        """Return the sender of another process; `given` is said to it beside the rest."""
        email = EmailDelivery(parse_smtp_url(mails.url()), sender=MAIL_SENDER) if mails else None
        return OutboxSender(
            unit_of_work=self.database.unit_of_work,
            client=slack_client_of(self.slack),
            clock=self.clock,
            portal_url=PORTAL_URL,
            help_contact="+44 20 7946 0000",
            email=email,
            jitter=lambda: 1.0,
            **given,
        )

    def add_case(self, state: CaseState) -> Case:
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

    def write(self, notice: Notice) -> Row[Any]:
        with self.database.unit_of_work() as uow:
            message_id = uow.outbox.add(notice, now=self.clock.now())
            uow.commit()
        assert message_id is not None
        return self.database.row("outbox", message_id)

    def write_to(
        self,
        contact_id: ContactId,
        kind: NoticeKind = NoticeKind.OUTCOME,
        *,
        response_url: str | None = None,
        channel: Channel = Channel.SLACK,
    ) -> Row[Any]:
        """Write about the case."""
        return self.write(
            Notice(
                kind=kind,
                contact_id=contact_id,
                case_id=self.case.id,
                response_url=response_url,
                channel=channel,
            )
        )

    def claim_and_die(self) -> None:
        """Claim the next message as a process does that is never heard of again."""
        now = self.clock.now()
        with self.database.unit_of_work() as uow:
            assert uow.outbox.claim(now=now, until=now + CLAIM, holder="run_dead", paces={})
            uow.commit()

    def now_of(self, message: Row[Any]) -> Row[Any]:
        return self.database.row("outbox", message.id)

    def waits(self, message: Row[Any]) -> timedelta:
        waits: timedelta = self.now_of(message).next_attempt_at - self.clock.now()
        return waits

    def drain_once_due(self, message: Row[Any]) -> int:
        self.clock.advance(self.waits(message))
        return self.sender.drain()

    def posts(self) -> int:
        """Return how often Slack was asked to take a message."""
        return [call.method for call in self.slack.calls].count("chat.postMessage")

    def response_url(self, person: Person) -> str:
        """Return one that Slack gave out just now."""
        delivery = person.command("/reset-2fa")
        assert delivery.response_url is not None
        return delivery.response_url
