"""Statements that each kind of database wants said in its own words."""

import re
from collections.abc import Callable
from functools import cache

from sqlalchemy import Column, Table, TextClause
from sqlalchemy.sql.dml import ReturningInsert


def insert_unless_taken(
    table: Table, column: Column[str], *, where: TextClause | None = None
) -> Callable[[str], ReturningInsert[tuple[str]]]:
    """Return how to insert a row, or none where another has that value of the unique `column`.

    Takes a dialect's name; `where` is the predicate of a partial index. The statement returns the
    row's `column` if it was inserted, and waits for a rival who is about to insert the same value.
    Any other broken constraint is an `IntegrityError`.
    """

    @cache
    def insert_in(dialect: str) -> ReturningInsert[tuple[str]]:
        if dialect == "postgresql":
            from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 50 ms, for it alone

            return (
                postgresql.insert(table)
                .on_conflict_do_nothing(index_elements=[column], index_where=where)
                .returning(column)
            )
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415  # beside the other

        return (
            sqlite.insert(table)
            .on_conflict_do_nothing(index_elements=[column], index_where=where)
            .returning(column)
        )

    return insert_in


def like_pattern(words: str) -> str:
    """Return the pattern of LIKE, escaped with a backslash, for lower-case text with `words`."""
    escaped = re.sub(r"([\\%_])", r"\\\1", words.strip().lower())
    return f"%{escaped}%"
