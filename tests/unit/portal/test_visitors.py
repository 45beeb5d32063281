"""Where a request comes from."""

from ipaddress import ip_network

import pytest

from bot.portal.visitors import client_address, describe_browser

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        pytest.param("192.0.2.7", None, "192.0.2.7", id="no proxy"),
        pytest.param("192.0.2.7", "198.51.100.1", "192.0.2.7", id="header from a stranger"),
        pytest.param("10.0.0.1", "198.51.100.1", "198.51.100.1", id="one trusted proxy"),
        pytest.param("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1", id="forged front"),
        pytest.param("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1", id="two proxies"),
        pytest.param("10.0.0.1", "10.0.0.3 , 10.0.0.2", "10.0.0.3", id="nothing but proxies"),
        pytest.param("10.0.0.1", "198.51.100.1, <script>, 10.0.0.2", "10.0.0.2", id="rubbish"),
        pytest.param("10.0.0.1", "", "10.0.0.1", id="empty header"),
        pytest.param("10.0.0.1", None, "10.0.0.1", id="proxy without header"),
        pytest.param("::ffff:192.0.2.7", None, "192.0.2.7", id="IPv4 in IPv6"),
        pytest.param("2001:db8:ffff::1", "2001:DB8::7", "2001:db8::7", id="IPv6"),
        pytest.param("10.0.0.1", "fe80::1%eth0<b>", "10.0.0.1", id="scope that is no address"),
        pytest.param("", None, "an unknown address", id="none"),
        pytest.param("a socket", "198.51.100.1", "an unknown address", id="not an address"),
    ],
)
def test_client_address(remote: str, forwarded: str | None, client: str) -> None:
    environ = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(environ, TRUSTED) == client


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/140.0.0.0 Safari/537.36"
IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)"


@pytest.mark.parametrize(
    ("user_agent", "description"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Edg/140.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME}", "Chrome on Windows"),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) {WEBKIT} Version/18.5 Safari/605.1.15",
            "Safari on Mac",
        ),
        (f"{IOS} {WEBKIT} CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        (f"Mozilla/5.0 (Linux; Android 15) {CHROME}", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0", "Firefox on Linux"),
        ("curl/8.9", "an unknown browser"),
        ("", "an unknown browser"),
    ],
)
def test_browser_in_words_of_our_own(user_agent: str, description: str) -> None:
    assert describe_browser(user_agent) == description


def test_nothing_of_a_hostile_user_agent_is_shown() -> None:
    hostile = "<!channel> call +1 555 0100 Firefox/1 *Linux* <https://evil.example|here>" * 1000
    assert describe_browser(hostile) == "Firefox on Linux"
