"""The keys under which shared secrets are encrypted."""

import typer

from bot.cli.console import say

app = typer.Typer(help="The keys that encrypt shared secrets.", no_args_is_help=True)


@app.callback()
def _keys() -> None:
    pass


@app.command()
def rotate() -> None:
    """Encrypt every shared secret under the first key of REKEY_SECRET_KEYS.

    Put a new key in front, keep the old ones, run this, and remove the old ones afterwards.
    """
    from bot.cli.tools import writing
    from bot.settings.settings import Need

    tools = writing(Need.KEYS)
    moved = tools.services.operators.rotate_keys(operator=tools.operator)
    secrets = "1 shared secret was" if moved == 1 else f"{moved} shared secrets were"
    say(f"{secrets} encrypted anew; all are under the first key now.")
