"""Statements that each kind of database wants said in its own words."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Column, Table, TextClause
from sqlalchemy.sql.dml import Insert


def insert_unless_taken(
    table: Table, column: Column[str], *, where: TextClause | None = None
) -> Callable[[str], Insert]:
    """Return how to insert a row, or none where another has that value of the unique `column`.

    Takes a dialect's name; `where` is the predicate of a partial index. It waits for a rival that
    is about to insert the same value. Any other broken constraint is an `IntegrityError`.
    """

    @cache
    def insert_in(dialect: str) -> Insert:
        if dialect == "postgresql":
            from sqlalchemy.dialects import postgresql  # noqa: PLC0415  # 50 ms, for it alone

            into = postgresql.insert(table)
            return into.on_conflict_do_nothing(index_elements=[column], index_where=where)
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415  # beside the other

        return sqlite.insert(table).on_conflict_do_nothing(
            index_elements=[column], index_where=where
        )

    return insert_in
