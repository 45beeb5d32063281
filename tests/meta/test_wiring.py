"""Services are built in `bot/wiring` and nowhere else."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.meta.tree import ROOT, parsed, python_files, relative, walked

OTHERS = {
    "Alerts",
    "Audience",
    "Executor",
    "HomePages",
    "OutboxSender",
    "Recorder",
    "PersonalAnswers",
    "Services",
    "Sweep",
}
WIRING = ROOT / "bot" / "wiring"
SENDERS_TESTS = ROOT / "tests" / "unit" / "outbox"


def services() -> set[str]:
    """Return every class of the domain whose name says so, and what is built like one."""
    return OTHERS | {
        node.name
        for path in python_files("bot/domain")
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Service")
    }


def built_in(path: Path, names: set[str]) -> Iterator[str]:
    for node in walked(parsed(path)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in names:
                yield f"{relative(path)}:{node.lineno}: {name}"


def test_the_wiring_builds_every_service_once() -> None:
    built = [
        what.rpartition(" ")[2]
        for path in WIRING.glob("*.py")
        for what in built_in(path, services())
    ]
    assert sorted(built) == sorted(services())


def test_nobody_else_builds_one_but_the_tests_of_the_sender_itself() -> None:
    found = [
        what
        for path in python_files("bot", "storage", "playground", "tests")
        if path.parent not in (WIRING, SENDERS_TESTS)
        for what in built_in(path, services())
    ]
    assert found == []
