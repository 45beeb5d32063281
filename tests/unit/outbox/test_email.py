"""`EmailDelivery` and the outbox's e-mails, against a mail server on a loopback address."""

import logging
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from bot.domain.model.cases import CaseState
from bot.domain.model.ids import MessageId
from bot.domain.model.notices import Channel, Message, Notice, NoticeKind
from bot.mail.rendering import Mail
from bot.outbox import EmailDelivery, OutboxSender
from bot.outbox.delivery import Delivery
from bot.outbox.email import HOLD
from bot.outbox.results import Delayed, Delivered, Refused, Result
from bot.settings.mail_server import parse_smtp_url
from playground.slack import SlackStandIn
from tests.fakes import FakeDatabase, FixedClock, a_case, seed
from tests.fakes.outside import NOON
from tests.mail import PASSWORD, USERNAME, MailServerStandIn, certified
from tests.secrecy import PASSWORD as A_PASSWORD
from tests.secrecy import SECRETS
from tests.unit.outbox.test_sender import a_client

SENDER = "rekey@acme.example"
BOB = "bob@acme.example"
MAIL = Mail(subject="Your 2FA was reset", text="Grüße\n", html="<p>Grüße</p>\n")
USER = f"{USERNAME}:{PASSWORD.replace(' ', '%20')}@"


@pytest.fixture
def server() -> Iterator[MailServerStandIn]:
    with MailServerStandIn() as stand_in:
        yield stand_in


def post(url: str, *, to: str = BOB, mail: Mail = MAIL, number: int = 1) -> Result:
    delivery = EmailDelivery(parse_smtp_url(url), sender=SENDER)
    return delivery.post(to, mail, message_id=MessageId(f"msg_{number}"), now=NOON)


class TestMessage:
    def test_is_plain_text_and_html_from_the_sender_to_the_address(
        self, server: MailServerStandIn
    ) -> None:
        assert post(server.url()) == Delivered()
        (mail,) = server.mails
        assert (mail.sender, mail.recipients) == (SENDER, (BOB,))
        assert (mail.subject, mail.text, mail.html) == (MAIL.subject, MAIL.text, MAIL.html)
        headers = mail.message
        assert headers["From"] == f"Rekey <{SENDER}>"
        assert headers["To"] == BOB
        assert parsedate_to_datetime(headers["Date"]) == NOON
        assert headers["Auto-Submitted"] == "auto-generated"

    def test_sent_again_is_known_by_its_id(self, server: MailServerStandIn) -> None:
        for number in (1, 1, 2):
            post(server.url(), number=number)
        first, again, other = (mail.message["Message-ID"] for mail in server.mails)
        assert first == again == "<msg_1@acme.example>"
        assert other != first

    @pytest.mark.parametrize(
        "subject", ["a\r\nBcc: eve@evil.example", "a\nX-Evil: 1", "é\r\n\r\nbody"]
    )
    def test_no_subject_adds_a_header(self, server: MailServerStandIn, subject: str) -> None:
        assert post(server.url(), mail=replace(MAIL, subject=subject)) == Refused("unfit_address")
        assert server.mails == []

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "bob",
            "@",
            "(",
            "a@b, c@d",
            "Bob <bob@acme.example>",
            "bob@acme.example\r\nDATA",
            "bób@acme.example",
            "bob@acmé.example",
        ],
    )
    def test_no_address_that_is_not_exactly_one(
        self, server: MailServerStandIn, address: str
    ) -> None:
        assert post(server.url(), to=address) == Refused("unfit_address")
        assert server.mails == []


class TestTls:
    @pytest.fixture
    def tls(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
        context, vouching = certified(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(vouching))
        SECRETS.add(A_PASSWORD, PASSWORD)
        return context

    def test_login_over_starttls(self, tls: ssl.SSLContext) -> None:
        with MailServerStandIn(tls=tls, needs_login=True) as server:
            assert post(server.url(user=USER, options="?starttls=required")) == Delivered()
        (mail,) = server.mails
        assert mail.over_tls
        assert mail.login

    def test_smtps(self, tls: ssl.SSLContext) -> None:
        with MailServerStandIn(tls=tls, smtps=True) as server:
            assert post(server.url()) == Delivered()
        assert server.mails[0].over_tls

    def test_wrong_password_waits_for_the_operator(self, tls: ssl.SSLContext) -> None:
        with MailServerStandIn(tls=tls, needs_login=True) as server:
            result = post(server.url(user="rekey-bot:wrong@", options="?starttls=required"))
        assert result == Delayed("SMTPAuthenticationError", hold=HOLD)
        assert server.mails == []

    @pytest.mark.parametrize("smtps", [True, False])
    def test_certificate_that_nobody_vouches_for(
        self, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, *, smtps: bool
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        with MailServerStandIn(tls=tls, smtps=smtps) as server:
            result = post(server.url(options="" if smtps else "?starttls=required"))
        assert result == Delayed("SSLCertVerificationError", hold=HOLD)
        assert server.mails == []

    def test_certificate_of_another_host(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tls, vouching = certified(tmp_path, host="127.0.0.2")
        monkeypatch.setenv("SSL_CERT_FILE", str(vouching))
        with MailServerStandIn(tls=tls, smtps=True) as server:
            assert post(server.url()) == Delayed("SSLCertVerificationError", hold=HOLD)

    @pytest.mark.parametrize("user", ["", USER])
    def test_nothing_leaves_in_clear_where_starttls_is_not_offered(
        self, server: MailServerStandIn, user: str
    ) -> None:
        result = post(server.url(user=user, options="?starttls=required"))
        assert result == Delayed("SMTPNotSupportedError", hold=HOLD)
        assert server.mails == []


class TestAnswers:
    @pytest.mark.parametrize(
        ("command", "answer", "result"),
        [
            ("RCPT", "550 5.1.1 no such person", Refused("smtp_550")),
            ("RCPT", "552 mailbox full", Refused("smtp_552")),
            ("RCPT", "451 4.7.1 greylisted", Delayed("smtp_451")),
            ("RCPT", "530 5.7.0 authenticate first", Delayed("smtp_530", hold=HOLD)),
            ("RCPT", "421 closing", Delayed("smtp_421", hold=HOLD)),
            ("DATA", "554 looks like spam", Refused("smtp_554")),
            ("DATA", "452 disk full", Delayed("smtp_452")),
            ("MAIL", "550 you may not", Delayed("smtp_550_sender", hold=HOLD)),
            ("MAIL", "451 later", Delayed("smtp_451_sender", hold=HOLD)),
        ],
    )
    def test_are_told_apart(
        self, server: MailServerStandIn, command: str, answer: str, result: Result
    ) -> None:
        server.answers[command] = [answer]
        assert post(server.url()) == result
        assert server.mails == []
        assert post(server.url()) == Delivered()

    def test_nobody_listens(self, server: MailServerStandIn) -> None:
        server.stop()
        assert post(server.url()) == Delayed("ConnectionRefusedError", hold=HOLD)

    def test_goodbye_that_fails_undoes_no_delivery(
        self, server: MailServerStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_client: object) -> None:
            raise ConnectionResetError

        monkeypatch.setattr("smtplib.SMTP.quit", fail)
        assert post(server.url()) == Delivered()
        assert len(server.mails) == 1


class Office:
    """A database with a completed case of Bob's, and the sender with both ways out."""

    def __init__(self, slack: SlackStandIn, server: MailServerStandIn | None) -> None:
        self.clock = FixedClock()
        self.database = FakeDatabase()
        self.world = seed(self.database.unit_of_work)
        for person in self.world.people:
            slack.add_person(person.slack.user, name=person.name)
        self.alice = slack.person(self.world.alice.slack.user)
        self.case = a_case(
            subscriber_id=self.world.bob.id,
            admin_id=self.world.alice.id,
            account_id=self.world.acme.id,
            state=CaseState.COMPLETED,
        )
        with self.database.unit_of_work() as uow:
            uow.cases.add(self.case)
            uow.commit()
        self.sender = OutboxSender(
            unit_of_work=self.database.unit_of_work,
            client=a_client(slack),
            clock=self.clock,
            portal_url="https://portal.example/portal/sign-in",
            help_contact="+44 20 7946 0000",
            email=EmailDelivery(parse_smtp_url(server.url()), sender=SENDER) if server else None,
            jitter=lambda: 1.0,
        )

    def write(self, kind: NoticeKind = NoticeKind.SUBSCRIBER_RESET) -> Message:
        notice = Notice(
            kind=kind, contact_id=self.world.bob.id, case_id=self.case.id, channel=Channel.EMAIL
        )
        with self.database.unit_of_work() as uow:
            message_id = uow.outbox.add(notice, now=self.clock.now())
            uow.commit()
        assert message_id is not None
        return self.database.state.outbox[message_id]

    def now_of(self, message: Message) -> Message:
        return self.database.state.outbox[message.id]

    def waits(self, message: Message) -> timedelta:
        return self.now_of(message).next_attempt_at - self.clock.now()


def _noting(post: Callable[..., Result], order: list[str], name: str) -> Callable[..., Result]:
    def noted(*arguments: object, **named: object) -> Result:
        order.append(name)
        return post(*arguments, **named)

    return noted


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=FixedClock()) as stand_in:
        yield stand_in


@pytest.fixture
def office(slack: SlackStandIn, server: MailServerStandIn) -> Office:
    return Office(slack, server)


class TestSender:
    def test_goes_to_the_address_on_file_dated_by_the_clock(
        self, office: Office, server: MailServerStandIn
    ) -> None:
        message = office.write()
        office.clock.advance(timedelta(hours=1))
        assert office.sender.drain() == 1
        (mail,) = server.to(office.world.bob.email)
        assert mail.subject == "Your 2FA was reset"
        assert mail.message["Message-ID"] == f"<{message.id}@acme.example>"
        assert parsedate_to_datetime(mail.message["Date"]) == office.clock.now()
        assert office.now_of(message).sent_at == office.clock.now()

    def test_refusal_is_told_to_the_admin_once(
        self, office: Office, server: MailServerStandIn
    ) -> None:
        server.refused[office.world.bob.email] = "550 no such person here, says the server"
        message = office.write()
        office.sender.drain()
        assert office.now_of(message).error == "smtp_550"
        (told,) = office.alice.dm
        for word in ("Bob Brown", "by e-mail", "smtp_550"):
            assert word in told.shown
        assert "says the server" not in told.shown
        assert office.sender.drain() == 0

    def test_one_recipients_trouble_holds_up_no_other(
        self, office: Office, server: MailServerStandIn
    ) -> None:
        server.answers["RCPT"] = ["451 greylisted"]
        first, second = office.write(), office.write(NoticeKind.SUBSCRIBER_REMINDED)
        assert office.sender.drain() == 1
        assert (office.now_of(first).error, office.waits(first)) == (
            "smtp_451",
            timedelta(seconds=20),
        )
        assert office.now_of(second).sent_at is not None

    def test_server_that_is_away_is_tried_once_and_not_for_each_message(
        self, office: Office, server: MailServerStandIn
    ) -> None:
        server.answers["MAIL"] = ["421 too busy"]
        messages = [office.write() for _ in range(3)]
        assert office.sender.drain() == 0
        assert server.connections == 1
        errors = [office.now_of(message).error for message in messages]
        assert errors == ["smtp_421_sender", None, None]
        sent = 0
        for _ in messages:  # and from then on one by one
            office.clock.advance(HOLD)
            sent += office.sender.drain()
        assert sent == 3

    def test_slack_goes_first(
        self, office: Office, server: MailServerStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order: list[str] = []
        for way in (Delivery, EmailDelivery):
            monkeypatch.setattr(way, "post", _noting(way.post, order, way.__name__))
        office.write()
        with office.database.unit_of_work() as uow:
            notice = Notice(
                kind=NoticeKind.OUTCOME, contact_id=office.world.alice.id, case_id=office.case.id
            )
            uow.outbox.add(notice, now=office.clock.now())
            uow.commit()
        assert office.sender.drain() == 2
        assert order == ["Delivery", "EmailDelivery"]

    def test_waits_where_the_mail_server_was_taken_from_the_settings(
        self, slack: SlackStandIn
    ) -> None:
        office = Office(slack, None)
        message = office.write()
        assert office.sender.drain() == 0
        assert office.now_of(message).error == "no_smtp_url"
        assert office.now_of(message).failed_at is None

    def test_log_names_no_address_and_none_of_the_servers_words(
        self, office: Office, server: MailServerStandIn, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO, logger="bot")
        server.refused[office.world.bob.email] = "550 unknown: bob@acme.example"
        message = office.write()
        office.sender.drain()
        ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
        assert message.id in ours
        assert "smtp_550" in ours
        assert "bob@" not in ours
