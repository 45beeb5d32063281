"""The unit for systemd is well-formed, and hardened."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from storage.passwords import MOST_AT_ONCE
from tests.meta.tree import ROOT

UNIT = ROOT / "deploy" / "rekey.service"
HOME = "/srv/rekey"
MOST_EXPOSED = 2.0
"""Of 10, as `systemd-analyze security` adds it up; sshd's own unit on Debian has 9.6."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it is installed, in a folder of the test's where there is such a program."""
    program = tmp_path / ".venv" / "bin" / "rekey"
    program.parent.mkdir(parents=True)
    program.symlink_to(sys.executable)
    unit = tmp_path / "rekey.service"
    unit.write_text(UNIT.read_text("utf-8").replace(HOME, str(tmp_path)), "utf-8")
    return unit


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.fail("systemd-analyze is not installed: Debian's package is systemd")
    return subprocess.run(  # noqa: S603  # systemd's own program
        [program, *arguments], capture_output=True, text=True, check=False
    )


def test_systemd_takes_it_without_a_word(unit: Path) -> None:
    ended = analyze("verify", "--man=no", str(unit))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_what_systemd_does_not_know_would_be_seen(unit: Path) -> None:
    unit.write_text(unit.read_text("utf-8").replace("ProtectHome=", "ProtectHouse="), "utf-8")
    assert "ProtectHouse" in analyze("verify", "--man=no", str(unit)).stderr


def test_little_is_exposed(unit: Path) -> None:
    told = analyze("security", "--offline=true", "--no-pager", str(unit)).stdout
    found = re.search(r"exposure level for \S+: ([0-9.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= MOST_EXPOSED


def test_it_gives_more_time_to_end_than_the_program_takes() -> None:
    found = re.search(r"^TimeoutStopSec=(\d+)$", UNIT.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    assert int(found[1]) > 15  # the contract's


def test_as_many_passwords_as_are_worked_on_at_once_leave_half_of_its_memory() -> None:
    sizing = (ROOT / "docs" / "how-to" / "deploy.md").read_text("utf-8")
    held = re.search(r"^\| after 20 resets \|.* (\d+) MiB \|$", sizing, re.MULTILINE)
    most = re.search(r"^MemoryMax=(\d+)M$", UNIT.read_text("utf-8"), re.MULTILINE)
    assert held is not None
    assert most is not None
    hashing = MOST_AT_ONCE * PasswordHasher().memory_cost / 1024
    assert int(held[1]) + hashing <= int(most[1]) / 2
