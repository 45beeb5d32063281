"""nginx with the file that is shipped, in front of a real process."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import nginx
from tests.deployment.nginx import Nginx
from tests.faults import scripts
from tests.faults.site import Site
from tests.office import Browser
from tests.process import Served

PAGE = "serve-behind-a-proxy.md"
HOST = "portal.acme.example"


@pytest.fixture
def served(site: Site) -> Iterator[Served]:
    site.machine.settings["REKEY_PUBLIC_URL"] = f"https://{HOST}"
    with site.served() as served:
        yield served


@pytest.fixture
def proxy(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with nginx.serving(tmp_path_factory.mktemp("nginx"), [served.port]) as proxy:
        yield proxy


def test_the_commands_of_the_how_to_tell_that_it_works(site: Site, proxy: Nginx) -> None:
    assert shutil.which("curl"), "curl is not installed"
    reached = f"--cacert {proxy.certificate} --connect-to {HOST}:443:127.0.0.1:{proxy.port}"
    ours = f'curl() {{ command curl {reached} "$@"; }}\n'
    told = scripts.run(site.machine, ours + scripts.block(PAGE, under="Check it"))
    assert told.split() == ["ok", "ready", "404", "401"]


def test_people_sign_in_through_it_and_are_told_from_where(site: Site, proxy: Nginx) -> None:
    """Whatever the client says of itself, it is the proxy that says where it comes from."""
    site.reset("alice", "bob")
    browser = Browser(proxy.url, trust=proxy.trust(), headers={"X-Forwarded-For": "203.0.113.9"})
    form = {"username": "bob", "password": site.staff["bob"].password}
    assert browser.submit("/portal/sign-in", form).path == "/portal/set-up"
    assert {cookie.name for cookie in browser.cookies if cookie.secure} >= {"__Host-rekey_session"}
    bob = site.slack_of("bob")
    waiting = site.message("bob", bob.im, lambda m: "show_set_up_code" in m.action_ids)
    assert "127.0.0.1" in waiting.shown
    assert "203.0.113.9" not in waiting.shown


def test_what_slack_signed_arrives_unchanged(site: Site, proxy: Nginx) -> None:
    body = "command=%2Freset-2fa&text=help&user_id=U01ALICE&team_id=T01TEST&x=%C3%A9+%2B"
    headers = {
        **site.slack.signed_headers(body.encode()),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    browser = Browser(proxy.url, trust=proxy.trust(), headers=headers)
    page = browser.post("/slack/events", body)
    assert page.status == 200
    assert "/reset-2fa @" in page.text


def test_settings_that_are_shown_are_those_that_are_shipped() -> None:
    page = Path(scripts.PAGES / PAGE).read_text("utf-8")
    assert "deploy/nginx.conf" in page
    (server,) = re.findall(r"```nginx\n(.*?)```", page, re.DOTALL)
    shipped = nginx.SHIPPED.read_text("utf-8")
    assert server in shipped
