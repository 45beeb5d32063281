"""What a check of `rekey doctor` found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: Level
    text: str


def ok(text: str) -> Finding:
    """Return what is as it should be."""
    return Finding(Level.OK, text)


def warn(text: str) -> Finding:
    """Return what works, and should be known."""
    return Finding(Level.WARN, text)


def fail(text: str) -> Finding:
    """Return what does not work."""
    return Finding(Level.FAIL, text)
