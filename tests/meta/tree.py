"""The project's own files, whether or not Git is here to list them."""

import ast
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("bot", "storage", "playground", "benchmarks", "tests")

_MADE = {".git", ".hypothesis", ".venv", "__pycache__", "build", "dist", "htmlcov", "var"}
_MADE_BY_TOOLS = ("_cache", ".egg-info")
_BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
"""Where statements lie within a statement: a function is nowhere else."""

_NOT_OURS = re.compile(r"\.coverage.*|\.env|.*\.pyc")  # .env is the operator's


def files(*under: str) -> list[Path]:
    """Return every file below these folders, or the whole project, but for what was made."""
    roots = [ROOT / name for name in under] if under else [ROOT]
    return sorted(path for root in roots for path in _walk(root))


def python_files(*under: str) -> list[Path]:
    """Return the Python files below these folders of code, or below all of them."""
    return [path for path in files(*(under or CODE)) if path.suffix == ".py"]


def relative(path: Path) -> str:
    """Return how a fault names the file."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"))


@cache
def walked(node: ast.AST) -> tuple[ast.AST, ...]:
    """Return all that `ast.walk` yields, for what is looked at again and again."""
    return tuple(ast.walk(node))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function in a tree of statements, however deep, the outer ones first."""
    waiting = deque([tree])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        for block in _BLOCKS:
            waiting.extend(getattr(node, block, ()))


def _walk(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        made = path.name in _MADE or path.name.endswith(_MADE_BY_TOOLS)
        if path.is_dir() and not made:
            yield from _walk(path)
        elif path.is_file() and not _NOT_OURS.fullmatch(path.name):
            yield path
