"""Processes of the program, forked from one that has imported it: a start takes no second.

`python -m tests.crash.nursery` reads orders, a line each, and answers each with a line: `start …`
with the new process's id, `wait ID` with how that process ended. Each is a process of its own,
which can be killed like any other; importing is all that it is spared.
"""

import json
import os
import signal
import sys
from typing import Any, TextIO

import bot.server.program
import bot.server.serving
from tests.crash import launch
from tests.crash.steps import step_at

_PRELOADED = (bot.server.program, bot.server.serving)


def serve(orders: TextIO, answers: TextIO) -> None:
    """Carry out orders until there are no more; children that are left then are killed."""
    children: set[int] = set()
    for line in orders:
        order = json.loads(line)
        if "start" in order:
            child = os.fork()
            if child == 0:
                orders.close()
                _become(order["start"])
            children.add(child)
            answer = child
        else:
            _, status = os.waitpid(order["wait"], 0)
            children.discard(order["wait"])
            answer = os.waitstatus_to_exitcode(status)
        answers.write(f"{answer}\n")
        answers.flush()
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _become(start: dict[str, Any]) -> None:
    """Be the program that was asked for, from here to the end."""
    code = 1
    try:
        os.chdir(start["folder"])
        os.environ.clear()
        os.environ.update(start["settings"])
        for number, (name, flags) in enumerate(
            (
                (start["typed"], os.O_RDONLY),
                (start["out"], os.O_WRONLY),
                (start["log"], os.O_WRONLY),
            )
        ):
            opened = os.open(name, flags)
            os.dup2(opened, number)
            os.close(opened)
        sys.stdin = os.fdopen(0)
        code = launch.main(start["arguments"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    step_at("", 0)  # so that no child has to read the source
    serve(sys.stdin, sys.stdout)
