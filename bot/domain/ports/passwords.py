"""Slow hashes of passwords."""

from __future__ import annotations

from typing import Protocol


class Passwords(Protocol):
    """Slow hashes of passwords; takes about 0.2 s of a core, so never inside a transaction."""

    def hash(self, password: str) -> str: ...
    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether they match; does the same work, and is false, where there is no hash."""
        ...

    def is_common(self, password: str) -> bool:
        """Whether all of it, in capitals or not, is among what attackers try first."""
        ...
