"""`rekey doctor`, against the stand-in for Slack; and `rekey directory list`."""

import pytest

from playground.slack import SlackStandIn
from tests.integration.cli.conftest import ALICE, BOB, KEY, NEW_KEY, ROSTER, Machine

ELSEWHERE = ROSTER.replace("T01TEST", "T02OTHER")
UNTRUSTED = "warn REKEY_TRUSTED_PROXIES: not set, so every sign-in seems to come from the proxy"
PUBLIC = {"REKEY_PUBLIC_URL": "https://rekey.example"}
LOOPBACK = "warn REKEY_PUBLIC_URL: only this machine's browsers reach it"
PORTAL = {
    "name": "portal",
    "type": "embedded",
    "can": [
        "require_set_up",
        "invalidate",
        "end_sessions",
        "suspend",
        "reinstate",
        "tell_last_use",
    ],
    "cannot": [],
    "answers": True,
}


def code_of(sentence: str) -> int:
    return 1 if sentence.startswith("fail") else 0


def lines_of(machine: Machine, *, code: int) -> list[str]:
    outcome = machine.rekey("doctor")
    assert (outcome.code, outcome.err) == (code, ""), outcome.out
    return outcome.out.splitlines()


def keys(machine: Machine, *, code: int) -> list[str]:
    return [line for line in lines_of(machine, code=code) if " keys: " in line]


@pytest.mark.usefixtures("slack")
def test_all_is_well(peopled: Machine) -> None:
    lines = lines_of(peopled, code=0)
    assert not [line for line in lines if line.startswith("fail")]
    for sentence in (
        "ok   settings: all that serve needs",
        "ok   database: migrated",
        "ok   keys: no shared secret to try them on",
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


@pytest.mark.usefixtures("slack")
def test_keys_are_tried_on_every_shared_secret(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    peopled.done(f"enrol {ALICE} --json")
    assert keys(peopled, code=0) == ["ok   keys: they decrypt what is stored"]
    monkeypatch.setenv("REKEY_SECRET_KEYS", NEW_KEY)
    assert keys(peopled, code=1) == ["fail keys: no key fits 1 shared secret"]
    monkeypatch.setenv("REKEY_SECRET_KEYS", f"{NEW_KEY},{KEY}")
    peopled.done(f"enrol {BOB} --json")
    older = "warn keys: 1 shared secret is under an older key; run rekey keys rotate"
    assert keys(peopled, code=0) == [older]
    peopled.done("keys rotate")
    assert keys(peopled, code=0) == ["ok   keys: they decrypt what is stored"]


@pytest.mark.parametrize(
    ("roster", "sentence"),
    [
        (ELSEWHERE, "fail people: every Slack identity is of another workspace than the bot"),
        (ROSTER.replace("T01TEST", "T02OTHER", 1),
         "warn people: 1 Slack identities are of another workspace"),
        (ROSTER.replace("administrator", "member").replace("owner", "member"),
         "fail people: nobody administers an account, so nobody can reset anybody"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("slack")
def test_people_of_whom_no_use_can_be_made(machine: Machine, roster: str, sentence: str) -> None:
    machine.import_people(roster)
    assert sentence in lines_of(machine, code=code_of(sentence))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SLACK_APP_TOKEN": "{app}"}, "ok   requests: by Socket Mode"),
        ({"SLACK_APP_TOKEN": "xapp-1-made-up"}, "fail requests: Slack refuses SLACK_APP_TOKEN"),
        ({"SLACK_BOT_TOKEN": "xoxb-other"},
         "fail Slack: it refuses SLACK_BOT_TOKEN (invalid_auth)"),
        ({"SLACK_API_URL": "http://127.0.0.1:9/api/"},
         "fail Slack: no proper answer from http://127.0.0.1:9/api/"),
        ({"REKEY_PUBLIC_URL": "http://127.0.0.1:3000"}, LOOPBACK),
        ({"REKEY_PUBLIC_URL": "http://LOCALHOST:3000"}, LOOPBACK),
        ({"REKEY_PUBLIC_URL": "http://[::1]:3000"}, LOOPBACK),
        (PUBLIC, "ok   REKEY_PUBLIC_URL: https"),
        (PUBLIC | {"REKEY_LISTEN": "127.0.0.1:3000"}, UNTRUSTED),
        ({"REKEY_SET_UP_CODE": "off"}, "warn REKEY_SET_UP_CODE: off"),
        ({}, "warn REKEY_HELP_CONTACT: not set"),
        ({}, "warn e-mail: notices leave by Slack alone, and SP 800-63B-4, section 4.6, is not"),
    ],
)  # fmt: skip
def test_a_setting_is_judged(
    peopled: Machine,
    slack: SlackStandIn,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    sentence: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value.format(app=slack.app_token))
    assert [line for line in lines_of(peopled, code=code_of(sentence)) if line.startswith(sentence)]


@pytest.mark.parametrize(
    "settings", [{"REKEY_TRUSTED_PROXIES": "127.0.0.1"}, {"REKEY_LISTEN": "10.0.0.11:3000"}]
)
@pytest.mark.usefixtures("slack")
def test_settings_that_could_not_be_better_are_not_warned_of(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> None:
    rest = {"REKEY_HELP_CONTACT": "the desk, 4711", "REKEY_SET_UP_CODE": "required"}
    for name, value in (PUBLIC | rest | settings).items():
        monkeypatch.setenv(name, value)
    lines = lines_of(peopled, code=0)
    assert not [line for line in lines if line.startswith(("warn REKEY", "warn .env"))]


def test_a_page_that_a_proxy_sends_is_not_printed(
    peopled: Machine, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    slack.faults.server_error("apps.connections.open")
    assert "fail requests: Slack opens no socket" in lines_of(peopled, code=1)
    slack.faults.garbage("auth.test")
    assert f"fail Slack: no proper answer from {slack.api_url}" in lines_of(peopled, code=1)


@pytest.mark.usefixtures("slack")
def test_files_that_others_can_read_are_told(peopled: Machine) -> None:
    peopled.write(".env", "# nothing")
    peopled.database_file.chmod(0o644)
    lines = lines_of(peopled, code=1)
    assert "fail database: others than its owner could read var/rekey.db; now they cannot" in lines
    assert [line for line in lines if line.startswith("warn .env: others than its owner can read")]


def test_settings_that_are_missing_or_wrong(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    lines = lines_of(peopled, code=1)
    assert "fail SLACK_BOT_TOKEN: is missing" in lines
    assert "fail REKEY_SECRET_KEYS: is missing" in lines
    assert "ok   database: migrated" in lines
    monkeypatch.setenv("REKEY_CONFIRM_WITHIN", "soon")
    (line,) = lines_of(peopled, code=1)
    assert line.startswith("fail REKEY_CONFIRM_WITHIN: must be an ISO 8601 duration")


def test_the_portal_answers_and_can_do_everything(peopled: Machine) -> None:
    assert peopled.done("directory list --json").json == {"directories": [PORTAL]}
    table = peopled.done("directory list").out
    assert all(word in table for word in ("portal", "embedded", "end sessions", "yes"))


def test_a_directory_that_does_not_answer_is_listed_and_says_why(machine: Machine) -> None:
    outcome = machine.rekey("directory list --json")
    assert outcome.json == {"directories": [{**PORTAL, "answers": False}]}
    assert (outcome.code, outcome.err) == (
        1,
        "portal: There is no database at var/rekey.db. “rekey db upgrade” makes one.\n",
    )
    assert not machine.database_file.exists()
