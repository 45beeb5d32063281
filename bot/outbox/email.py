"""One attempt to hand an e-mail to the mail server, and what came of it."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from bot.domain.model.ids import MessageId
from bot.mail.rendering import Mail
from bot.outbox.results import Delayed, Delivered, Refused, Result
from bot.settings.mail_server import MailServer

HOLD = timedelta(minutes=1)
"""How long every e-mail waits after the server itself could not be used."""

_TIMEOUT = 10.0
_DISPLAY_NAME = "Rekey"
_FINAL = range(500, 600)
_CLOSING = 421
_ABOUT_US = frozenset({530, 534, 535, 538})
"""Answers to a recipient that ask for a better login (RFC 4954, section 6): for the operator."""


class EmailDelivery:
    """Speaks to the mail server once for each attempt, by a connection of its own.

    Its certificate is verified, and nothing is sent where TLS was asked for and is not given.
    """

    def __init__(self, server: MailServer, *, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._from = Address(_DISPLAY_NAME, addr_spec=sender)
        self._tls = ssl.create_default_context() if server.encrypted else None

    def post(self, address: str, mail: Mail, *, message_id: MessageId, now: datetime) -> Result:
        """Send the e-mail; the same message sent again has the same Message-ID.

        What the server says of this recipient or this message for good is `Refused`. What it says
        of us, and every trouble with the connection, is `Delayed`. Its own words are not repeated.
        """
        try:
            message = self._message(address, mail, message_id=message_id, now=now)
        except ValueError:
            return Refused("unfit_address")
        try:
            with self.connected() as client:
                client.send_message(message, from_addr=self._sender, to_addrs=[address])
                _leave(client)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            return _judged(error)
        return Delivered()

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """Connect, begin TLS and log in, as far as the settings say so.

        Raises an `SMTPException` or an `OSError`, of which the text may hold the server's words.
        """
        client = self._connect()
        try:
            client.ehlo_or_helo_if_needed()
            if self._server.starttls:
                client.starttls(context=self._tls)
            if self._server.username is not None and self._server.password is not None:
                client.login(self._server.username, self._server.password.get_secret_value())
            yield client
        finally:
            client.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        us = self._from.domain  # else smtplib asks the DNS who we are
        if self._server.smtps:
            return smtplib.SMTP_SSL(
                host, port, local_hostname=us, timeout=_TIMEOUT, context=self._tls
            )
        return smtplib.SMTP(host, port, local_hostname=us, timeout=_TIMEOUT)

    def _message(
        self, address: str, mail: Mail, *, message_id: MessageId, now: datetime
    ) -> EmailMessage:
        """Write the message; raises a `ValueError` for an address that is none."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self._from
        message["To"] = _address(address)
        message["Subject"] = mail.subject
        message["Date"] = now
        message["Message-ID"] = f"<{message_id}@{self._from.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: asks for no automatic answers
        message.set_content(mail.text, cte="quoted-printable")
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        return message


def _address(address: str) -> Address:
    """Read one bare address in ASCII; few servers take others (RFC 6531)."""
    if not address.isascii():
        raise ValueError("beyond ASCII")
    try:
        return Address(addr_spec=address)
    except Exception:  # noqa: BLE001  # the parser also raises IndexError for what it cannot read
        raise ValueError("no address") from None


def _leave(client: smtplib.SMTP) -> None:
    """Say goodbye; the message was taken, whatever is answered now."""
    with suppress(smtplib.SMTPException, OSError):
        client.quit()


def _judged(error: Exception) -> Result:
    match error:
        case smtplib.SMTPRecipientsRefused():
            return _answered(next(iter(error.recipients.values()))[0])
        case smtplib.SMTPDataError():
            return _answered(error.smtp_code)
        case smtplib.SMTPSenderRefused():
            return Delayed(f"smtp_{error.smtp_code}_sender", hold=HOLD)
    return Delayed(type(error).__name__, hold=HOLD)


def _answered(code: int) -> Result:
    """Judge an answer to the recipient or to the message itself."""
    if code in _FINAL and code not in _ABOUT_US:
        return Refused(f"smtp_{code}")
    return Delayed(f"smtp_{code}", hold=HOLD if code == _CLOSING or code in _ABOUT_US else None)
