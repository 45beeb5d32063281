"""`rekey doctor`, against the stand-in for Slack."""

import base64
from collections.abc import Iterator

import pytest

from bot.clock import SystemClock
from playground.slack import SlackStandIn
from tests.integration.cli.conftest import KEY, ROSTER, Machine

NEW_KEY = base64.b64encode(b"n" * 32).decode()


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackStandIn]:
    with SlackStandIn(clock=SystemClock()) as stand_in:
        monkeypatch.setenv("SLACK_API_URL", stand_in.api_url)
        monkeypatch.setenv("SLACK_BOT_TOKEN", stand_in.bot_token)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", stand_in.signing_secret)
        yield stand_in


def lines_of(machine: Machine, *, code: int) -> list[str]:
    outcome = machine.rekey("doctor")
    assert outcome.code == code, outcome.out
    assert outcome.err == ""
    return outcome.out.splitlines()


def told_of_keys(machine: Machine, *, code: int) -> list[str]:
    return [line for line in lines_of(machine, code=code) if " keys: " in line]


@pytest.mark.usefixtures("slack")
class TestDoctor:
    def test_all_is_well(self, peopled: Machine) -> None:
        lines = lines_of(peopled, code=0)
        assert not [line for line in lines if line.startswith("fail")]
        for sentence in (
            "ok   settings: all that serve needs",
            "ok   database: migrated",
            "ok   people: 3 contacts in 2 accounts",
            "warn people: 1 contact without a Slack identity: bob@acme.example",
            "warn people: nobody can reset carol@acme.example",
            "warn people: only one person can reset alice@acme.example",
            "ok   Slack: the bot of the workspace Stand-in",
            "ok   scopes: all that are needed",
            "ok   clock: within 1 s of Slack's",
            "ok   requests: by HTTP, signed",
        ):
            assert sentence in lines

    def test_keys_are_tried_on_every_shared_secret(
        self, peopled: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "ok   keys: no shared secret to try them on" in lines_of(peopled, code=0)
        for name in ("alice", "bob"):
            peopled.rekey("enrol", f"{name}@acme.example", "--json")
        assert "ok   keys: they decrypt what is stored" in lines_of(peopled, code=0)
        monkeypatch.setenv("REKEY_SECRET_KEYS", NEW_KEY)
        assert told_of_keys(peopled, code=1) == ["fail keys: no key fits 2 shared secrets"]

    def test_an_old_key_may_go_only_once_every_shared_secret_is_under_the_first(
        self, peopled: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        peopled.rekey("enrol", "alice@acme.example", "--json")
        monkeypatch.setenv("REKEY_SECRET_KEYS", f"{NEW_KEY},{KEY}")
        peopled.rekey("enrol", "bob@acme.example", "--json")
        assert told_of_keys(peopled, code=0) == [
            "warn keys: 1 shared secret is under an older key; run rekey keys rotate"
        ]
        assert peopled.rekey("keys", "rotate").code == 0
        assert told_of_keys(peopled, code=0) == ["ok   keys: they decrypt what is stored"]

    def test_socket_mode(
        self, peopled: Machine, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        assert "ok   requests: by Socket Mode" in lines_of(peopled, code=0)
        monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1-made-up")
        assert any(
            line.startswith("fail requests: Slack refuses SLACK_APP_TOKEN")
            for line in lines_of(peopled, code=1)
        )

    def test_scopes_that_slack_does_not_tell_are_a_warning(
        self, peopled: Machine, slack: SlackStandIn
    ) -> None:
        slack.tokens.tells_scopes = False
        assert "warn scopes: Slack does not tell them" in lines_of(peopled, code=0)

    def test_a_token_that_slack_refuses(self, peopled: Machine, slack: SlackStandIn) -> None:
        slack.tokens.bot = "xoxb-another"
        assert "fail Slack: it refuses SLACK_BOT_TOKEN (invalid_auth)" in lines_of(peopled, code=1)

    def test_no_answer(self, peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
        assert ("fail Slack: no proper answer from http://127.0.0.1:9/api/") in lines_of(
            peopled, code=1
        )

    def test_a_page_that_a_proxy_sends_is_not_printed(
        self, peopled: Machine, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        slack.faults.server_error("apps.connections.open")
        assert "fail requests: Slack opens no socket" in lines_of(peopled, code=1)
        slack.faults.garbage("auth.test")
        assert f"fail Slack: no proper answer from {slack.api_url}" in lines_of(peopled, code=1)

    def test_people_of_another_workspace(self, machine: Machine) -> None:
        machine.rekey(
            "people", "import", machine.write("r.yaml", ROSTER.replace("T01TEST", "T02OTHER"))
        )
        assert (
            "fail people: every Slack identity is of another workspace than the bot"
        ) in lines_of(machine, code=1)

    def test_some_people_of_another_workspace(self, machine: Machine) -> None:
        roster = ROSTER.replace("T01TEST", "T02OTHER", 1)
        machine.rekey("people", "import", machine.write("r.yaml", roster))
        assert "warn people: 1 Slack identities are of another workspace" in lines_of(
            machine, code=0
        )

    def test_nobody_administers(self, machine: Machine) -> None:
        roster = ROSTER.replace("administrator", "member").replace("owner", "member")
        machine.rekey("people", "import", machine.write("r.yaml", roster))
        assert (
            "fail people: nobody administers an account, so nobody can reset anybody"
        ) in lines_of(machine, code=1)

    def test_a_database_that_others_can_read(self, peopled: Machine) -> None:
        peopled.database_file.chmod(0o644)
        lines = lines_of(peopled, code=1)
        assert (
            "fail database: others than its owner could read var/rekey.db; now they cannot"
        ) in lines

    def test_no_database(self, machine: Machine) -> None:
        assert "fail database: there is none at var/rekey.db; rekey db upgrade makes it" in (
            lines_of(machine, code=1)
        )
        assert not machine.database_file.exists()

    def test_a_file_that_is_no_database(self, machine: Machine) -> None:
        machine.database_file.parent.mkdir()
        machine.database_file.write_text("not a database, not even a short one\n" * 100)
        machine.database_file.chmod(0o600)
        assert (
            "fail database: The database file is damaged, or is not a database at all."
        ) in lines_of(machine, code=1)

    def test_what_might_be_better(self, peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REKEY_SET_UP_CODE", "off")
        peopled.write(".env", "# nothing")
        lines = lines_of(peopled, code=0)
        starts = [
            "warn REKEY_PUBLIC_URL: only this machine's",
            "warn REKEY_SET_UP_CODE: off",
            "warn e-mail: notices leave by Slack alone, and SP 800-63B-4, section 4.6, is not met",
            "warn REKEY_HELP_CONTACT: not set",
            "warn .env: others than its owner can read it",
        ]
        for start in starts:
            assert any(line.startswith(start) for line in lines), start
        monkeypatch.setenv("REKEY_PUBLIC_URL", "https://rekey.example")
        monkeypatch.setenv("REKEY_TRUSTED_PROXIES", "127.0.0.1")
        monkeypatch.setenv("REKEY_HELP_CONTACT", "the desk, 4711")
        monkeypatch.setenv("REKEY_SET_UP_CODE", "required")
        (peopled.path / ".env").unlink()
        lines = lines_of(peopled, code=0)
        assert "ok   REKEY_PUBLIC_URL: https" in lines
        assert not [line for line in lines if line.startswith(("warn REKEY", "warn .env"))]

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
    def test_a_loopback_address_is_none_that_people_reach(
        self, peopled: Machine, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        monkeypatch.setenv("REKEY_PUBLIC_URL", f"http://{host}:3000")
        lines = [line for line in lines_of(peopled, code=0) if "REKEY_PUBLIC_URL" in line]
        assert lines == ["warn REKEY_PUBLIC_URL: only this machine's browsers reach it"]

    @pytest.mark.parametrize(
        ("listen", "trusted", "warnings"),
        [
            ("127.0.0.1:3000", "", 1),
            ("127.0.0.1:3000", "127.0.0.1", 0),
            ("10.0.0.11:3000", "", 0),
        ],
    )
    def test_a_proxy_that_is_not_trusted_hides_who_signs_in(
        self,
        peopled: Machine,
        monkeypatch: pytest.MonkeyPatch,
        listen: str,
        trusted: str,
        warnings: int,
    ) -> None:
        monkeypatch.setenv("REKEY_PUBLIC_URL", "https://rekey.example")
        monkeypatch.setenv("REKEY_LISTEN", listen)
        monkeypatch.setenv("REKEY_TRUSTED_PROXIES", trusted)
        sentence = (
            "warn REKEY_TRUSTED_PROXIES: not set, so every sign-in seems to come from the proxy"
        )
        assert lines_of(peopled, code=0).count(sentence) == warnings


def test_settings_that_are_missing_or_wrong(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    lines = lines_of(peopled, code=1)
    assert "fail SLACK_BOT_TOKEN: is missing" in lines
    assert "fail REKEY_SECRET_KEYS: is missing" in lines
    assert "ok   database: migrated" in lines
    monkeypatch.setenv("REKEY_CONFIRM_WITHIN", "soon")
    lines = lines_of(peopled, code=1)
    assert len(lines) == 1
    assert lines[0].startswith("fail REKEY_CONFIRM_WITHIN: must be an ISO 8601 duration")
