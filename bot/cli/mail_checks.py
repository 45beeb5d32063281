"""What `rekey doctor` asks the mail server: greeting, TLS, login. No e-mail is sent."""

import smtplib
import ssl
from collections.abc import Iterator

from bot.cli.findings import Finding, fail, ok, warn
from bot.outbox import EmailDelivery
from bot.settings.settings import Settings


def mail_checks(settings: Settings) -> Iterator[Finding]:
    """Say whether notices leave by e-mail, and what SP 800-63B-4 asks where they do not."""
    server = settings.smtp_url
    if server is None:
        yield warn(
            "e-mail: notices leave by Slack alone, and SP 800-63B-4, section 4.6, is not met: it "
            "asks for notices of account recovery at the address on file; set REKEY_SMTP_URL"
        )
        return
    if not server.encrypted and not server.is_near:
        yield warn(f"e-mail: goes to {server.host} in clear, where others may read it")
    sender = settings.mail_sender
    if sender.endswith("@localhost"):
        yield warn(f"e-mail: comes from {sender}; name another by ?from= in REKEY_SMTP_URL")
    try:
        with EmailDelivery(server, sender=sender).connected():
            pass
    except (smtplib.SMTPException, OSError, ValueError) as unusable:
        yield fail(f"e-mail: {server.host}:{server.port} {_trouble(unusable)}")
    else:
        yield ok(f"e-mail: {server.host}:{server.port} takes notices from {sender}")


def _trouble(error: Exception) -> str:
    """Say what is wrong in our words; the server's own may hold what we sent it."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return "refuses the user name and the password"
        case smtplib.SMTPNotSupportedError():
            return "offers no STARTTLS, or no login"
        case ssl.SSLCertVerificationError():
            return "has a certificate that is not trusted"
        case smtplib.SMTPResponseException():
            return f"says {error.smtp_code}"
    return f"cannot be used ({type(error).__name__})"
