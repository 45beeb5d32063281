"""`rekey serve` as a process, against a Slack that is named by SLACK_API_URL alone."""

import json
import re
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.clock import SystemClock
from playground.slack import SlackStandIn
from playground.slack.courier import SOCKET_MODE
from playground.slack.model import BOT_USER_ID, Message
from playground.slack.person import Person
from tests.integration.process import App, HttpBrowser, Machine, Served, enrol, new_key
from tests.secrecy import (
    KEY,
    RESPONSE_URL,
    SECRETS,
    SHARED_SECRET,
    SIGNING_SECRET,
    TOKEN,
    TRIGGER,
)

MANIFEST = Path(__file__).parents[2] / "app_manifest.yml"
CHANNEL = "C01HELPDESK"
PASSWORD = "plain unrelated words in a row"
PEOPLE = {
    "carol": ("U01CAROL", "Carol Cole", "owner"),
    "alice": ("U01ALICE", "Alice Archer", "administrator"),
    "bob": ("U01BOB", "Bob Brown", "member"),
}
ROSTER = "accounts:\n  - {id: acme, name: Acme Ltd, two_factor: required}\ncontacts:\n" + "".join(
    f"  - email: {username}@acme.example\n    username: {username}\n    name: {name}\n"
    f"    slack: {{team: T01TEST, user: {user}}}\n    roles: {{acme: {role}}}\n"
    for username, (user, name, role) in PEOPLE.items()
)
WAIT = 30
"""Seconds for what the process does by itself after it has answered."""


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=SystemClock(), manifest=MANIFEST) as slack:
        for user, name, _ in PEOPLE.values():
            slack.add_person(user, name=name)
        members = [BOT_USER_ID, *(user for user, _, _ in PEOPLE.values())]
        slack.add_channel(CHANNEL, name="help-desk", members=members)
        SECRETS.add(TOKEN, slack.bot_token, slack.app_token)
        SECRETS.add(SIGNING_SECRET, slack.signing_secret)
        yield slack
        assert slack.violations == []


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """A directory filled by commands alone, to be copied: each takes about a second."""

    machine: Machine
    alice: App
    bob: App


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    machine = a_machine(tmp_path_factory.mktemp("seeded"), key=new_key())
    (machine.folder / "roster.yaml").write_text(ROSTER)
    machine.done("people", "import", "roster.yaml")
    bob = ("people", "set-password", "bob@acme.example", "--stdin", "--keep")
    machine.done(*bob, typed=f"{PASSWORD}\n")
    alice = enrol(machine, "alice@acme.example")
    return Seeded(machine=machine, alice=alice, bob=enrol(machine, "bob@acme.example"))


def a_machine(folder: Path, *, key: str) -> Machine:
    settings = {
        "REKEY_DATABASE_URL": f"sqlite:///{folder}/rekey.db",
        "REKEY_SECRET_KEYS": key,
        "REKEY_LISTEN": "127.0.0.1:0",
    }
    return Machine(folder, settings)


@pytest.fixture
def machine(tmp_path: Path, slack: SlackStandIn) -> Machine:
    machine = a_machine(tmp_path, key=new_key())
    machine.settings |= {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url}
    return machine


def by_http(machine: Machine, slack: SlackStandIn) -> Machine:
    machine.settings["SLACK_SIGNING_SECRET"] = slack.signing_secret
    return machine


def by_socket(machine: Machine, slack: SlackStandIn) -> Machine:
    machine.settings["SLACK_APP_TOKEN"] = slack.app_token
    slack.deliver_to = SOCKET_MODE
    return machine


@dataclass(frozen=True, kw_only=True)
class Office:
    """Acme's people at a machine whose directory was filled by commands alone."""

    machine: Machine
    slack: SlackStandIn
    alice_app: App
    bob_app: App

    @property
    def alice(self) -> Person:
        return self.slack.person("U01ALICE")

    @property
    def bob(self) -> Person:
        return self.slack.person("U01BOB")

    def wait_for_button(
        self, person: Person, channel: str, action: str, *, words: str = ""
    ) -> Message:
        """Return the newest message with that button and these words, as soon as there is one."""

        def found() -> list[Message]:
            messages = person.messages(channel)
            return [m for m in messages if action in m.action_ids and words in m.text]

        self.slack.wait_for(lambda: bool(found()), timeout=WAIT)
        return found()[-1]


@pytest.fixture
def office(machine: Machine, slack: SlackStandIn, seeded: Seeded) -> Office:
    shutil.copytree(seeded.machine.folder, machine.folder, dirs_exist_ok=True)
    machine.settings["REKEY_SECRET_KEYS"] = seeded.machine.settings["REKEY_SECRET_KEYS"]
    SECRETS.add(KEY, machine.settings["REKEY_SECRET_KEYS"])
    SECRETS.add(SHARED_SECRET, seeded.alice.secret, seeded.bob.secret)
    machine.settings["REKEY_TRUSTED_PROXIES"] = "127.0.0.1"
    return Office(
        machine=machine,
        slack=slack,
        alice_app=replace(seeded.alice),
        bob_app=replace(seeded.bob),
    )


def reset_bob(office: Office) -> None:
    """Alice types the command, mistypes her code, enters the right one, and clicks Yes."""
    alice = office.alice
    assert alice.command("/reset-2fa", "<@U01BOB>", channel=CHANNEL).ok
    filled = {"proof": "video", "reason": "Lost the phone"}
    wrong = alice.submit(alice.modal, {**filled, "code": "000000"})
    assert list(wrong.errors) == ["code"]
    assert alice.submit(alice.modal, {**filled, "code": office.alice_app.code()}).ok
    block = office.wait_for_button(alice, CHANNEL, "reset_yes")
    assert alice.click(block, "reset_yes").ok


def set_up_bob(office: Office, served: Served) -> App:
    """Bob signs in, gets his set-up code, and sets 2FA up."""
    browser = HttpBrowser(served.url, headers={"X-Forwarded-For": "203.0.113.9"})
    fields = {"username": "bob", "password": PASSWORD}
    waiting = browser.submit("/portal/sign-in", fields)
    assert waiting.path == "/portal/set-up"
    button = office.wait_for_button(
        office.bob, office.bob.im, "show_set_up_code", words="203.0.113.9"
    )
    assert office.bob.click(button, "show_set_up_code").ok
    (code,) = set(re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", office.bob.modal.shown))
    office.bob.close_all()
    page = browser.submit("/portal/set-up", {"set_up_code": code})
    assert page.heading == "Configure your two-factor authentication"
    app = App(page.key)
    home = browser.submit("/portal/set-up", {"code": app.code()})
    assert (home.path, home.status) == ("/portal/", 200)
    assert "Bob Brown" in home.words
    return app


@pytest.mark.parametrize("reached", [by_http, by_socket])
def test_from_the_command_to_bob_re_enrolled(office: Office, reached: object) -> None:
    assert callable(reached)
    machine, slack = reached(office.machine, office.slack), office.slack
    with Served(machine) as served:
        if reached is by_http:
            slack.deliver_to = f"{served.url}/slack/events"
        else:
            slack.wait_for(lambda: slack.connections > 0, timeout=WAIT)
        reset_bob(office)
        words = "Your 2FA was reset by Alice Archer"
        office.wait_for_button(office.bob, office.bob.im, "reset_report", words=words)
        old = HttpBrowser(served.url)
        old.submit("/portal/sign-in", {"username": "bob", "password": PASSWORD})
        refused = old.submit("/portal/sign-in", {"code": office.bob_app.code()})
        assert refused.heading == "Prove that it is you"

        app = set_up_bob(office, served)
        slack.wait_for(
            lambda: any("set 2FA up again" in m.text for m in office.alice.dm), timeout=WAIT
        )
        again = HttpBrowser(served.url)
        again.submit("/portal/sign-in", {"username": "bob", "password": PASSWORD})
        assert again.submit("/portal/sign-in", {"code": app.code()}).path == "/portal/"
        status = json.loads(machine.done("status", "bob@acme.example", "--json"))
        SECRETS.add(RESPONSE_URL, *slack.workspace.response_urls)
        SECRETS.add(TRIGGER, *slack.workspace.triggers)

    newest = status["cases"][0]
    assert (newest["kind"], newest["state"]) == ("reset", "re_enrolled")
    assert len(status["authenticators"]) == 1
    machine.done("audit", "verify")
    exported = machine.done("audit", "export")
    assert SECRETS.found_in(exported) == set()
    tags = [json.loads(line)["tag"] for line in exported.splitlines()]
    assert [tag for tag in tags if ":case:" in tag and "operator:" not in tag] == [
        "slack:case:awaiting_confirmation",
        "slack:case:executing",
        "slack:case:completed",
        "portal:case:re_enrolled",
    ]


class TestHealth:
    def test_by_http(self, machine: Machine, slack: SlackStandIn) -> None:
        machine.settings["REKEY_METRICS_TOKEN"] = "a-token-for-the-metrics"
        with Served(by_http(machine, slack)) as served:
            browser = HttpBrowser(served.url)
            assert browser.open("/healthz").text == "ok\n"
            assert browser.open("/readyz").text == "ready\n"
            assert "rekey_audit_records 0.0" in browser.open("/metrics").text
            elsewhere = {"X-Forwarded-For": "192.0.2.7"}
            assert HttpBrowser(served.url, headers=elsewhere).open("/metrics").status == 401
            bearer = {**elsewhere, "Authorization": "Bearer a-token-for-the-metrics"}
            assert HttpBrowser(served.url, headers=bearer).open("/metrics").status == 200

            slack.faults.fail("auth.test", error="invalid_auth", times=None)
            slack.wait_for(lambda: browser.open("/readyz").status == 503, timeout=WAIT)
            assert browser.open("/readyz").text.count("\n") == 1
            assert browser.open("/healthz").status == 200
            slack.faults.clear()

    def test_in_socket_mode_the_pages_are_served_and_slacks_endpoint_is_not(
        self, machine: Machine, slack: SlackStandIn
    ) -> None:
        with Served(by_socket(machine, slack)) as served:
            slack.wait_for(lambda: slack.connections > 0, timeout=WAIT)
            browser = HttpBrowser(served.url)
            for path in ("/healthz", "/readyz", "/metrics", "/portal/sign-in"):
                assert browser.open(path).status == 200
            slack.deliver_to = f"{served.url}/slack/events"
            body = b"command=%2Freset-2fa&text=help&user_id=U01ALICE&team_id=T01TEST"
            for secret in ("", "None", slack.signing_secret):
                headers = slack.signed_headers(body, secret=secret)
                answer = slack.deliver_raw(body, headers=headers)
                assert (answer.status, "reset" in answer.body) == (404, False)
        assert machine.done("audit", "head").split()[1] == "0"

    def test_by_http_nothing_wrongly_signed_is_accepted(
        self, machine: Machine, slack: SlackStandIn
    ) -> None:
        with Served(by_http(machine, slack)) as served:
            slack.deliver_to = f"{served.url}/slack/events"
            body = b"command=%2Freset-2fa&text=help&user_id=U01ALICE&team_id=T01TEST"
            for secret in ("", "None", new_key()):
                headers = slack.signed_headers(body, secret=secret)
                assert slack.deliver_raw(body, headers=headers).status == 401

    def test_slack_that_is_away_at_the_start_is_waited_for(
        self, machine: Machine, slack: SlackStandIn
    ) -> None:
        slack.faults.server_error("apps.connections.open", times=1)
        with Served(by_socket(machine, slack)) as served:
            served.wait_for_line(re.compile("no connection to Slack"))
            assert HttpBrowser(served.url).open("/healthz").status == 200


class TestFaults:
    """What is wrong is told in full, and nothing is served."""

    def test_missing_settings_are_all_named(self, tmp_path: Path) -> None:
        ended = Machine(tmp_path, {}).rekey("serve")
        assert ended.returncode == 1
        assert [line.partition(":")[0] for line in ended.stderr.splitlines()] == [
            "SLACK_BOT_TOKEN",
            "SLACK_SIGNING_SECRET",
            "REKEY_SECRET_KEYS",
        ]
        assert list(tmp_path.iterdir()) == []

    def test_wrong_settings_are_all_named_and_no_value_is_shown(self, machine: Machine) -> None:
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
        machine.settings.update(wrong)
        ended = machine.rekey("serve")
        assert ended.returncode == 1
        named = {line.partition(":")[0] for line in ended.stderr.splitlines()}
        assert named == {*wrong, "SLACK_SIGNING_SECRET"}
        assert not [value for value in wrong.values() if value in ended.stdout + ended.stderr]
        assert not machine.database.exists()

    def test_database_of_a_newer_version_is_left_alone(
        self, machine: Machine, slack: SlackStandIn
    ) -> None:
        by_http(machine, slack).done("db", "upgrade")
        with sqlite3.connect(machine.database) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        before = machine.database.read_bytes()
        ended = machine.rekey("serve")
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
        assert "A newer version of Rekey has migrated this database" in ended.stderr
        assert machine.database.read_bytes() == before

    def test_port_that_is_taken_is_told_in_one_sentence(
        self, machine: Machine, slack: SlackStandIn
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            machine.settings["REKEY_LISTEN"] = f"127.0.0.1:{port}"
            ended = by_http(machine, slack).rekey("serve")
        assert ended.returncode == 1
        assert ended.stderr.splitlines()[-1].startswith("REKEY_LISTEN: nothing can listen there: ")
        assert "Traceback" not in ended.stderr

    def test_argument_that_there_is_not_is_wrong_use(self, machine: Machine) -> None:
        ended = machine.rekey("serve", "--loudly")
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr
