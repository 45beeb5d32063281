"""What `REKEY_SMTP_URL` and `REKEY_PUBLIC_URL` say of where e-mails go and come from."""

import pytest

from bot.settings.mail_server import MailServer, parse_smtp_url
from bot.settings.settings import settings_of


@pytest.mark.parametrize(
    ("url", "port", "smtps", "starttls"),
    [
        ("smtp://mail.example", 587, False, True),
        ("smtp://mail.example:25/", 25, False, True),
        ("smtp://mail.example?starttls=required", 587, False, True),
        ("smtp://10.0.0.7:25?starttls=never", 25, False, False),
        ("smtp://localhost:25", 25, False, False),
        ("smtp://[::1]:25", 25, False, False),
        ("smtp://127.0.0.1:25?starttls=required", 25, False, True),
        ("smtp://127.0.0.1.example", 587, False, True),
        ("smtps://mail.example", 465, True, False),
        ("smtps://mail.example:4650", 4650, True, False),
    ],
)
def test_tls_is_asked_for_unless_the_server_is_near(
    url: str, port: int, *, smtps: bool, starttls: bool
) -> None:
    server = parse_smtp_url(url)
    assert (server.port, server.smtps, server.starttls) == (port, smtps, starttls)
    assert (server.username, server.password, server.sender) == (None, None, None)


def test_user_and_password_are_read_as_they_are_encoded_in_urls() -> None:
    server = parse_smtp_url("smtp://bot%40acme.example:made%2Fup%3A%3F@mail.example")
    assert server.username == "bot@acme.example"
    assert server.password is not None
    assert server.password.get_secret_value() == "made/up:?"
    assert "made" not in repr(server)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
def test_password_needs_no_tls_where_it_stays_on_this_machine(host: str) -> None:
    assert parse_smtp_url(f"smtp://bot:made-up@{host}").password is not None


@pytest.mark.parametrize(
    ("smtp_url", "public_url", "sender"),
    [
        ("smtp://mail.example", "https://portal.acme.example:8443", "rekey@portal.acme.example"),
        ("smtp://mail.example", "https://192.0.2.7", "rekey@localhost"),
        ("smtp://mail.example", "http://[::1]:3000", "rekey@localhost"),
        (
            "smtp://mail.example?from=2fa+it@acme.example",
            "https://x.example",
            "2fa+it@acme.example",
        ),
    ],
)
def test_sender_is_the_one_named_or_rekey_at_the_public_host(
    smtp_url: str, public_url: str, sender: str
) -> None:
    settings = settings_of({"REKEY_SMTP_URL": smtp_url, "REKEY_PUBLIC_URL": public_url})
    assert isinstance(settings.smtp_url, MailServer)
    assert settings.mail_sender == sender
