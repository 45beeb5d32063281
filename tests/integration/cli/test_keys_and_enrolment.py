"""`rekey enrol`, `rekey keys rotate` and `rekey db upgrade`."""

import pyotp
import pytest

from tests.integration.cli.conftest import BOB, KEY, NEW_KEY, Machine

CONFIRM = f"enrol {BOB} --confirm"


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def test_json_then_confirm(peopled: Machine) -> None:
    begun = peopled.done(f"enrol {BOB} --json")
    assert begun.err == ""
    assert set(begun.json) == {"secret", "otpauth_uri", "authenticator_id"}
    assert begun.json["otpauth_uri"].startswith("otpauth://totp/Rekey%20Portal:bob%20")
    code = code_of(begun.json["secret"])

    malformed = peopled.rekey(CONFIRM, "12345")
    assert (malformed.code, malformed.out) == (1, "")
    assert malformed.err.startswith("A code is six digits")
    assert peopled.rekey(CONFIRM, f"{(int(code) + 500_000) % 1_000_000:06d}").code == 1

    confirmed = peopled.done(f"{CONFIRM} {code_of(begun.json['secret'])} --json")
    assert (confirmed.out, confirmed.err) == ("", f"The authenticator of {BOB} is bound.\n")
    status = peopled.done(f"status {BOB} --json").json
    (authenticator,) = status["authenticators"]
    assert authenticator["id"] == begun.json["authenticator_id"]
    assert (authenticator["type"], authenticator["state"]) == ("totp", "active")
    (case,) = status["cases"]
    assert (case["kind"], case["state"], case["admin"]) == ("operator", "re_enrolled", None)
    assert peopled.tags().count("operator:case:re_enrolled") == 1

    again = peopled.rekey(f"enrol {BOB} --json")
    assert (again.code, again.out) == (1, "")
    assert again.err.startswith("This contact already has an active authenticator.")


def test_the_question_left_open_says_how_to_go_on(peopled: Machine) -> None:
    outcome = peopled.rekey(f"enrol {BOB}")
    assert outcome.code == 1
    groups, uri = outcome.out.splitlines()
    assert [len(group) for group in groups.removeprefix("Key: ").split()] == [4] * 8
    assert uri.startswith("URI: otpauth://totp/")
    assert f"rekey enrol {BOB} --confirm CODE" in outcome.err
    peopled.done(CONFIRM, code_of(groups.removeprefix("Key: ").replace(" ", "")))


def test_a_wrong_answer_in_a_script_ends_it(peopled: Machine) -> None:
    outcome = peopled.rekey(f"enrol {BOB}", typed="12345\n")
    assert outcome.code == 1
    assert outcome.err.rstrip().endswith("as your authenticator app shows them now.")


def test_after_a_rotation_the_old_key_can_go(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = peopled.done(f"enrol {BOB} --json").json["secret"]
    monkeypatch.setenv("REKEY_AUDIT_CHANNEL", "C01AUDIT")
    monkeypatch.setenv("REKEY_SECRET_KEYS", NEW_KEY)
    alone = peopled.rekey("keys rotate")
    assert (alone.code, alone.err) == (1, "No key in REKEY_SECRET_KEYS fits what is stored.\n")
    monkeypatch.setenv("REKEY_SECRET_KEYS", f"{NEW_KEY},{KEY}")
    assert peopled.done("keys rotate").out.startswith("1 shared secret was encrypted anew")
    assert [notice.slack_address for notice in peopled.due()] == ["C01AUDIT"]
    assert peopled.tags()[-1] == "operator:keys:rotated"
    assert peopled.done("keys rotate").out.startswith("0 shared secrets")
    monkeypatch.setenv("REKEY_SECRET_KEYS", NEW_KEY)
    peopled.done(CONFIRM, code_of(secret))


def test_upgrade_makes_and_migrates(machine: Machine) -> None:
    for _ in range(2):
        assert machine.done("db upgrade").out == "The database is up to date.\n"
    assert machine.database_file.stat().st_mode & 0o077 == 0
