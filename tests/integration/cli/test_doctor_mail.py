"""What `rekey doctor` says of the mail server; it sends no e-mail."""

import ssl
from pathlib import Path

import pytest

from bot.cli.findings import Finding, fail, ok, warn
from bot.cli.mail_checks import mail_checks
from bot.settings.settings import settings_of
from tests.mail import PASSWORD, USERNAME, MailServerStandIn, certified
from tests.secrecy import PASSWORD as A_PASSWORD
from tests.secrecy import SECRETS

USER = f"{USERNAME}:{PASSWORD.replace(' ', '%20')}@"
SENDER = "?from=rekey@acme.example"


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    context, vouching = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouching))
    SECRETS.add(A_PASSWORD, PASSWORD)
    return context


def findings(smtp_url: str | None) -> list[Finding]:
    return list(mail_checks(settings_of({"REKEY_SMTP_URL": smtp_url} if smtp_url else {})))


def test_without_a_server_says_what_is_not_met() -> None:
    (finding,) = findings(None)
    assert finding == warn(finding.text)
    for words in ("SP 800-63B-4, section 4.6, is not met", "account recovery", "REKEY_SMTP_URL"):
        assert words in finding.text


@pytest.mark.parametrize(
    ("user", "found"),
    [
        (USER, ok("e-mail: {server} takes notices from rekey@acme.example")),
        ("rekey-bot:wrong@", fail("e-mail: {server} refuses the user name and the password")),
    ],
)
def test_begins_tls_and_logs_in(tls: ssl.SSLContext, user: str, found: Finding) -> None:
    with MailServerStandIn(tls=tls, needs_login=True) as server:
        (finding,) = findings(server.url(user=user, options=f"{SENDER}&starttls=required"))
        told = found.text.format(server=f"127.0.0.1:{server.port}")
        assert (finding.level, finding.text) == (found.level, told)
        assert server.mails == []


def test_certificate_that_is_not_trusted(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with MailServerStandIn(tls=tls, smtps=True) as server:
        (finding,) = findings(server.url(options=SENDER))
    assert finding == fail(f"e-mail: 127.0.0.1:{server.port} has a certificate that is not trusted")


def test_starttls_that_is_not_offered() -> None:
    with MailServerStandIn() as server:
        (finding,) = findings(server.url(options=f"{SENDER}&starttls=required"))
    assert finding == fail(f"e-mail: 127.0.0.1:{server.port} offers no STARTTLS, or no login")


def test_nobody_there_and_no_sender_of_ours() -> None:
    with MailServerStandIn() as server:
        url = server.url()
    assert findings(url) == [
        warn("e-mail: comes from rekey@localhost; name another by ?from= in REKEY_SMTP_URL"),
        fail(f"e-mail: 127.0.0.1:{server.port} cannot be used (ConnectionRefusedError)"),
    ]


def test_in_clear_to_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("smtplib.SMTP.connect", refuse)
    assert findings(f"smtp://mail.acme.example:25{SENDER}&starttls=never") == [
        warn("e-mail: goes to mail.acme.example in clear, where others may read it"),
        fail("e-mail: mail.acme.example:25 cannot be used (ConnectionRefusedError)"),
    ]
