"""How the text of a setting becomes a value.

Each function raises a `ValueError` that says what the value must be, and never what it was.
"""

import base64
import binascii
import ipaddress
import itertools
import re
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from pydantic import Secret, SecretStr

KEY_BYTES = 32
"""Length of a secret key: AES-256."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_DURATION = re.compile(
    r"P(?=[0-9T])(?:(?P<weeks>[0-9]+)W)?(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?"
    r"(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?"
)
_HOST_AND_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")
_HIGHEST_PORT = 65535
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}|#[^\s#]+")
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_LONGEST_ISSUER = 64
_LONGEST_TEXT = 300
_LONGEST_DURATION = timedelta(days=3650)


class HostAndPort(NamedTuple):
    host: str
    port: int


def parse_duration(text: str) -> timedelta:
    """Read an ISO 8601 duration above zero; years and months have no fixed length."""
    duration = timedelta(0)
    if match := _DURATION.fullmatch(text.strip()):
        try:
            duration = timedelta(**{unit: float(n) for unit, n in match.groupdict("0").items()})
        except OverflowError:
            duration = timedelta.max
    if not timedelta(0) < duration <= _LONGEST_DURATION:
        raise ValueError("must be an ISO 8601 duration, such as PT5M or P1D, of up to ten years")
    return duration


def parse_duration_or_never(text: str) -> timedelta | None:
    """Read a duration, or `never` as `None`."""
    if text.strip() == "never":
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{error}, or never") from None


def parse_rising_durations(text: str) -> tuple[timedelta, ...]:
    """Read durations with commas between them, each longer than the one before."""
    durations = tuple(parse_duration(part) for part in text.split(","))
    if any(later <= earlier for earlier, later in itertools.pairwise(durations)):
        raise ValueError("must be durations in rising order, such as P1D,P3D,P7D")
    return durations


def parse_secret_keys(text: str) -> Secret[tuple[bytes, ...]]:
    """Read base64 keys with commas between them; the first one encrypts."""
    try:
        keys = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(","))
    except (binascii.Error, ValueError):
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"must be base64 keys of {KEY_BYTES} bytes, with commas between them")
    return Secret(keys)


def parse_token(text: str) -> SecretStr:
    """Read a token; it goes into a header, so it holds no white space and only ASCII."""
    token = text.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError("must be ASCII without white space")
    return SecretStr(token)


def parse_bot_token(text: str) -> SecretStr:
    """Read a bot's token, and tell when another kind was given."""
    if text.strip().startswith(("xapp-", "xoxp-")):
        raise ValueError("must be a bot's token (xoxb-…)")
    return parse_token(text)


def parse_app_token(text: str) -> SecretStr:
    """Read an app's token, and tell when another kind was given."""
    if text.strip().startswith(("xoxb-", "xoxp-")):
        raise ValueError("must be an app-level token (xapp-…)")
    return parse_token(text)


def parse_host_and_port(text: str) -> HostAndPort:
    """Read where to listen; port 0 takes any that is free."""
    match = _HOST_AND_PORT.fullmatch(text.strip())
    if match is None or int(match[3]) > _HIGHEST_PORT:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:3000")
    return HostAndPort(match[1] or match[2], int(match[3]))


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read addresses or networks with commas between them."""
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks, such as 10.0.0.7,fd00::/8") from None


def parse_public_url(text: str) -> str:
    """Read what browsers reach: a scheme, a host and perhaps a port; no slash at its end.

    The pages' paths are fixed and a `__Host-` cookie is for a whole host, so there is no path.
    """
    url = _web_url(text)
    if url is None or url.path not in ("", "/"):
        raise ValueError(
            "must be https://HOST or https://HOST:PORT; http only for a loopback address"
        )
    return f"{url.scheme}://{url.netloc}"


def parse_api_url(text: str) -> str:
    """Read where Slack's Web API is; with a slash at its end, to which methods are added."""
    url = _web_url(text)
    if url is None:
        raise ValueError("must be an https URL; http only for a loopback address")
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}/"


def parse_database_url(text: str) -> SecretStr:
    """Read SQLAlchemy's URL of a database that is kept: it may hold a password."""
    url = text.strip()
    sqlite = url.startswith("sqlite:///") and not url.startswith("sqlite:///:memory:")
    if not (sqlite and len(url) > len("sqlite:///")) and not url.startswith(
        "postgresql+psycopg://"
    ):
        raise ValueError("must be sqlite:///FILE or postgresql+psycopg://…")
    return SecretStr(url)


def parse_issuer(text: str) -> str:
    """Read the issuer in an entry's label; a colon would end it (Key URI format)."""
    issuer = parse_text(text)
    if ":" in issuer or len(issuer) > _LONGEST_ISSUER:
        raise ValueError(f"must be up to {_LONGEST_ISSUER} characters without a colon")
    return issuer


def parse_text(text: str) -> str:
    """Read one line to be shown to people."""
    line = text.strip()
    if not line.isprintable() or len(line) > _LONGEST_TEXT:
        raise ValueError(f"must be one line of up to {_LONGEST_TEXT} characters")
    return line


def parse_channel(text: str) -> str:
    """Read a Slack channel's id, or its name with `#`."""
    channel = text.strip()
    if not _CHANNEL.fullmatch(channel):
        raise ValueError("must be a Slack channel's id, such as C012ABC3DEF, or #its-name")
    return channel


def parse_count(text: str) -> int:
    """Read how many of something are still usual."""
    typed = text.strip()
    if not _COUNT.fullmatch(typed):
        raise ValueError("must be a whole number from 1 to 999")
    return int(typed)


def parse_pattern(text: str) -> re.Pattern[str]:
    """Read a regular expression."""
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError):
        raise ValueError("must be a regular expression, as Python understands them") from None


def split_url(text: str) -> SplitResult | None:
    """Return the parts of an absolute URL with a host and a sound port, if it is one."""
    stripped = text.strip()
    if not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        return None
    try:
        url = urlsplit(stripped)
        sound = bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        return None
    return url if sound else None


def is_address(host: str) -> bool:
    """Whether a URL's host is an IP address rather than a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a URL's host is this machine itself, by its name or its address."""
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)


def _web_url(text: str) -> SplitResult | None:
    """Return an https URL, or an http one of a loopback address; nothing hidden in it."""
    url = split_url(text)
    if url is None or url.username is not None or url.query or url.fragment:
        return None
    secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or ""))
    return url if secure else None
