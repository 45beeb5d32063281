"""What every refusal and every fault has: a tag by which it is audited."""

from datetime import datetime
from typing import ClassVar


class Tagged(Exception):
    """Has a tag under which it is audited: its name in snake case."""

    tag: ClassVar[str]

    def __init_subclass__(cls) -> None:
        cls.tag = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")


class Later(Exception):
    """Says when to try again."""

    def __init__(self, retry_at: datetime) -> None:
        super().__init__(retry_at)
        self.retry_at = retry_at


class Refusal(Tagged):
    """A rule said no, and nothing was changed."""


class Fault(Tagged):
    """A check or an act could not be made; nothing was changed."""
