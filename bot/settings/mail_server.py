"""The mail server that takes our e-mails: what `REKEY_SMTP_URL` says of it."""

import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote

from pydantic import SecretStr

from bot.settings.values import is_loopback, split_url

SUBMISSION_PORT, SUBMISSIONS_PORT = 587, 465
"""RFC 6409 and RFC 8314, section 7.3."""

_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9-]+"
_ADDRESS = re.compile(rf"{_LOCAL_PART}(?:\.{_LOCAL_PART})*@{_LABEL}(?:\.{_LABEL})*")
SMTP_URL = (
    "smtp://USER:PASSWORD@HOST:PORT or smtps://…; user and port may be left out, and "
    "?from=ADDRESS and, with smtp, &starttls=required or never may follow"
)
_IN_CLEAR = "must be smtps:// or have STARTTLS, since a password is sent"


class MailServer(NamedTuple):
    """Where e-mails are handed over, and how; `sender` is `None` where the URL names none."""

    host: str
    port: int
    smtps: bool
    starttls: bool
    username: str | None = None
    password: SecretStr | None = None
    sender: str | None = None

    @property
    def encrypted(self) -> bool:
        return self.smtps or self.starttls

    @property
    def is_near(self) -> bool:
        """Whether what is sent there stays on this machine."""
        return is_loopback(self.host)


def parse_smtp_url(text: str) -> MailServer:
    """Read `smtp://` or `smtps://`; STARTTLS is required unless the host is a loopback address.

    Raises a `ValueError`, which says so where a password would be sent in clear.
    """
    url = split_url(text)
    if url is None or url.scheme not in ("smtp", "smtps") or url.path not in ("", "/"):
        raise ValueError
    options = _options(url)
    username, password = _credentials(url)
    host, smtps = url.hostname or "", url.scheme == "smtps"
    starttls = options.get("starttls", "never" if is_loopback(host) else "required")
    server = MailServer(
        host=host,
        port=url.port or (SUBMISSIONS_PORT if smtps else SUBMISSION_PORT),
        smtps=smtps,
        starttls=starttls == "required" and not smtps,
        username=username,
        password=password,
        sender=options.get("from"),
    )
    if password is not None and not server.encrypted and not server.is_near:
        raise ValueError(_IN_CLEAR)
    return server


def _options(url: SplitResult) -> dict[str, str]:
    pairs = parse_qsl(url.query.replace("+", "%2B"), keep_blank_values=True)
    options = dict(pairs)
    fit = {
        "from": bool(_ADDRESS.fullmatch(options.get("from", ""))),
        "starttls": url.scheme == "smtp" and options.get("starttls") in ("required", "never"),
    }
    repeated = len(pairs) > len(options)
    if url.fragment or repeated or not all(fit.get(name, False) for name in options):
        raise ValueError
    return options


def _credentials(url: SplitResult) -> tuple[str | None, SecretStr | None]:
    """Return user name and password, both or neither; smtplib sends them as ASCII."""
    if url.username is None and url.password is None:
        return None, None
    username, password = unquote(url.username or ""), unquote(url.password or "")
    if not all(part and part.isascii() and part.isprintable() for part in (username, password)):
        raise ValueError
    return username, SecretStr(password)
