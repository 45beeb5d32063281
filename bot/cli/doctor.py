"""`rekey doctor`: one line for each check."""

from collections.abc import Iterator

import typer

from bot.cli.console import say

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor() -> None:
    """Check tokens, scopes, database, keys, clock and people; exit 1 if any check fails."""
    from rich.text import Text

    from bot.cli.checks import every_check
    from bot.cli.findings import Finding, Level

    def told() -> Iterator[Finding]:
        for finding in every_check():
            say(Text.assemble((f"{finding.level:<5}", _STYLES[finding.level]), finding.text))
            yield finding

    failed = sum(finding.level is Level.FAIL for finding in told())
    raise typer.Exit(1 if failed else 0)
