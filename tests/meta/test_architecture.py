"""architecture.md shows the tree, the arrows, the way of a reset and the states of the code."""

import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bot.domain.model.cases import OPEN_STATES, CaseState
from tests.meta.tree import ROOT
from tests.office import Office

PAGE = ROOT / "docs" / "explanation" / "architecture.md"
DOMAIN = ROOT / "bot" / "domain"
MOST_FILES = 14
MOST_BESIDE = 5
FEWEST_ROOMS = 7
STATE_ARROW = re.compile(r"^  (\S+) --> (\w+): ", re.MULTILINE)
BEGINNING = "[*]"
STEP = re.compile(r"^\| [^|]*\| `([\w/.]+)` \| `([\w.]+)` \|$", re.MULTILINE)
INDENT = 2


def section(title: str) -> str:
    return PAGE.read_text("utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]


def folders(folder: Path) -> Iterator[Path]:
    return (each.parent for each in folder.glob("*/__init__.py"))


def rooms() -> dict[str, list[Path]]:
    return {room.name: list(room.rglob("*.py")) for room in folders(DOMAIN)}


class TestTree:
    def test_the_domain_has_rooms_of_a_size_to_be_seen_at_once(self) -> None:
        assert len(rooms()) >= FEWEST_ROOMS
        flat = {name: len(list((DOMAIN / name).glob("*.py"))) for name in rooms()}
        assert {name: size for name, size in flat.items() if size > MOST_FILES} == {}
        beside = [path for path in DOMAIN.glob("*.py") if path.name != "__init__.py"]
        assert len(beside) <= MOST_BESIDE

    def test_each_folder_says_what_lives_there(self) -> None:
        silent = [
            path
            for path in (ROOT / "bot").rglob("__init__.py")
            if not path.read_text("utf-8").startswith('"""')
        ]
        assert silent == []

    def test_the_page_names_every_folder_and_no_other(self) -> None:
        there = {f"bot/{each.name}/" for each in folders(ROOT / "bot")}
        there |= {f"bot/domain/{each.name}/" for each in folders(DOMAIN)}
        there |= {f"bot/domain/{path.name}" for path in DOMAIN.glob("[!_]*.py")}
        there |= {f"bot/{path.name}" for path in (ROOT / "bot").glob("[!_]*.py")}
        drawn = {path for path in paths_drawn() if path.startswith("bot/") and path != "bot/"}
        assert drawn - {"bot/domain/"} == there - {"bot/domain/"}


def paths_drawn() -> Iterator[str]:
    """Yield every path of the page's tree."""
    above: list[str] = []
    for line in section("The tree").partition("```\n")[2].partition("```")[0].splitlines():
        for depth, name in [(len(line) - len(line.lstrip()), line.split()[0])]:
            del above[depth // INDENT :]
            above.append(name)
            yield "".join(above)


class TestArrows:
    def test_the_page_draws_the_layers_that_are_held(self) -> None:
        held = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        contracts = {each["name"]: each for each in held["tool"]["importlinter"]["contracts"]}
        drawn = [set(re.findall(r"\w+", d)) for d in section("The arrows").split("```mermaid")[1:]]
        program = {
            name.removeprefix("bot.")
            for layer in contracts["arrows point at the domain"]["layers"]
            for name in layer.split(" | ")
        } - {"__main__"}
        assert program <= drawn[0]
        inside = contracts["rooms of the domain point downwards"]["layers"]
        assert {name for layer in inside for name in layer.split(" | ")} <= drawn[1]

    @pytest.mark.parametrize(
        ("path", "planted", "broken"),
        [
            ("bot/domain/model/limits.py", "bot.domain.sweep", "rooms of the domain"),
            ("bot/domain/resets/effects.py", "bot.domain.desk.home", "rooms of the domain"),
            ("bot/blocks/layout.py", "bot.wiring", "arrows point"),
            ("storage/errors.py", "storage.database", "no circles of files"),
        ],
    )
    def test_an_arrow_that_leads_back_is_refused(
        self, tmp_path: Path, path: str, planted: str, broken: str
    ) -> None:
        for name in ("bot", "storage", "playground", "pyproject.toml"):
            (tmp_path / name).symlink_to(ROOT / name)
        top = path.partition("/")[0]
        (tmp_path / top).unlink()
        copy_python(ROOT / top, tmp_path / top)
        target = tmp_path / path
        target.write_text(f"import {planted}\n{target.read_text('utf-8')}", "utf-8")
        linted = subprocess.run(  # noqa: S603  # our own linter
            [sys.executable, "-c", LINT], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert linted.returncode == 1, linted.stdout + linted.stderr
        found = [line for line in linted.stdout.splitlines() if line.endswith("BROKEN")]
        assert any(broken in line for line in found), found


LINT = """
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd()))
from importlinter.cli import lint_imports
sys.exit(lint_imports(no_cache=True))
"""


def copy_python(source: Path, to: Path) -> None:
    for path in source.rglob("*.py"):
        copy = to / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


@contextmanager
def entered(steps: set[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Note which of the functions are called, in their order."""
    calls: list[tuple[str, str]] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(str(ROOT)):
            step = (code.co_filename.removeprefix(f"{ROOT}/"), code.co_qualname)
            if step in steps:
                calls.append(step)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


class TestWayOfAReset:
    def test_is_the_one_that_the_page_tells(self, tmp_path: Path) -> None:
        told = STEP.findall(section("A reset, step by step"))
        assert told
        with Office(tmp_path) as office, entered(set(told)) as calls:
            office.reset(office.world.alice, office.world.bob)
            office.set_up(office.world.bob)
        left = iter(calls)
        missed = [step for step in told if not any(call == step for call in left)]
        assert missed == [], [call for call in calls if call in missed]


def state_arrows() -> list[tuple[str, str]]:
    drawn = PAGE.read_text("utf-8").partition("stateDiagram-v2\n")[2].partition("```")[0]
    found = STATE_ARROW.findall(drawn)
    assert len(found) == len(drawn.splitlines())
    return found


class TestLifeOfACase:
    def test_every_state_is_entered_and_no_other(self) -> None:
        assert {to for _, to in state_arrows()} == set(CaseState)

    def test_what_is_open_comes_to_an_end(self) -> None:
        left = {start for start, _ in state_arrows()}
        assert left - {BEGINNING} <= set(CaseState)
        assert left >= OPEN_STATES
