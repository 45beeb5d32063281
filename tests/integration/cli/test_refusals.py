"""What no command does: one sentence on standard error, the exit code, and nothing is changed."""

import sqlite3

import pytest

from playground.slack import SlackStandIn
from storage.database import LATEST_REVISION
from tests.fakes import a_case
from tests.integration.cli.conftest import ALICE, BOB, CAROL, ROSTER, WITHOUT_BOB, Machine

NOBODY = "nobody@acme.example"
UNKNOWN = "No contact has that e-mail address."
NOT_ASKED = "Slack could not be asked for its members; rekey doctor may say why."
CODE_IN_REASON = "This holds digits that look like a code"


@pytest.mark.parametrize(
    ("line", "typed", "sentence", "tag"),
    [
        (f"people set-password {NOBODY} --stdin", "a new pass word", UNKNOWN,
         "operator:password:contact_not_found"),
        (f"people set-password {BOB} --stdin", "short\n", "A password has 8 to 256",
         "operator:password:password_unfit"),
        (f"people set-password {BOB} --stdin", "", "A password has 8 to 256",
         "operator:password:password_unfit"),
        (f"people suspend {BOB} --reason 'my code is 123456'", "", CODE_IN_REASON,
         "operator:suspension:reason_holds_code"),
        (f"people reinstate {BOB} --reason x", "", "This contact is not suspended, so",
         "operator:suspension:not_suspended"),
        (f"people reinstate {BOB} --reason ' '", "", "Say why",
         "operator:suspension:reason_missing"),
        (f"people forget {BOB} --yes", "", "This contact still belongs to an account.",
         "operator:contact:still_holds_role"),
        (f"reset {NOBODY} --reason x --yes", "", UNKNOWN, "operator:reset:contact_not_found"),
        (f"reset {CAROL} --reason= --yes", "", "Say why", "operator:reset:reason_missing"),
        (f"reset {CAROL} --reason=123456 --yes", "", CODE_IN_REASON,
         "operator:reset:reason_holds_code"),
        (f"enrol {BOB} --confirm 123456", "", "No enrolment of this contact was begun in the last",
         "operator:enrolment:enrolment_not_started"),
        (f"set-up-code {BOB} --reason x", "", "No sign-in of this person waits for a set-up code.",
         "operator:set_up_code:nobody_waits"),
        (f"set-up-code {NOBODY} --reason x", "", UNKNOWN,
         "operator:set_up_code:contact_not_found"),
        (f"set-up-code {BOB} --reason 'code 123456'", "", CODE_IN_REASON,
         "operator:set_up_code:reason_holds_code"),
        (f"status {NOBODY} --json", "", UNKNOWN, None),
        ("audit show 'case_\x1b[31mnone'", "", "There is no case case_ [31mnone.", None),
        ("people bind --yes", "", "SLACK_BOT_TOKEN: is missing", None),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_and_changes_nothing(
    peopled: Machine, line: str, typed: str, sentence: str, tag: str | None
) -> None:
    before = peopled.tags()
    outcome = peopled.rekey(line, typed=typed)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(sentence)
    assert outcome.err.count("\n") == 1
    assert peopled.tags() == before + [tag] * (tag is not None)


def test_a_case_under_way_is_in_the_way_of_a_password(peopled: Machine) -> None:
    bob = peopled.contact(BOB)
    with peopled.stored() as uow:
        uow.cases.add(a_case(subscriber_id=bob.id))
    outcome = peopled.rekey(f"people set-password {BOB} --stdin", typed="a new pass word\n")
    assert outcome.code == 1
    assert outcome.err.startswith("A case of this contact is under way. “rekey status” and their")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"people set-password {BOB}", "There is no terminal to ask at: use --stdin."),
        (f"people forget {BOB}", "There is no terminal to ask at: use --yes."),
        (f"reset {CAROL} --reason x", "There is no terminal to ask at: use --yes."),
        (f"people bind --replace {ALICE}", "There is no terminal to ask at: use --yes."),
        ("people bind", "There is no terminal to ask at: use --yes."),
        ("people bind --to U02ALICE", "--to belongs to --replace."),
        (f"people suspend {BOB}", "Missing option '--reason'."),
        (f"people reinstate {BOB}", "Missing option '--reason'."),
        (f"reset {CAROL} --yes", "Missing option '--reason'."),
        (f"set-up-code {BOB}", "Missing option '--reason'."),
        ("people import nowhere.yaml", "nowhere.yaml cannot be read: No such file or directory."),
        ("people import roster.txt", "roster.txt must end in .yaml, .yml, .csv."),
        ("audit verify --expect-head abc", "A head is 64 hexadecimal digits, as rekey audit head"),
        ("audit export --since yesterday", "--since takes an ISO 8601 date or instant"),
        ("audit export --until 2026-13-01", "--until takes an ISO 8601 date or instant"),
        ("audit export --since 0001-01-01T00:00:00+23:00", "--since takes an ISO 8601 date or"),
        ("audit export --format xml",
         "Invalid value for '--format': 'xml' is not one of 'jsonl', 'csv'."),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("slack")
def test_wrong_use_is_one_sentence_and_changes_nothing(
    peopled: Machine, line: str, sentence: str
) -> None:
    peopled.enrol(CAROL)
    if "forget" in line:
        peopled.import_people(WITHOUT_BOB, "--prune")
    before = peopled.tags()
    outcome = peopled.rekey(line)
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in outcome.err
    assert peopled.tags() == before


@pytest.mark.parametrize("line", [f"enrol {BOB} --json", f"set-up-code {BOB} --reason x"])
def test_keys_that_are_needed_are_asked_for(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    outcome = peopled.rekey(line)
    assert (outcome.code, outcome.err) == (1, "REKEY_SECRET_KEYS: is missing\n")


@pytest.mark.parametrize(
    "line",
    [
        "db upgrade",
        "people import roster.yaml",
        f"people set-password {BOB} --stdin",
        f"people suspend {BOB} --reason x",
        f"reset {CAROL} --reason x --yes",
        "status",
        "audit verify",
        "audit head",
        "audit export",
    ],
)
def test_neither_keys_nor_slack_are_needed(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    peopled.enrol(CAROL)
    monkeypatch.delenv("REKEY_SECRET_KEYS")
    assert peopled.rekey(line, typed="a new pass word\n").code == 0


@pytest.mark.parametrize("line", ["people bind --yes", f"people bind --replace {ALICE} --yes"])
def test_whatever_slack_answers_is_one_sentence(
    peopled: Machine, slack: SlackStandIn, line: str
) -> None:
    def told() -> str:
        outcome = peopled.rekey(line)
        assert (outcome.code, outcome.out) == (1, "")
        return outcome.err

    slack.faults.server_error("users.list")
    assert told() == f"{NOT_ASKED}\n"
    slack.faults.garbage("users.list")
    assert told() == f"{NOT_ASKED}\n"
    slack.workspace.scopes = frozenset({"chat:write"})
    assert told() == "Slack refuses to list its members: missing_scope.\n"
    slack.tokens.bot = "xoxb-another"
    assert told() == f"{NOT_ASKED}\n"


@pytest.mark.parametrize("options", ["", f"--replace {ALICE}", f"--replace {ALICE} --to U02ALICE"])
def test_a_slack_that_is_away_is_one_sentence(
    peopled: Machine, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up")
    outcome = peopled.rekey(f"people bind --yes {options}")
    assert (outcome.code, outcome.err) == (1, f"{NOT_ASKED}\n")
    assert peopled.contact(ALICE).slack


def version(machine: Machine, number: str) -> None:
    """Pretend that another version of Rekey has migrated the database."""
    connection = sqlite3.connect(machine.database_file)
    connection.execute("UPDATE alembic_version SET version_num = ?", (number,))
    connection.commit()
    connection.close()


NEWER = "A newer version of Rekey has migrated this database"


@pytest.mark.parametrize(
    ("number", "line", "sentence"),
    [
        ("9999", "db upgrade", NEWER),
        ("9999", "keys rotate", NEWER),
        ("9999", "people import roster.yaml", NEWER),
        ("9999", "status", NEWER),
        ("9999", "audit verify", NEWER),
        ("9999", "doctor", f"fail database: {NEWER}"),
        ("0001", "status", "The database is of an older version of Rekey: run “rekey db upgrade”."),
        ("0001", "doctor", "fail database: of an older version of Rekey; rekey db upgrade migr"),
    ],
)
def test_a_database_of_another_version_is_left_alone(
    peopled: Machine, number: str, line: str, sentence: str
) -> None:
    version(peopled, number)
    outcome = peopled.rekey(line)
    assert outcome.code == 1
    told = outcome.err + outcome.out
    assert sentence in told if line == "doctor" else told.startswith(sentence)
    version(peopled, LATEST_REVISION)
    assert peopled.rekey("audit verify").code == 0


@pytest.mark.parametrize("line", ["status", "audit verify", "db upgrade", "doctor"])
def test_a_file_that_is_no_database_is_told(machine: Machine, line: str) -> None:
    machine.database_file.parent.mkdir()
    machine.database_file.write_text("not a database, not even a short one\n" * 100)
    machine.database_file.chmod(0o600)
    outcome = machine.rekey(line)
    assert outcome.code == 1
    sentence = "The database file is damaged, or is not a database at all.\n"
    assert sentence in outcome.out if line == "doctor" else outcome.err == sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("status", "There is no database at var/rekey.db. “rekey db upgrade” makes one.\n"),
        ("doctor", "fail database: there is none at var/rekey.db; rekey db upgrade makes it\n"),
        ("people import people.yaml --dry-run", "This was a dry run: nothing was changed.\n"),
        ("people import nowhere.yaml", "nowhere.yaml cannot be read: No such file or directory.\n"),
        ("people import roster.txt", "roster.txt must end in .yaml, .yml, .csv.\n"),
    ],
)
def test_where_there_is_no_database_none_is_made(
    machine: Machine, line: str, sentence: str
) -> None:
    machine.write("people.yaml", ROSTER)
    outcome = machine.rekey(line)
    assert sentence in outcome.out + outcome.err
    assert not machine.database_file.exists()
