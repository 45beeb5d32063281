"""What each kind of database is sent where they differ; that SQLite obeys, the contracts show."""

import pytest
from sqlalchemy import Dialect, make_url

from storage.statements import insert_unless_taken
from storage.tables import OPEN, cases, outbox

DIALECTS = [make_url(f"{name}://").get_dialect()() for name in ("postgresql+psycopg", "sqlite")]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_an_insert_skips_what_is_taken_and_says_whether_it_did(dialect: Dialect) -> None:
    """By a row that is returned: PostgreSQL's driver counts no rows of an INSERT."""
    sent = str(insert_unless_taken(outbox, outbox.c.once)(dialect.name).compile(dialect=dialect))
    assert "INSERT INTO outbox" in sent
    assert " ON CONFLICT (once) DO NOTHING RETURNING " in sent


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_partial_index_is_named_by_its_own_words(dialect: Dialect) -> None:
    opening = insert_unless_taken(cases, cases.c.subscriber_id, where=OPEN)(dialect.name)
    sent = str(opening.compile(dialect=dialect))
    assert f" ON CONFLICT (subscriber_id) WHERE {OPEN.text} DO NOTHING RETURNING " in sent
