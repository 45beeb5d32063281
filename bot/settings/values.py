"""The types of the settings: which text each takes, and what it becomes."""

import base64
import binascii
import ipaddress
import itertools
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, NamedTuple
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    IPvAnyNetwork,
    PlainValidator,
    Secret,
    SecretStr,
)

KEY_BYTES = 32
"""Length of a secret key: AES-256."""

_HOST_AND_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")
_HIGHEST_PORT = 65535


class HostAndPort(NamedTuple):
    host: str
    port: int


# -- how text is read; `ValueError` says that it does not fit, `settings` what would


def only_text(read: Callable[[str], object]) -> Callable[[object], object]:
    """Have `read` given text alone, without the space around it."""

    def reading(value: object) -> object:
        if not isinstance(value, str):
            raise ValueError  # noqa: TRY004  # pydantic tells a ValueError by its setting
        return read(value.strip())

    return reading


def _fits(pattern: str) -> BeforeValidator:
    whole = re.compile(pattern, re.DOTALL)

    def match(text: str) -> str:
        if not whole.fullmatch(text):
            raise ValueError
        return text

    return BeforeValidator(only_text(match))


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError
    return text


def _listed(value: object) -> list[str]:
    """Take a list of texts, or one text with commas between them."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError
    return [part.strip() for part in parts]


def _rising(durations: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
    if any(later <= earlier for earlier, later in itertools.pairwise(durations)):
        raise ValueError
    return durations


def _never(value: object) -> object:
    return None if isinstance(value, str) and value.strip() == "never" else value


def _keys(text: str) -> Secret[tuple[bytes, ...]]:
    """Read base64 keys with commas between them; the first one encrypts."""
    try:
        keys = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(","))
    except binascii.Error:
        keys = ()
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError
    return Secret(keys)


def _host_and_port(text: str) -> HostAndPort:
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None or int(match[3]) > _HIGHEST_PORT:
        raise ValueError
    return HostAndPort(match[1] or match[2], int(match[3]))


def _public_url(text: str) -> str:
    """Read a scheme, a host and perhaps a port.

    The pages' paths are fixed and a `__Host-` cookie is for a whole host, so there is no path.
    """
    url = _web_url(text)
    if url.path not in ("", "/"):
        raise ValueError
    return f"{url.scheme}://{url.netloc}"


def _api_url(text: str) -> str:
    """Read a URL, with a slash at its end, to which methods are added."""
    url = _web_url(text)
    return f"{url.scheme}://{url.netloc}{url.path.rstrip('/')}/"


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError):
        raise ValueError from None


# -- the types


Token = Annotated[SecretStr | None, _fits(r"[!-~]+")]
BotToken = Annotated[SecretStr | None, _fits(r"(?!xapp-|xoxp-)[!-~]+")]
AppToken = Annotated[SecretStr | None, _fits(r"(?!xoxb-|xoxp-)[!-~]+")]
ApiUrl = Annotated[str, PlainValidator(only_text(_api_url))]
PublicUrl = Annotated[str, PlainValidator(only_text(_public_url))]
DatabaseUrl = Annotated[SecretStr, _fits(r"sqlite:///(?!:memory:).+|postgresql\+psycopg://.*")]
SecretKeys = Annotated[Secret[tuple[bytes, ...]], PlainValidator(only_text(_keys))]
Listen = Annotated[HostAndPort, PlainValidator(only_text(_host_and_port))]
Networks = Annotated[tuple[IPvAnyNetwork, ...], BeforeValidator(_listed)]
Duration = Annotated[  # ISO 8601, without years and months, which have no fixed length
    timedelta,
    _fits(r"P(?=[0-9T])([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"),
    Field(gt=timedelta(0), le=timedelta(days=3650)),
]
DurationOrNever = Annotated[Duration | None, BeforeValidator(_never)]
RisingDurations = Annotated[
    tuple[Duration, ...], BeforeValidator(_listed), AfterValidator(_rising), Field(min_length=1)
]
Pattern = Annotated[re.Pattern[str] | None, PlainValidator(only_text(_pattern))]
Line = Annotated[str, BeforeValidator(only_text(_one_line)), Field(max_length=300)]
Issuer = Annotated[Line, Field(max_length=64, pattern="^[^:]*$")]
"""A colon would end it (Key URI format)."""
Channel = Annotated[str | None, _fits(r"[CG][A-Z0-9]{2,}|#[^\s#]+")]
Count = Annotated[int, _fits(r"[1-9][0-9]{0,2}")]


# -- hosts and URLs


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


def _web_url(text: str) -> SplitResult:
    """Return an https URL, or an http one of a loopback address; nothing hidden in it."""
    url = split_url(text)
    if url is None or url.username is not None or url.query or url.fragment:
        raise ValueError
    if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.hostname or "")):
        return url
    raise ValueError
