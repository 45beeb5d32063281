"""A mail server on a loopback address: takes, refuses or delays e-mails, as a test tells it to."""

import ipaddress
import ssl
from asyncio import Server
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.clock import SystemClock

HOST = "127.0.0.1"
USERNAME = "rekey-bot"
PASSWORD = "made-up password of the mail server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An e-mail that was taken."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    over_tls: bool
    login: bool

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, subtype: str) -> str:
        part = self.message.get_body(preferencelist=(subtype,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class MailServerStandIn:
    """What it has taken, and what it will answer.

    `answers` are given first, by the command, each once; `refused` are answers to a recipient,
    whenever they are named.
    """

    needs_login: bool = False
    tls: ssl.SSLContext | None = None
    smtps: bool = False
    mails: list[Received] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    _controller: "_Controller | None" = None
    _port: int = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        return self._port

    def url(self, *, user: str = "", options: str = "") -> str:
        """Return what `REKEY_SMTP_URL` is for this server."""
        scheme = "smtps" if self.smtps else "smtp"
        return f"{scheme}://{user}{HOST}:{self._port}{options}"

    def start(self) -> None:
        """Listen, after `stop` at the same port as before."""
        self._controller = _Controller(self)
        self._controller.start()
        self._port = self._controller.port
        self.connections = 0  # the first was the controller's own

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def to(self, address: str) -> list[Received]:
        """Return what was taken for that address, oldest first."""
        return [mail for mail in self.mails if address in mail.recipients]

    # -- what aiosmtpd calls

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, sender: str, options: list[str]
    ) -> str:
        answer = self._answer("MAIL")
        if answer.startswith("2"):
            envelope.mail_from = sender
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._answer("RCPT", otherwise=self.refused.get(address, "250 OK"))
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self._answer("DATA")
        if answer.startswith("2"):
            content = cast("bytes", envelope.content)
            mail = Received(
                sender=str(envelope.mail_from),
                recipients=tuple(envelope.rcpt_tos),
                message=message_from_bytes(content, policy=default),
                over_tls=self.smtps or session.ssl is not None,
                login=session.authenticated is True,
            )
            self.mails.append(mail)
        return answer

    def _answer(self, command: str, *, otherwise: str = "250 OK") -> str:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else otherwise

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        known = LoginPassword(USERNAME.encode(), PASSWORD.encode())
        return AuthResult(success=data == known, handled=False)  # the server answers


class _Controller(Controller):
    """Listens at any port that is free, in a thread of its own."""

    def __init__(self, stand_in: MailServerStandIn) -> None:
        super().__init__(
            stand_in,
            hostname=HOST,
            port=stand_in.port,
            ssl_context=stand_in.tls if stand_in.smtps else None,
        )
        self.stand_in = stand_in

    def factory(self) -> SMTP:
        wanted = self.stand_in
        wanted.connections += 1
        return SMTP(
            wanted,
            hostname="mail.example",  # else it asks the DNS
            loop=self.loop,
            enable_SMTPUTF8=False,
            tls_context=None if wanted.smtps else wanted.tls,
            require_starttls=not wanted.smtps and wanted.tls is not None,
            auth_required=wanted.needs_login,
            authenticator=wanted.authenticate if wanted.needs_login else None,
        )

    async def _create_server(self) -> Server:
        server = await self.loop.create_server(
            self._factory_invoker, host=HOST, port=self.port, ssl=self.ssl_context
        )
        self.port = server.sockets[0].getsockname()[1]
        return server


def certified(folder: Path, *, host: str = HOST) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for `host`; return a server's context and the file that vouches."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    vouching, whole = folder / "vouching.pem", folder / "server.pem"
    vouching.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    whole.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + vouching.read_bytes()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(whole)
    return context, vouching
