"""The command line, `rekey`; each command's own imports wait until it is called."""

import io
import sys


def main() -> None:
    """Run the command that the process was started with, and end the process.

    A terminal that has no sign for a character shows a question mark in its place.
    """
    from bot.cli.running import run

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(sys.argv[1:]))
