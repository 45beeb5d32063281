"""What a deployment decides about the pages."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSettings:
    """`csrf_key` is the same on every replica; `secure_cookies` says that browsers come by https.

    Only a request from one of `trusted_proxies` is believed about whom it was forwarded for.
    """

    issuer: str
    help_contact: str | None
    secure_cookies: bool
    csrf_key: bytes = field(repr=False)
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
