"""What the linters do not see: reasons, sizes, and the domain's few imports."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.meta.tree import functions, parsed, python_files, relative

LONGEST_FUNCTION = 60
LONGEST_FILE = 400

EXCEPTION = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma|pylint|mypy:|ruff:)[^#]*")
REASON = re.compile(r"#\s*\w.*\w.*")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b")


def comments(path: Path, like: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield where each comment stands that holds what is looked for, and its text."""
    text = path.read_text("utf-8")
    if not like.search(text):  # most files: they need not be taken apart
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and like.search(token.string):
            yield f"{relative(path)}:{token.start[0]}", token.string


def test_every_exception_to_a_rule_has_its_reason() -> None:
    faults = [
        f"{place}: {comment}"
        for path in python_files()
        for place, comment in comments(path, EXCEPTION)
        if (found := EXCEPTION.search(comment)) and not REASON.match(comment, found.end())
    ]
    assert faults == []


def test_nothing_is_left_unfinished() -> None:
    faults = [
        f"{place}: {comment}"
        for path in python_files()
        for place, comment in comments(path, UNFINISHED)
    ]
    assert faults == []


def test_every_function_can_be_seen_whole() -> None:
    faults = [
        f"{relative(path)}:{function.lineno} {function.name}"
        for path in python_files()
        for function in functions(parsed(path))
        if (function.end_lineno or 0) - function.lineno >= LONGEST_FUNCTION
    ]
    assert faults == []


def test_no_file_of_the_program_is_long() -> None:
    faults = [
        relative(path)
        for path in python_files("bot", "storage", "playground")
        if path.read_text("utf-8").count("\n") > LONGEST_FILE
    ]
    assert faults == []


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield every module that is imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def test_the_domain_knows_the_standard_library_and_pyotp_in_one_place() -> None:
    faults = [
        f"{relative(path)}: {module}"
        for path in python_files("bot/domain")
        for module in imported(parsed(path))
        if not module.startswith("bot.domain")
        and module.partition(".")[0] not in sys.stdlib_module_names
        and (relative(path), module) != ("bot/domain/proving/totp.py", "pyotp")
    ]
    assert faults == []
