"""The commands of a how-to page, run as an operator would paste them."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.meta.tree import ROOT
from tests.postgresql import programs
from tests.process import START_WITHIN, Machine

PAGES = ROOT / "docs" / "how-to"
_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)


def block(page: str, *, under: str, number: int = 0) -> str:
    """Return the shell block of that number under a heading."""
    text = (PAGES / page).read_text("utf-8")
    _, _, rest = text.partition(f"\n## {under}\n")
    return str(_BLOCK.findall(rest.partition("\n## ")[0])[number])


def run(machine: Machine, script: str, *, settings: Mapping[str, str] | None = None) -> str:
    """Run a script in the machine's folder, where `rekey` is the program; return its output."""
    folders = [str(Path(sys.executable).parent), str(programs() or ""), "/usr/bin", "/bin"]
    ended = subprocess.run(  # noqa: S603  # what our own documentation says
        ["/bin/sh", "-eu", "-c", script],
        cwd=machine.folder,
        env={**machine.settings, **(settings or {}), "PATH": ":".join(folders), "TZ": "UTC"},
        capture_output=True,
        text=True,
        timeout=4 * START_WITHIN,  # several programs, one after the other
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
