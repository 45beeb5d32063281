"""Small checks of JSON that say what is wrong and where, in the words of Slack's Web API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Check: TypeAlias = Callable[[object, str], Iterator[str]]
"""Yield one message for each thing wrong with the value at that JSON pointer."""


def problem(what: str, pointer: str) -> str:
    """Word a finding as Slack's `response_metadata.messages` do."""
    return f"[ERROR] {what} [json-pointer:{pointer or '/'}]"


def string(
    longest: int, *, shortest: int = 1, pattern: str | None = None, among: tuple[str, ...] = ()
) -> Check:
    """Accept text of `shortest` to `longest` characters, of that form, or one of those words."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must provide a string", pointer)
        elif len(value) > longest:
            yield problem(f"must be less than {longest + 1} characters", pointer)
        elif len(value) < shortest:
            yield problem(f"must be more than {shortest - 1} characters", pointer)
        elif pattern is not None and re.fullmatch(pattern, value) is None:
            yield problem("must match the documented format", pointer)
        elif among and value not in among:
            yield problem(f"must be one of {', '.join(among)}", pointer)

    return check


def boolean(value: object, pointer: str) -> Iterator[str]:
    """Accept true and false."""
    if not isinstance(value, bool):
        yield problem("must provide a boolean", pointer)


def integer(lowest: int, highest: int) -> Check:
    """Accept whole numbers from `lowest` to `highest`."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield problem("must provide a number", pointer)
        elif not lowest <= value <= highest:
            yield problem(f"must be from {lowest} to {highest}", pointer)

    return check


def array(of: Check, *, fewest: int = 1, most: int) -> Check:
    """Accept a list of `fewest` to `most` items, each of which `of` accepts."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must provide an array", pointer)
            return
        if len(value) > most:
            yield problem(f"no more than {most} items allowed", pointer)
        if len(value) < fewest:
            yield problem(f"no fewer than {fewest} items allowed", pointer)
        for position, item in enumerate(value):
            yield from of(item, f"{pointer}/{position}")

    return check


@dataclass(frozen=True)
class Shape:
    """An object with exactly these fields; `rules` see it only when its fields are in order."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)
    rules: tuple[Check, ...] = ()

    def __call__(self, value: object, pointer: str) -> Iterator[str]:
        """Yield what is wrong with `value`; any field not named is."""
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
            return
        found = False
        for finding in self._fields(value, pointer):
            found = True
            yield finding
        if not found:
            for rule in self.rules:
                yield from rule(value, pointer)

    def _fields(self, value: dict[str, object], pointer: str) -> Iterator[str]:
        for name in self.required:
            if name not in value:
                yield problem(f"missing required field: {name}", pointer)
        for name, part in value.items():
            check = self.required.get(name) or self.optional.get(name)
            if check is not None:
                yield from check(part, f"{pointer}/{name}")
            elif name != "type":
                yield problem(f"invalid additional property: {name}", pointer)


def by_type(kinds: Mapping[str, Check]) -> Check:
    """Accept an object whose `type` is one of `kinds`, checked as that kind."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must provide an object", pointer)
        elif "type" not in value:
            yield problem("missing required field: type", pointer)
        elif value["type"] not in kinds:
            yield problem("unsupported type", f"{pointer}/type")
        else:
            yield from kinds[value["type"]](value, pointer)

    return check


def exactly_one(*names: str) -> Check:
    """Refuse an object that has none or several of these fields."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and sum(name in value for name in names) != 1:
            yield problem(f"must define exactly one of {', '.join(names)}", pointer)

    return check


def at_least_one(*names: str) -> Check:
    """Refuse an object that has none of these fields."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and not any(name in value for name in names):
            yield problem(f"must define one of {', '.join(names)}", pointer)

    return check
