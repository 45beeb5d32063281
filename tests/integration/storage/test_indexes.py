"""What is asked often is read from an index, however much is stored."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from bot.domain.model.ids import AccountId, CaseId, ContactId
from bot.domain.model.people import AttemptKind
from storage.attempts import SqlAttempts
from storage.cases import SqlCases
from storage.contacts import SqlContacts
from storage.database import Database
from storage.encryption import SecretBox
from storage.engine import make_engine
from storage.outbox import SqlOutbox
from storage.overview import SqlOverview
from storage.sessions import SqlSessions
from storage.suspensions import SqlSuspensions
from storage.tables import metadata
from tests.fakes import NOON, a_slack_identity
from tests.fakes.sqlite import url_of

NOBODY = ContactId("con_nobody")
BOX = SecretBox([])
RIVALS = text(
    "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'ix_%' AND indexname <> :name"
    " AND tablename = (SELECT tablename FROM pg_indexes WHERE indexname = :name)"
)
IDENTITY = "uq_contacts_slack_enterprise_slack_team_slack_user"


@pytest.fixture
def connection(tmp_path: Path, database: Database) -> Iterator[Connection]:
    assert database.is_current()
    engine = make_engine(url_of(tmp_path / "rekey.db"))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def overview(connection: Connection) -> SqlOverview:
    return SqlOverview(connection, contacts=SqlContacts(connection))


def _plan(connection: Connection, explain: str, ask: Callable[[Connection], object]) -> str:
    """Return how the database goes about the statement that `ask` sends."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        sent.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    ask(connection)
    event.remove(connection, "before_cursor_execute", note)
    statement, parameters = sent[-1]
    return str(connection.exec_driver_sql(explain + statement, parameters).all())


ASKED = [
    pytest.param("ix_cases_to_expire", lambda c: SqlCases(c).due_to_expire(NOON), id="expire"),
    pytest.param("ix_cases_to_remind", lambda c: SqlCases(c).due_to_remind(NOON), id="remind"),
    pytest.param("ix_cases_waiting", lambda c: SqlCases(c).waiting(), id="waiting"),
    pytest.param(
        "ix_cases_waiting",
        lambda c: SqlCases(c).waiting_in([AccountId("acme")], limit=9),
        id="waiting-in-accounts",
    ),
    pytest.param("uq_cases_open", lambda c: SqlCases(c).open_of(NOBODY), id="open"),
    pytest.param("ix_cases_completed", lambda c: SqlCases(c).completed_of(NOBODY), id="digest"),
    pytest.param("ix_cases_executing", lambda c: SqlCases(c).due_to_carry_out(NOON), id="pick-up"),
    pytest.param("ix_cases_to_lapse", lambda c: SqlCases(c).due_to_lapse(NOON), id="lapse"),
    pytest.param(
        "ix_cases_admin_id_completed_at (admin_id=? AND completed_at>?)",
        lambda c: SqlCases(c).count_completed_by(NOBODY, since=NOON),
        id="count-of-an-admin",
    ),
    pytest.param(
        "ix_hand_overs_case_id",
        lambda c: SqlCases(c).hand_overs_of(CaseId("case_none")),
        id="hand-overs",
    ),
    pytest.param(
        "ix_outbox_way",
        lambda c: SqlOutbox(c, box=BOX).opens_at(now=NOON, paces={}),
        id="first-of-each-way",
    ),
    pytest.param("ix_outbox_due", lambda c: SqlOutbox(c, box=BOX).due(NOON, limit=1), id="due"),
    pytest.param(
        "ix_sessions_not_ended",
        lambda c: SqlSessions(c).open_count(NOBODY, now=NOON),
        id="sessions",
    ),
    pytest.param(
        "ix_sessions_not_ended",
        lambda c: SqlSessions(c).waiting_of(NOBODY, now=NOON),
        id="waiting-sign-ins",
    ),
    pytest.param(
        "ix_memberships_account_id_role",
        lambda c: SqlContacts(c).search([AccountId("acme")], "bob", limit=9),
        id="search-within-an-account",
    ),
    pytest.param(
        "ix_memberships_account_id_role",
        lambda c: overview(c).page(AccountId("acme"), "", offset=0, limit=9),
        id="contacts-of-an-account",
    ),
    pytest.param(
        "ix_audit_records_account_id_number",
        lambda c: overview(c).last_acts(AccountId("acme"), limit=9),
        id="last-acts",
    ),
    pytest.param(
        "ix_suspensions_not_lifted",
        lambda c: SqlSuspensions(c, on_change=lambda: None).current(NOBODY),
        id="suspension",
    ),
    pytest.param("ix_suspensions_not_lifted", lambda c: SqlContacts(c).get(NOBODY), id="suspended"),
    pytest.param(
        "slack_enterprise=? AND slack_team=? AND slack_user=?",
        lambda c: SqlContacts(c).by_slack(a_slack_identity()),
        id="identity",
    ),
    pytest.param(
        "ix_attempts_kind_key_at",
        lambda c: SqlAttempts(c).recent(AttemptKind.CODE, "x", since=NOON, limit=1),
        id="attempts",
    ),
    pytest.param(
        "ix_attempts_at", lambda c: SqlAttempts(c).prune(before=NOON, limit=1), id="old-attempts"
    ),
]


@pytest.mark.parametrize(("index", "ask"), ASKED)
def test_it_is_read_from_its_index(
    connection: Connection, index: str, ask: Callable[[Connection], object]
) -> None:
    assert index in _plan(connection, "EXPLAIN QUERY PLAN ", ask)


@pytest.mark.parametrize(("index", "ask"), ASKED)
def test_postgresql_has_an_index_for_it(
    postgresql_url: str, index: str, ask: Callable[[Connection], object]
) -> None:
    """Were there enough to look through: nothing is stored here, and all ways are as short."""
    engine = make_engine(postgresql_url)
    name = index.partition(" ")[0]
    name = {"slack_enterprise=?": IDENTITY}.get(name, name)
    with engine.connect() as connection:  # nothing of this is committed
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        # what others left behind in this database would count in the plan
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no triggers
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)}")
        for rival in connection.scalars(RIVALS, {"name": name}).all():
            connection.exec_driver_sql(f'DROP INDEX "{rival}"')
        plan = _plan(connection, "EXPLAIN ", ask)
    engine.dispose()
    assert name in plan
