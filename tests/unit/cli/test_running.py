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
    ("line", "sentence"),
    [
        ("foo", "No such command 'foo'."),
        ("enrol", "Missing argument 'EMAIL'."),
        ("status --jsn", "No such option: --jsn (Possible options: --json)"),
        ("status a@b c@d", "Got unexpected extra argument(s) (c@d)"),
        ("directory import roster.yaml --dry-run",
         "“rekey directory import” is “rekey people import” now."),
        ("directory forget --help", "“rekey directory forget” is “rekey people forget” now."),
    ],
)  # fmt: skip
def test_wrong_use_is_one_sentence(
    line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert running.run(line.split()) == 2
    written = capsys.readouterr()
    assert (written.out, written.err) == ("", f"{sentence}\n")


def test_no_command_shows_the_help_as_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert running.run([]) == 2
    assert "playground" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("line", "mentions"),
    [
        ("", "playground, serve, doctor, people, directory, enrol, status, audit, keys"),
        ("playground", "--story"),
        ("serve", "SLACK_APP_TOKEN"),
        ("doctor", "exit 1"),
        ("db upgrade", "Migrate"),
        ("people import", "FILE, --dry-run, --prune"),
        ("people bind", "--yes"),
        ("people set-password", "EMAIL, --stdin, --keep"),
        ("people reinstate", "EMAIL, --reason"),
        ("enrol", "EMAIL, --json, --confirm"),
        ("status", "EMAIL, --json"),
        ("audit verify", "--expect-head"),
        ("audit head", "hash"),
        ("audit export", "--format, --since, --until, --account"),
        ("keys rotate", "REKEY_SECRET_KEYS"),
    ],
)
def test_help_is_helpful(
    line: str,
    mentions: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert running.run([*line.split(), "--help"]) == 0
    written = capsys.readouterr().out
    assert [word for word in mentions.split(", ") if word not in written] == []


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert running.run(["--version"]) == 0
    assert capsys.readouterr().out == "rekey 0.1.0\n"


def test_main_ends_the_process_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["rekey", "foo"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


@pytest.mark.parametrize("at_terminal", [True, False])
def test_a_bar_is_shown_at_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, at_terminal: bool
) -> None:
    if at_terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
    with console.progress("Working") as advance:
        advance(1, 2)
    written = capsys.readouterr()
    assert written.out == ""
    assert ("Working" in written.err, bool(written.err)) == (at_terminal, at_terminal)
