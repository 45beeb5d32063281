"""The command line, `rekey`; each command's own imports wait until it is called."""

import sys


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    from bot.cli.running import run

    sys.exit(run(sys.argv[1:]))
