"""`rekey enrol`, by its JSON and by its question."""

import pyotp
import pytest

from tests.integration.cli.conftest import Machine

BOB = "bob@acme.example"


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).now()


def wrong(secret: str) -> str:
    return f"{(int(code_of(secret)) + 500_000) % 1_000_000:06d}"


def test_json_then_confirm(peopled: Machine) -> None:
    begun = peopled.rekey("enrol", BOB, "--json")
    assert (begun.code, begun.err) == (0, "")
    assert set(begun.json) == {"secret", "otpauth_uri", "authenticator_id"}
    assert begun.json["otpauth_uri"].startswith("otpauth://totp/Rekey%20Portal:bob%20")
    secret = begun.json["secret"]

    malformed = peopled.rekey("enrol", BOB, "--confirm", "12345")
    assert (malformed.code, malformed.out) == (1, "")
    assert malformed.err.startswith("A code is six digits")
    assert peopled.rekey("enrol", BOB, "--confirm", wrong(secret)).code == 1

    confirmed = peopled.rekey("enrol", BOB, "--confirm", code_of(secret))
    assert confirmed.code == 0, confirmed.err
    status = peopled.rekey("status", BOB, "--json").json
    (authenticator,) = status["authenticators"]
    assert authenticator["id"] == begun.json["authenticator_id"]
    assert (authenticator["type"], authenticator["state"]) == ("totp", "active")
    (case,) = status["cases"]
    assert (case["kind"], case["state"], case["admin"]) == ("operator", "re_enrolled", None)
    assert peopled.tags().count("operator:case:re_enrolled") == 1


def test_json_and_confirm_together_keep_standard_output_clean(peopled: Machine) -> None:
    secret = peopled.rekey("enrol", BOB, "--json").json["secret"]
    confirmed = peopled.rekey("enrol", BOB, "--json", "--confirm", code_of(secret))
    assert (confirmed.code, confirmed.out) == (0, "")
    assert confirmed.err == f"The authenticator of {BOB} is bound.\n"


def test_an_active_authenticator_is_in_the_way(peopled: Machine) -> None:
    secret = peopled.rekey("enrol", BOB, "--json").json["secret"]
    peopled.rekey("enrol", BOB, "--confirm", code_of(secret))
    again = peopled.rekey("enrol", BOB, "--json")
    assert (again.code, again.out) == (1, "")
    assert again.err.startswith("This contact already has an active authenticator.")


def test_nothing_was_begun(peopled: Machine) -> None:
    outcome = peopled.rekey("enrol", BOB, "--confirm", "123456")
    assert outcome.code == 1
    assert outcome.err.startswith("No enrolment of this contact was begun in the last ten minutes.")


def test_the_question_left_open_says_how_to_go_on(peopled: Machine) -> None:
    outcome = peopled.rekey("enrol", BOB, typed="")
    assert outcome.code == 1
    groups, uri = outcome.out.splitlines()
    assert [len(group) for group in groups.removeprefix("Key: ").split()] == [4] * 8
    assert uri.startswith("URI: otpauth://totp/")
    assert f"rekey enrol {BOB} --confirm CODE" in outcome.err
    secret = groups.removeprefix("Key: ").replace(" ", "")
    assert peopled.rekey("enrol", BOB, "--confirm", code_of(secret)).code == 0


def test_a_wrong_answer_in_a_script_ends_it(peopled: Machine) -> None:
    outcome = peopled.rekey("enrol", BOB, typed="12345\n")
    assert outcome.code == 1
    assert outcome.err.rstrip().endswith("as your authenticator app shows them now.")


def test_keys_are_needed(peopled: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    outcome = peopled.rekey("enrol", BOB, "--json")
    assert (outcome.code, outcome.err) == (1, "REKEY_SECRET_KEYS: is missing\n")
