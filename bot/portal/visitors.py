"""Where a request comes from: the client's address and its browser, in words of our own."""

from collections.abc import Collection, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

UNKNOWN_ADDRESS = "an unknown address"
UNKNOWN_BROWSER = "an unknown browser"

_BROWSERS = (  # the first that fits: many also name the ones they descend from
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def describe_browser(user_agent: str) -> str:
    """Return the browser and its system, such as `Firefox on Windows`.

    Only words from the lists above appear, since whoever has the password writes the header, and
    the description is shown to the person whose password it is.
    """
    browser = _first(_BROWSERS, user_agent) or UNKNOWN_BROWSER
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def client_address(
    environ: Mapping[str, Any], trusted: Collection[IPv4Network | IPv6Network]
) -> str:
    """Return the address that the request came from.

    `X-Forwarded-For` counts only as far as trusted proxies wrote it: read from its end, the first
    address that is none of theirs is the client. What cannot be read ends the search there.
    """
    found = _parse(str(environ.get("REMOTE_ADDR", "")))
    if found is None:
        return UNKNOWN_ADDRESS
    forwarded = str(environ.get("HTTP_X_FORWARDED_FOR", ""))
    for hop in reversed(forwarded.split(",")):
        address = _parse(hop)
        if address is None or not any(found in network for network in trusted):
            break
        found = address
    return str(found)


def _first(known: Collection[tuple[str, str]], user_agent: str) -> str | None:
    return next((name for mark, name in known if mark in user_agent), None)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.scope_id is None:
        return address.ipv4_mapped or address
    return address if isinstance(address, IPv4Address) else None
