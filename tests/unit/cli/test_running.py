"""What a command that goes wrong says, and how it exits."""

import sys

import pytest

from bot.cli import console, main, running
from bot.cli.console import Failed, WrongUse
from bot.domain.model.errors import (
    CaseOpen,
    ContactNotFound,
    PasswordUnfit,
    WorkspaceUnavailableError,
)
from bot.settings.settings import SettingsError
from storage.errors import DatabaseTooNewError

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def told(error: Exception, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run a command that raises."""

    def raise_it(**_: object) -> None:
        raise error

    class Broken:
        main = staticmethod(raise_it)

    monkeypatch.setattr(running, "get_command", lambda _: Broken)
    return running.run(["status"])


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (Failed("It failed."), 1, "It failed."),
        (WrongUse("It was used wrongly."), 2, "It was used wrongly."),
        (SettingsError(["A: is missing", "B: is missing"]), 1, "A: is missing\nB: is missing"),
        (DatabaseTooNewError("Too new."), 1, "Too new."),
        (ContactNotFound(), 1, "No contact has that e-mail address."),
        (WorkspaceUnavailableError(), 1, "Rekey could not reach Slack"),
        (PasswordUnfit(), 1, "A password has 8 to 256 characters, and at least 15"),
        (CaseOpen("Alice Archer"), 1, "Alice Archer"),
    ],
)
def test_each_error_is_one_sentence_and_a_code(
    error: Exception,
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert told(error, monkeypatch) == code
    written = capsys.readouterr()
    assert written.out == ""
    assert sentence in written.err
    assert "Traceback" not in written.err


def test_the_unexpected_is_told_by_its_type_and_place_and_never_by_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(KeyError(f"secret {SECRET}"), monkeypatch) == 1
    written = capsys.readouterr().err
    assert "Something unexpected happened (KeyError)" in written
    assert "test_running.py:" in written
    assert SECRET not in written
    assert "Traceback" not in written


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["foo"], "No such command 'foo'."),
        (["enrol"], "Missing argument 'EMAIL'."),
        (["status", "--jsn"], "No such option: --jsn (Possible options: --json)"),
        (["status", "a@b", "c@d"], "Got unexpected extra argument(s) (c@d)"),
        (
            ["directory", "import", "roster.yaml", "--dry-run"],
            "“rekey directory import” is “rekey people import” now.",
        ),
        (
            ["directory", "forget", "--help"],
            "“rekey directory forget” is “rekey people forget” now.",
        ),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running.run(arguments) == 2
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", f"{sentence}\n")


def test_no_command_shows_the_help_as_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert running.run([]) == 2
    assert "playground" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        (
            [],
            [
                "playground",
                "serve",
                "doctor",
                "people",
                "directory",
                "enrol",
                "status",
                "audit",
                "keys",
            ],
        ),
        (["playground"], ["--story"]),
        (["serve"], ["SLACK_APP_TOKEN"]),
        (["doctor"], ["exit 1"]),
        (["db", "upgrade"], ["Migrate"]),
        (["people", "import"], ["FILE", "--dry-run", "--prune"]),
        (["people", "bind"], ["--yes"]),
        (["people", "set-password"], ["EMAIL", "--stdin", "--keep"]),
        (["people", "reinstate"], ["EMAIL", "--reason"]),
        (["enrol"], ["EMAIL", "--json", "--confirm"]),
        (["status"], ["EMAIL", "--json"]),
        (["audit", "verify"], ["--expect-head"]),
        (["audit", "head"], ["hash"]),
        (["audit", "export"], ["--format", "--since", "--until", "--account"]),
        (["keys", "rotate"], ["REKEY_SECRET_KEYS"]),
    ],
)
def test_help_is_helpful(
    arguments: list[str],
    mentions: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert running.run([*arguments, "--help"]) == 0
    written = capsys.readouterr().out
    for mention in mentions:
        assert mention in written


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert running.run(["--version"]) == 0
    assert capsys.readouterr().out == "rekey 0.1.0\n"


def test_main_ends_the_process_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["rekey", "foo"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


def test_without_a_terminal_there_is_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("Working") as advance:
        advance(1, 2)
    assert "".join(capsys.readouterr()) == ""


def test_with_a_terminal_there_is_a_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with console.progress("Working") as advance:
        advance(1, 2)
    written = capsys.readouterr()
    assert written.out == ""
    assert "Working" in written.err
