"""The package that people install holds everything that the program needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

from bot import __version__
from tests.meta.tree import ROOT, files, relative

PACKAGES = ("bot", "storage", "playground")
MANIFEST = "playground/app_manifest.yml"
"""Copied from beside the packages: the playground's Slack grants what it asks for."""


def test_a_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    subprocess.run(  # noqa: S603  # our own interpreter and nothing from outside
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"rekey_bot-{__version__}-py3-none-any.whl"
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {relative(path) for path in files(*PACKAGES)} | {MANIFEST}
