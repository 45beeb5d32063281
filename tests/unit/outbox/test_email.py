"""`EmailDelivery` and the outbox's e-mails, against a mail server on a loopback address."""

import logging
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from bot.domain.model.ids import MessageId
from bot.domain.model.notices import Channel, NoticeKind
from bot.mail.rendering import Mail
from bot.outbox import EmailDelivery, OutboxSender
from bot.outbox.delivery import Delivery
from bot.outbox.email import HOLD
from bot.outbox.results import Delayed, Delivered, Refused, Result
from bot.settings.mail_server import parse_smtp_url
from tests.fakes.outside import NOON
from tests.mail import PASSWORD, USERNAME, MailServerStandIn, certified
from tests.secrecy import PASSWORD as A_PASSWORD
from tests.secrecy import SECRETS
from tests.unit.outbox.post import MAIL_SENDER, Post

BOB = "bob@acme.example"
MAIL = Mail(subject="Your 2FA was reset", text="Grüße\n", html="<p>Grüße</p>\n")
USER = f"{USERNAME}:{PASSWORD.replace(' ', '%20')}@"


def send(url: str, *, to: str = BOB, mail: Mail = MAIL, number: int = 1) -> Result:
    delivery = EmailDelivery(parse_smtp_url(url), sender=MAIL_SENDER)
    return delivery.post(to, mail, message_id=MessageId(f"msg_{number}"), now=NOON)


class TestMessage:
    def test_is_plain_text_and_html_from_the_sender_to_the_address(
        self, server: MailServerStandIn
    ) -> None:
        assert send(server.url()) == Delivered()
        (mail,) = server.mails
        assert (mail.sender, mail.recipients) == (MAIL_SENDER, (BOB,))
        assert (mail.subject, mail.text, mail.html) == (MAIL.subject, MAIL.text, MAIL.html)
        headers = mail.message
        assert headers["From"] == f"Rekey <{MAIL_SENDER}>"
        assert headers["To"] == BOB
        assert parsedate_to_datetime(headers["Date"]) == NOON
        assert headers["Auto-Submitted"] == "auto-generated"

    def test_sent_again_is_known_by_its_id(self, server: MailServerStandIn) -> None:
        for number in (1, 1, 2):
            send(server.url(), number=number)
        first, again, other = (mail.message["Message-ID"] for mail in server.mails)
        assert first == again == "<msg_1@acme.example>"
        assert other != first

    @pytest.mark.parametrize(
        "subject", ["a\r\nBcc: eve@evil.example", "a\nX-Evil: 1", "é\r\n\r\nbody"]
    )
    def test_no_subject_adds_a_header(self, server: MailServerStandIn, subject: str) -> None:
        assert send(server.url(), mail=replace(MAIL, subject=subject)) == Refused("unfit_address")
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
        assert send(server.url(), to=address) == Refused("unfit_address")
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
            assert send(server.url(user=USER, options="?starttls=required")) == Delivered()
        (mail,) = server.mails
        assert mail.over_tls
        assert mail.login

    def test_smtps(self, tls: ssl.SSLContext) -> None:
        with MailServerStandIn(tls=tls, smtps=True) as server:
            assert send(server.url()) == Delivered()
        assert server.mails[0].over_tls

    def test_wrong_password_waits_for_the_operator(self, tls: ssl.SSLContext) -> None:
        with MailServerStandIn(tls=tls, needs_login=True) as server:
            result = send(server.url(user="rekey-bot:wrong@", options="?starttls=required"))
        assert result == Delayed("SMTPAuthenticationError", hold=HOLD)
        assert server.mails == []

    @pytest.mark.parametrize("smtps", [True, False])
    def test_certificate_that_nobody_vouches_for(
        self, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, *, smtps: bool
    ) -> None:
        monkeypatch.delenv("SSL_CERT_FILE")
        with MailServerStandIn(tls=tls, smtps=smtps) as server:
            result = send(server.url(options="" if smtps else "?starttls=required"))
        assert result == Delayed("SSLCertVerificationError", hold=HOLD)
        assert server.mails == []

    def test_certificate_of_another_host(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tls, vouching = certified(tmp_path, host="127.0.0.2")
        monkeypatch.setenv("SSL_CERT_FILE", str(vouching))
        with MailServerStandIn(tls=tls, smtps=True) as server:
            assert send(server.url()) == Delayed("SSLCertVerificationError", hold=HOLD)

    @pytest.mark.parametrize("user", ["", USER])
    def test_nothing_leaves_in_clear_where_starttls_is_not_offered(
        self, server: MailServerStandIn, user: str
    ) -> None:
        result = send(server.url(user=user, options="?starttls=required"))
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
        assert send(server.url()) == result
        assert server.mails == []
        assert send(server.url()) == Delivered()

    def test_nobody_listens(self, server: MailServerStandIn) -> None:
        server.stop()
        assert send(server.url()) == Delayed("ConnectionRefusedError", hold=HOLD)

    def test_goodbye_that_fails_undoes_no_delivery(
        self, server: MailServerStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_client: object) -> None:
            raise ConnectionResetError

        monkeypatch.setattr("smtplib.SMTP.quit", fail)
        assert send(server.url()) == Delivered()
        assert len(server.mails) == 1


def to_bob(post: Post, kind: NoticeKind = NoticeKind.SUBSCRIBER_RESET) -> Row[Any]:
    return post.write_to(post.world.bob.id, kind, channel=Channel.EMAIL)


def _noting(post: Callable[..., Result], order: list[str], name: str) -> Callable[..., Result]:
    def noted(*arguments: object, **named: object) -> Result:
        order.append(name)
        return post(*arguments, **named)

    return noted


class TestSender:
    @pytest.fixture
    def sender(self, post: Post, server: MailServerStandIn) -> OutboxSender:
        return post.a_sender(mails=server)

    def test_goes_to_the_address_on_file_dated_by_the_clock(
        self, post: Post, server: MailServerStandIn, sender: OutboxSender
    ) -> None:
        message = to_bob(post)
        post.clock.advance(timedelta(hours=1))
        assert sender.drain() == 1
        (mail,) = server.to(post.world.bob.email)
        assert mail.message["Message-ID"] == f"<{message.id}@acme.example>"
        assert parsedate_to_datetime(mail.message["Date"]) == post.clock.now()
        assert post.now_of(message).sent_at == post.clock.now()

    def test_refusal_is_told_to_the_admin_once_and_nothing_of_it_in_the_log(
        self,
        post: Post,
        server: MailServerStandIn,
        sender: OutboxSender,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        caplog.set_level(logging.INFO, logger="bot")
        server.refused[post.world.bob.email] = f"550 unknown to us: {BOB}"
        message = to_bob(post)
        assert sender.drain() == 1
        assert post.now_of(message).error == "smtp_550"
        (told,) = post.alice.dm
        assert "smtp_550" in told.shown
        assert "unknown to us" not in told.shown
        ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("bot"))
        assert message.id in ours
        assert "smtp_550" in ours
        assert "bob@" not in ours
        assert "unknown to us" not in ours
        assert sender.drain() == 0

    def test_one_recipients_trouble_holds_up_no_other(
        self, post: Post, server: MailServerStandIn, sender: OutboxSender
    ) -> None:
        server.answers["RCPT"] = ["451 greylisted"]
        first, second = to_bob(post), to_bob(post, NoticeKind.SUBSCRIBER_REMINDED)
        assert sender.drain() == 1
        assert (post.now_of(first).error, post.waits(first)) == ("smtp_451", timedelta(seconds=20))
        assert post.now_of(second).sent_at is not None

    def test_server_that_is_away_is_tried_once_and_not_for_each_message(
        self, post: Post, server: MailServerStandIn, sender: OutboxSender
    ) -> None:
        server.answers["MAIL"] = ["421 too busy"]
        messages = [to_bob(post) for _ in range(3)]
        assert sender.drain() == 0
        assert server.connections == 1
        errors = [post.now_of(message).error for message in messages]
        assert errors == ["smtp_421_sender", None, None]
        sent = 0
        for _ in messages:  # and from then on one by one
            post.clock.advance(HOLD)
            sent += sender.drain()
        assert sent == 3

    def test_slack_goes_first(
        self, post: Post, sender: OutboxSender, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        order: list[str] = []
        for way in (Delivery, EmailDelivery):
            monkeypatch.setattr(way, "post", _noting(way.post, order, way.__name__))
        to_bob(post)
        post.write_to(post.world.alice.id)
        assert sender.drain() == 2
        assert order == ["Delivery", "EmailDelivery"]

    def test_waits_where_the_mail_server_was_taken_from_the_settings(self, post: Post) -> None:
        message = to_bob(post)
        assert post.sender.drain() == 0
        assert post.now_of(message).error == "no_smtp_url"
        assert post.now_of(message).failed_at is None
