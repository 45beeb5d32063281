"""The commands that run Rekey, and the one that migrates its database."""

from typing import Annotated

import typer

from bot.cli.console import say

database = typer.Typer(help="The database.", no_args_is_help=True)


def playground(
    story: Annotated[
        bool,
        typer.Option("--story", help="Play the whole story in the terminal instead of serving."),
    ] = False,
) -> None:
    """Run the bot against a local stand-in for Slack, with sample people; nothing to configure.

    With --story, exits 0 only if every step was seen.
    """
    from playground.command import run

    raise typer.Exit(run(story=story) or 0)


def serve() -> None:
    """Run the bot for a real workspace.

    By Socket Mode if SLACK_APP_TOKEN is set, by HTTP otherwise; the Portal's pages and health are
    served in either case.
    """
    from bot.server.loading import loading

    with loading():
        from bot.server.serving import serve as serve_until_told
        from bot.settings.loading import load_settings
        from bot.settings.settings import Need

    serve_until_told(load_settings(Need.SLACK, Need.KEYS))


@database.command()
def upgrade() -> None:
    """Migrate the database; start-up does so too."""
    from bot.cli.tools import writing

    writing(new=True)
    say("The database is up to date.")
