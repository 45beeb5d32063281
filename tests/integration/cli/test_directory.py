"""`rekey directory list`: where 2FA lives."""

from tests.integration.cli.conftest import Machine

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


def test_the_portal_answers_and_can_do_everything(peopled: Machine) -> None:
    assert peopled.rekey("directory", "list", "--json").json == {"directories": [PORTAL]}
    table = peopled.rekey("directory", "list").out
    assert all(word in table for word in ("portal", "embedded", "end sessions", "yes"))


def test_one_that_does_not_answer_is_listed_and_says_why(machine: Machine) -> None:
    outcome = machine.rekey("directory", "list", "--json")
    assert outcome.json == {"directories": [{**PORTAL, "answers": False}]}
    assert (outcome.code, outcome.err) == (
        1,
        "portal: There is no database at var/rekey.db. “rekey db upgrade” makes one.\n",
    )
    assert not machine.database_file.exists()
