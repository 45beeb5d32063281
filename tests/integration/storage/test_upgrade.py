"""A database of the first version keeps what it holds when it is brought to the newest."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import bindparam, text

from bot.domain.model.cases import Case, CaseKind, CaseState, Proof
from bot.domain.model.ids import AccountId, CaseId, ContactId, MessageId, SessionId
from bot.domain.model.notices import Message, Notice, NoticeKind
from bot.domain.model.people import Session, SessionStage
from storage.database import LATEST_REVISION, Database, migrations
from storage.engine import make_engine
from storage.types import UtcDateTime
from tests.fakes import NOON, an_event
from tests.fakes.sqlite import SECRET_KEYS, url_of

_ROWS = (
    "INSERT INTO accounts VALUES ('acme', 'Acme Ltd', 'required')",
    """
    INSERT INTO contacts (id, email, username, name, slack_enterprise, password_must_change,
      set_up_required, sign_in_epoch)
    VALUES ('con_alice', 'alice@acme.example', 'alice', 'Alice Archer', '', FALSE, FALSE, 0),
      ('con_bob', 'bob@acme.example', 'bob', 'Bob Brown', '', FALSE, TRUE, 1)
    """,
    """
    INSERT INTO cases (number, id, kind, state, account_id, admin_id, subscriber_id, proof, reason,
      ticket, opened_at, confirm_by, decided_at, completed_at, reminders_sent, next_reminder_at)
    VALUES (7, 'case_1', 'reset', 'completed', 'acme', 'con_alice', 'con_bob', 'video',
      'Lost the phone', 'HELP-7', :noon, :later, :noon, :noon, 1, :later)
    """,
    """
    INSERT INTO sessions (id, contact_id, stage, sign_in_epoch, browser, address, created_at,
      expires_at, token_hash)
    VALUES ('ses_1', 'con_bob', 'awaiting_set_up_code', 1, 'Firefox on Linux', '192.0.2.7', :noon,
      :later, 'hash')
    """,
    """
    INSERT INTO outbox (id, kind, channel, contact_id, case_id, facts, replace_original, once,
      created_at, next_attempt_at, attempts)
    VALUES ('msg_1', 'subscriber_reset', 'slack', 'con_bob', 'case_1', '{}', FALSE, 'reset:1',
      :noon, :noon, 0)
    """,
)

LATER = NOON + timedelta(minutes=5)

CASE = Case(
    id=CaseId("case_1"),
    kind=CaseKind.RESET,
    state=CaseState.COMPLETED,
    account_id=AccountId("acme"),
    admin_id=ContactId("con_alice"),
    subscriber_id=ContactId("con_bob"),
    proof=Proof.VIDEO,
    reason="Lost the phone",
    ticket="HELP-7",
    opened_at=NOON,
    confirm_by=LATER,
    decided_at=NOON,
    completed_at=NOON,
    reminders_sent=1,
)
SESSION = Session(
    id=SessionId("ses_1"),
    contact_id=CASE.subscriber_id,
    stage=SessionStage.AWAITING_SET_UP_CODE,
    sign_in_epoch=1,
    browser="Firefox on Linux",
    address="192.0.2.7",
    created_at=NOON,
    expires_at=LATER,
    authenticator_id=None,
    set_up_code_expires_at=None,
)
MESSAGE = Message(
    id=MessageId("msg_1"),
    notice=Notice(
        kind=NoticeKind.SUBSCRIBER_RESET,
        contact_id=CASE.subscriber_id,
        case_id=CASE.id,
        once="reset:1",
    ),
    created_at=NOON,
    next_attempt_at=NOON,
    attempts=0,
    sent_at=None,
    failed_at=None,
    error=None,
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def first_version(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Lay a database of revision 0001 that holds a completed case, and what goes with it."""
    if request.param == "sqlite":
        url = url_of(tmp_path / "old.db")
    else:
        url = request.getfixturevalue("empty_postgresql_url")
    engine = make_engine(url)
    with engine.begin() as connection:
        command.upgrade(migrations(connection), "0001")
        for statement in _ROWS:
            times = {"noon": NOON, "later": LATER}
            bound = [
                bindparam(name, type_=UtcDateTime) for name in times if f":{name}" in statement
            ]
            connection.execute(
                text(statement).bindparams(*bound), {each.key: times[each.key] for each in bound}
            )
    engine.dispose()
    database = Database(url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


def test_what_was_there_is_there_after_it(first_version: Database) -> None:
    assert LATEST_REVISION > "0001"
    assert not first_version.is_current()
    first_version.upgrade()
    assert first_version.is_current()
    with first_version.snapshot() as reading:
        assert reading.cases.get(CASE.id) == CASE
        assert reading.sessions.by_token_hash("hash") == SESSION
        assert reading.outbox.due(NOON, limit=9) == (MESSAGE,)


def test_an_old_case_is_worked_on_as_a_new_one(first_version: Database) -> None:
    first_version.upgrade()
    admin = CASE.admin_id
    assert admin
    with first_version.unit_of_work() as uow:
        assert uow.cases.completed_of(admin) == (CASE,)
        assert uow.cases.due_to_remind(LATER) == (CASE,)
        assert uow.cases.due_to_lapse(NOON) == (CASE,)
        assert uow.cases.count_completed_by(admin, since=NOON - timedelta(hours=1)) == 1
        assert uow.sessions.waiting_of(CASE.subscriber_id, now=NOON) == (SESSION,)
        assert uow.cases.hand_overs_of(CASE.id) == ()
        assert uow.cases.take_over(CASE.id, by=CASE.subscriber_id, from_=admin)
        assert uow.outbox.add(MESSAGE.notice, now=LATER) is None  # its key is still taken
        uow.audit.record(an_event())
        uow.commit()
    with first_version.snapshot() as reading:
        assert reading.audit.head()[1] == 1
