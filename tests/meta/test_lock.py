"""`requirements.lock` pins everything by its hash, and names no place to get it from."""

import re
import tomllib

import pytest

from tests.meta.tree import ROOT

LOCK = (ROOT / "requirements.lock").read_text("utf-8")
REQUIREMENTS = re.split(r"\n(?=[^\s#])", LOCK.replace("\\\n", "\n").strip())


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None
    return normalised(match.group())


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=name_of)
def test_each_line_is_pinned_and_hashed(requirement: str) -> None:
    pin, *rest = [line.strip() for line in requirement.splitlines()]
    assert re.fullmatch(r"[a-z0-9-]+(?:\[[a-z,]+\])?==[a-z0-9.+]+(?: ; .+)?", pin)
    hashes = [line for line in rest if line and not line.startswith("#")]
    assert hashes
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in hashes)


def test_it_names_no_host_and_no_path() -> None:
    options = [line for line in LOCK.splitlines() if line.startswith("-")]
    assert options == []
    assert "://" not in LOCK
    assert not re.search(r"(?:^|\s)[./~]*/\w", LOCK)


def test_it_holds_everything_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = {
        name_of(requirement)
        for group in (
            project["build-system"]["requires"],
            project["project"]["dependencies"],
            *project["project"]["optional-dependencies"].values(),
        )
        for requirement in group
    }
    assert asked <= {name_of(requirement) for requirement in REQUIREMENTS}
