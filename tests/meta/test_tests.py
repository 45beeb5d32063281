"""Every test looks at an outcome, none is left out, and none reaches another machine."""

import ast
import os
import re
import socket
from functools import cache
from pathlib import Path

import pytest

from tests.meta.tree import functions, parsed, python_files, relative, walked

# A `verify_…` or `authorize_…` of the domain raises unless its claim holds: that is an outcome.
LOOKS = re.compile(
    r"raises|RaisesGroup|warns|fail|refused|expect|(?:assert|expect|should|verify|authorize)_\w+"
)
LEFT_OUT = re.compile(r"skip|skipif|xfail|importorskip")
TEST_FILES = [path for path in python_files("tests") if path.name.startswith("test_")]


def called(node: ast.AST) -> str | None:
    """Return the bare name of what a call calls."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
        case _:
            return None


@cache
def looking(path: Path) -> set[str]:
    """Return the names of a file's functions that assert something, themselves or by another."""
    calls: dict[str, set[str]] = {}
    found: set[str] = set()
    for function in functions(parsed(path)):
        nodes = walked(function)
        names = {name for node in nodes if (name := called(node))}
        calls.setdefault(function.name, set()).update(names)
        asserts = any(isinstance(node, ast.Assert) for node in nodes)
        if asserts or any(LOOKS.fullmatch(name) for name in names):
            found.add(function.name)
    while more := {name for name in calls if name not in found and calls[name] & found}:
        found |= more
    return found


def test_every_test_asserts_something() -> None:
    faults = [
        f"{relative(path)}:{function.lineno} {function.name}"
        for path in TEST_FILES
        for function in functions(parsed(path))
        if function.name.startswith("test_") and function.name not in looking(path)
    ]
    assert faults == []


def test_every_test_file_has_tests() -> None:
    faults = [
        relative(path)
        for path in TEST_FILES
        if not any(f.name.startswith("test_") for f in functions(parsed(path)))
    ]
    assert faults == []


def test_none_is_left_out() -> None:
    faults = [
        f"{relative(path)}:{node.lineno} {node.attr}"
        for path in python_files("tests")
        if LEFT_OUT.search(path.read_text("utf-8"))  # a few: the others need not be walked
        for node in walked(parsed(path))
        if isinstance(node, ast.Attribute) and LEFT_OUT.fullmatch(node.attr)
    ]
    assert faults == []


def test_another_machine_is_out_of_reach() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:  # connecting sends nothing
        with pytest.raises(AssertionError, match="another machine"):
            sock.connect(("192.0.2.1", 9))
        with pytest.raises(AssertionError, match="another machine"):
            sock.connect_ex(("192.0.2.1", 9))
        sock.connect(("127.0.0.1", 9))


def test_no_setting_comes_from_outside() -> None:
    assert [name for name in os.environ if name.startswith(("REKEY_", "SLACK_"))] == []
