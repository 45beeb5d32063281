"""No file tells where or by whom it was written, and no check is made so that it cannot fail."""

import re

from tests.meta.tree import ROOT, files, relative

# In brackets, so that this file does not tell of them either.
OF_A_MACHINE = re.compile(r"/(?:[w]ork|[r]oot|[h]ome|[U]sers|[f]arm)/\w")
OF_A_REGISTRY = re.compile(
    r"[p]ypi\.org|[p]ythonhosted|[n]pmjs|[d]eb\.debian|--(?:[e]xtra-)?index-url|--[f]ind-links"
)
CANNOT_FAIL = re.compile(r"\|\|\s*(?:true|:)|;\s*true\b|--exit-zero|set \+e|^\t@?-", re.MULTILINE)


def told(pattern: re.Pattern[str]) -> list[str]:
    faults = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:  # a picture
            continue
        faults += [f"{relative(path)}: {match.group()}" for match in pattern.finditer(text)]
    return faults


def test_the_files_are_found() -> None:
    found = {relative(path) for path in files()}
    assert {"Makefile", ".ci/run", "bot/settings/settings.py", "tests/meta/test_tree.py"} <= found
    assert not any(name.startswith((".git/", ".venv/", "build/")) for name in found)


def test_none_names_a_path_of_a_machine() -> None:
    assert told(OF_A_MACHINE) == []


def test_none_names_a_registry() -> None:
    assert told(OF_A_REGISTRY) == []


def test_no_check_is_made_so_that_it_cannot_fail() -> None:
    for name in ("Makefile", ".ci/run"):
        assert CANNOT_FAIL.findall((ROOT / name).read_text("utf-8")) == []
