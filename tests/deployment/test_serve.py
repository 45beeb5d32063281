"""`rekey serve` as a process, with nothing but settings in its environment."""

import json
import re
import socket
import sqlite3

import pytest

from playground.slack.courier import SOCKET_MODE
from tests.faults.site import COMPLETED, WAIT, Site
from tests.office import Browser
from tests.process import Machine, Served, new_key
from tests.secrecy import SECRETS

BODY = b"command=%2Freset-2fa&text=help&user_id=U01ALICE&team_id=T01TEST"


def use_socket(site: Site) -> None:
    del site.machine.settings["SLACK_SIGNING_SECRET"]
    site.machine.settings["SLACK_APP_TOKEN"] = site.slack.app_token


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])
def test_from_the_command_to_bob_re_enrolled(site: Site, socket_mode: bool) -> None:  # noqa: FBT001  # a parameter
    if socket_mode:
        use_socket(site)
    with site.served() as served:
        if socket_mode:
            site.slack.deliver_to = SOCKET_MODE
            site.slack.wait_for(lambda: site.slack.connections > 0, timeout=WAIT)
        assert site.type("alice", "bob").ok
        assert list(site.submit_code("alice", "000000").errors) == ["code"]
        assert site.submit_code("alice").ok
        assert site.yes("alice", site.question("alice")).ok
        site.wait_until_told("bob", COMPLETED)
        old = Browser(served.url)
        password = {"username": "bob", "password": site.staff["bob"].password}
        old.submit("/portal/sign-in", password)
        refused = old.submit("/portal/sign-in", {"code": site.staff["bob"].app.code()})
        assert refused.heading == "Prove that it is you"

        app = site.set_up(served, "bob")
        site.wait_until_told("alice", "set 2FA up again")
        again = Browser(served.url)
        again.submit("/portal/sign-in", password)
        assert again.submit("/portal/sign-in", {"code": app.code()}).path == "/portal/"
        status = json.loads(site.machine.done("status", "bob@acme.example", "--json"))

    newest = status["cases"][0]
    assert (newest["kind"], newest["state"]) == ("reset", "re_enrolled")
    assert len(status["authenticators"]) == 1
    site.machine.done("audit", "verify")
    exported = site.machine.done("audit", "export")
    assert SECRETS.found_in(exported) == set()
    tags = [json.loads(line)["tag"] for line in exported.splitlines()]
    assert [tag for tag in tags if ":case:" in tag] == [
        "slack:case:awaiting_confirmation",
        "slack:case:executing",
        "slack:case:completed",
        "portal:case:re_enrolled",
    ]


def test_by_http_health_is_told_and_nothing_wrongly_signed_is_accepted(site: Site) -> None:
    site.machine.settings["REKEY_METRICS_TOKEN"] = "a-token-for-the-metrics"
    with site.served() as served:
        browser = Browser(served.url)
        assert browser.open("/healthz").text == "ok\n"
        assert browser.open("/readyz").text == "ready\n"
        assert "rekey_audit_records 0.0" in browser.open("/metrics").text
        elsewhere = {"X-Forwarded-For": "192.0.2.7"}
        assert Browser(served.url, headers=elsewhere).open("/metrics").status == 401
        bearer = {**elsewhere, "Authorization": "Bearer a-token-for-the-metrics"}
        assert Browser(served.url, headers=bearer).open("/metrics").status == 200
        for secret in ("", "None", new_key()):
            headers = site.slack.signed_headers(BODY, secret=secret)
            assert site.slack.deliver_raw(BODY, headers=headers).status == 401


def test_in_socket_mode_slack_is_waited_for_and_its_endpoint_is_not_served(site: Site) -> None:
    use_socket(site)
    site.slack.faults.server_error("apps.connections.open", times=1)
    with site.served() as served:
        served.wait_for_line(re.compile("no connection to Slack"))
        browser = Browser(served.url)
        assert browser.open("/healthz").status == 200
        site.slack.wait_for(lambda: site.slack.connections > 0, timeout=WAIT)
        for path in ("/healthz", "/readyz", "/metrics", "/portal/sign-in"):
            assert browser.open(path).status == 200
        for secret in ("", "None", site.slack.signing_secret):
            headers = site.slack.signed_headers(BODY, secret=secret)
            answer = site.slack.deliver_raw(BODY, headers=headers)
            assert (answer.status, "reset" in answer.body) == (404, False)
    assert site.records() == []


def test_a_second_one_on_the_same_file_is_refused_in_one_sentence_and_commands_run(
    site: Site,
) -> None:
    with site.served():
        second = site.machine.rekey("serve")
        assert (second.returncode, second.stderr.count("\n")) == (1, 1)
        assert "serves from" in second.stderr
        assert site.machine.done("db", "upgrade")
        assert json.loads(site.machine.done("status", "--json")) == {"cases": []}
    with Served(site.machine) as again:
        assert again.port


class TestFaults:
    """What is wrong is told in full, and nothing is served."""

    def test_wrong_settings_are_all_named_and_no_value_is_shown(self, site: Site) -> None:
        wrong = {
            "SLACK_BOT_TOKEN": "xapp-1-not-a-bots-token",
            "SLACK_API_URL": "http://slack.example/api/",
            "REKEY_DATABASE_URL": "mysql://someone:hunter22@db.example/rekey",
            "REKEY_SECRET_KEYS": "dG9vIHNob3J0",
            "REKEY_LISTEN": "everywhere",
            "REKEY_PUBLIC_URL": "http://portal.example",
            "REKEY_CONFIRM_WITHIN": "soonish",
            "REKEY_REMIND_AFTER": "P3D,P1D",
        }
        folder = site.machine.folder / "empty"
        folder.mkdir()
        for settings in ({}, wrong):
            ended = Machine(folder, settings).rekey("serve")
            assert ended.returncode == 1
            named = {line.partition(":")[0] for line in ended.stderr.splitlines()}
            assert named == (
                {*settings, "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "REKEY_SECRET_KEYS"}
            )
            assert not [v for v in settings.values() if v in ended.stdout + ended.stderr]
        assert list(folder.iterdir()) == []

    def test_database_of_a_newer_version_is_left_alone(self, site: Site) -> None:
        with sqlite3.connect(site.machine.database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        before = site.machine.database.read_bytes()
        ended = site.machine.rekey("serve")
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
        assert "A newer version of Rekey has migrated this database" in ended.stderr
        assert site.machine.database.read_bytes() == before

    def test_port_that_is_taken_is_told_in_one_sentence(self, site: Site) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            site.machine.settings["REKEY_LISTEN"] = f"127.0.0.1:{port}"
            ended = site.machine.rekey("serve")
        assert ended.returncode == 1
        assert ended.stderr.splitlines()[-1].startswith("REKEY_LISTEN: nothing can listen there: ")
        assert "Traceback" not in ended.stderr
