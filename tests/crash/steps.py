"""Every step in the program that writes or sends, found in its source: none can be forgotten."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import bot
import storage

SENDS = re.compile(r"(chat|views)_[A-Za-z]+|send|send_message")
"""Methods of Slack's clients and of `smtplib` that somebody sees the effect of."""

_OF_ALL_UNITS = ("storage.unit_of_work:SqlUnitOfWork.commit",)
"""How every unit of work commits: its callers are the steps."""


class Kind(StrEnum):
    WRITES = "writes"
    SENDS = "sends"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call in the program's source.

    `name` is `module:Class.method`, with `#2` behind it for the second such call in one function.
    """

    name: str
    kind: Kind
    module: str
    first_line: int
    last_line: int


@cache
def steps() -> tuple[Step, ...]:
    """Return all of them, in the order of the source."""
    return tuple(step for module, path in _sources() for step in _steps_in(module, path))


@cache
def _names() -> dict[tuple[str, int], str]:
    return {
        (step.module, line): step.name
        for step in steps()
        for line in range(step.first_line, step.last_line + 1)
    }


def step_at(module: str, line: int) -> str | None:
    """Return the name of the step in that line; `None` where there is none."""
    return _names().get((module, line))


def _sources() -> Iterator[tuple[str, Path]]:
    for package in (bot, storage):
        root = Path(package.__path__[0])
        for path in sorted(root.rglob("*.py")):
            parts = [package.__name__, *path.relative_to(root).with_suffix("").parts]
            if "migrations" not in parts:
                yield ".".join(part for part in parts if part != "__init__"), path


def _steps_in(module: str, path: Path) -> Iterator[Step]:
    counted: Counter[str] = Counter()
    for owner, call in _calls(ast.parse(path.read_text()), ""):
        kind, name = _kind(call), f"{module}:{owner}"
        if kind is None or name in _OF_ALL_UNITS:
            continue
        counted[name] += 1
        yield Step(
            name=name if counted[name] == 1 else f"{name}#{counted[name]}",
            kind=kind,
            module=module,
            first_line=call.lineno,
            last_line=call.end_lineno or call.lineno,
        )


def _calls(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call under `node` with the qualified name of the function that makes it."""
    for child in ast.iter_child_nodes(node):
        inner = owner
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{owner}.{child.name}" if owner else child.name
        elif isinstance(child, ast.Call):
            yield owner, child
        yield from _calls(child, inner)


def _kind(call: ast.Call) -> Kind | None:
    """Return what the call does: `.commit()` and `….engine.begin()` write, others send."""
    if not isinstance(call.func, ast.Attribute):
        return None
    name, owner = call.func.attr, call.func.value
    if name == "commit":
        return Kind.WRITES
    if name == "begin" and "engine" in ast.unparse(owner):
        return Kind.WRITES
    return Kind.SENDS if SENDS.fullmatch(name) else None
