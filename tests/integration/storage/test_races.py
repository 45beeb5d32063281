"""Every race, forced: a rival commits just before our own write is sent, and one of the two wins.

On SQLite our write runs in a deferred transaction, so that the rival can pass; a unit of work would
make it wait, which is a second guard and is tested apart. On PostgreSQL both are open at once: the
rival either commits just before our write, or has written and not committed when ours comes, which
then waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bot.domain.model.cases import CaseState
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import SessionStage
from bot.domain.ports.unit_of_work import UnitOfWork
from bot.domain.proving import totp
from storage.authenticators import SqlAuthenticators
from storage.cases import SqlCases
from storage.contacts import SqlContacts
from storage.database import Database
from storage.encryption import SecretBox
from storage.engine import for_reading, make_engine
from storage.outbox import SqlOutbox
from storage.sessions import SqlSessions
from tests.fakes import (
    NOON,
    World,
    a_case,
    a_session,
    a_slack_identity,
    an_authenticator,
)
from tests.fakes.postgresql import wait_until_somebody_waits
from tests.fakes.sqlite import SECRET_KEYS, a_database, url_of

STEP = totp.step_at(NOON)
WAITS = "rekey_test_waits"
"""Execution option of an engine whose rivals have not committed yet."""
IN_TEN_MINUTES = NOON + timedelta(minutes=10)


class Repositories:
    """The repositories over a transaction of ours; on SQLite it locks at its first write."""

    def __init__(self, connection: Connection) -> None:
        box = SecretBox(SECRET_KEYS)
        self.contacts = SqlContacts(connection)
        self.authenticators = SqlAuthenticators(connection, box=box)
        self.sessions = SqlSessions(connection)
        self.cases = SqlCases(connection)
        self.outbox = SqlOutbox(connection, box=box)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("rival has committed", marks=pytest.mark.postgresql),
        pytest.param("rival has not committed", marks=pytest.mark.postgresql),
    ]
)
def ground(request: pytest.FixtureRequest) -> str:
    """What the race is run on."""
    return str(request.param)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path, ground: str) -> Iterator[Database]:
    if ground == "sqlite":
        database = a_database(tmp_path)
    else:
        url = request.getfixturevalue("postgresql_url")
        database = Database(url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


@pytest.fixture
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, ground: str, database: Database
) -> Iterator[Engine]:
    """Another way into the database, past its writer lock."""
    assert database.is_current()
    if ground == "sqlite":
        engine = make_engine(url_of(tmp_path / "rekey.db"))
    else:
        engine = make_engine(request.getfixturevalue("postgresql_url"))
    yield engine.execution_options(**{WAITS: ground == "rival has not committed"})
    engine.dispose()


Act = Callable[[Any], object]


def _race(
    engine: Engine, database: Database, ours: Act, rivals: Act | None = None
) -> tuple[object, object]:
    """Return what the rival got and what we got."""
    race = _we_wait if engine.get_execution_options()[WAITS] else _a_rival_passes
    return race(engine, database, ours, rivals or ours)


def _a_rival_passes(
    engine: Engine, database: Database, ours: Act, rivals: Act
) -> tuple[object, object]:
    """Let the rival's act happen, committed, just before our first INSERT or UPDATE."""
    outcomes: list[object] = []

    def pass_first(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE")) and not outcomes:
            with database.unit_of_work() as uow:
                outcomes.append(rivals(uow))
                uow.commit()

    event.listen(engine, "before_cursor_execute", pass_first)
    deferred = for_reading(engine) if engine.dialect.name == "sqlite" else engine
    with deferred.begin() as connection:
        mine = ours(Repositories(connection))
    event.remove(engine, "before_cursor_execute", pass_first)
    assert len(outcomes) == 1, "the rival did not pass"
    return outcomes[0], mine


def _we_wait(engine: Engine, database: Database, ours: Act, rivals: Act) -> tuple[object, object]:
    """Let the rival write first, and commit once our own write waits for that."""
    outcomes: list[object] = []
    written = threading.Event()

    def write_and_wait() -> None:
        with database.unit_of_work() as uow:
            outcomes.append(rivals(uow))
            written.set()
            wait_until_somebody_waits(engine)
            uow.commit()

    rival = threading.Thread(target=write_and_wait)
    rival.start()
    assert written.wait(30)
    with engine.begin() as connection:
        mine = ours(Repositories(connection))
    rival.join()
    assert len(outcomes) == 1, "the rival did not write"
    return outcomes[0], mine


def _prepare(database: Database, prepare: Callable[[UnitOfWork], object]) -> None:
    with database.unit_of_work() as uow:
        prepare(uow)
        uow.commit()


def test_of_two_yes_one_moves_the_case(engine: Engine, database: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id)
    _prepare(database, lambda uow: uow.cases.add(case))

    def yes(uow: UnitOfWork) -> object:
        return uow.cases.move(
            case.id,
            states=[CaseState.AWAITING_CONFIRMATION],
            to=CaseState.EXECUTING,
            now=NOON,
        )

    rivals, mine = _race(engine, database, yes)
    assert rivals is not None
    assert mine is None


def test_yes_and_no_have_one_winner(engine: Engine, database: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id)
    _prepare(database, lambda uow: uow.cases.add(case))

    def answer(to: CaseState) -> Callable[[UnitOfWork], object]:
        states = [CaseState.AWAITING_CONFIRMATION]
        return lambda uow: uow.cases.move(case.id, states=states, to=to, now=NOON)

    rivals, mine = _race(
        engine, database, answer(CaseState.EXECUTING), rivals=answer(CaseState.DECLINED)
    )
    assert rivals is not None
    assert mine is None
    with database.unit_of_work() as uow:
        decided = uow.cases.get(case.id)
    assert decided
    assert decided.state is CaseState.DECLINED


def test_of_two_new_cases_of_a_subscriber_one_is_opened(
    engine: Engine, database: Database, world: World
) -> None:
    def open_case(uow: UnitOfWork) -> object:
        return uow.cases.add(a_case(subscriber_id=world.bob.id))

    assert _race(engine, database, open_case) == (True, False)
    with database.unit_of_work() as uow:
        assert len(uow.cases.of(world.bob.id)) == 1


def test_of_two_who_take_a_case_over_one_gets_it(
    engine: Engine, database: Database, world: World
) -> None:
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def take_over(person: Any) -> Callable[[UnitOfWork], object]:
        return lambda uow: uow.cases.take_over(case.id, by=person.id, from_=world.alice.id)

    rivals, mine = _race(engine, database, take_over(world.alan), rivals=take_over(world.carol))
    assert rivals == replace(case, taken_over_by=world.carol.id)
    assert mine is None
    with database.unit_of_work() as uow:
        assert uow.cases.get(case.id) == rivals


def test_a_re_enrolment_beats_a_take_over(engine: Engine, database: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def take_over(uow: UnitOfWork) -> object:
        return uow.cases.take_over(case.id, by=world.alan.id, from_=world.alice.id)

    def re_enrol(uow: UnitOfWork) -> object:
        return uow.cases.move(
            case.id, states=[CaseState.COMPLETED], to=CaseState.RE_ENROLLED, now=NOON
        )

    assert _race(engine, database, take_over, rivals=re_enrol)[1] is None


def test_of_two_sweeps_one_spares_a_case(engine: Engine, database: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def spare(uow: UnitOfWork) -> object:
        return uow.cases.spare(case.id, now=NOON)

    assert _race(engine, database, spare) == (True, False)


def test_a_re_enrolment_beats_the_lapse(engine: Engine, database: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def leave(to: CaseState) -> Callable[[UnitOfWork], object]:
        states = [CaseState.COMPLETED]
        return lambda uow: uow.cases.move(case.id, states=states, to=to, now=NOON)

    rivals, mine = _race(
        engine, database, leave(CaseState.LAPSED), rivals=leave(CaseState.RE_ENROLLED)
    )
    assert rivals is not None
    assert mine is None


def test_two_supersede_a_case_once(engine: Engine, database: Database, world: World) -> None:
    case = a_case(subscriber_id=world.bob.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def supersede(uow: UnitOfWork) -> object:
        return len(
            uow.cases.supersede(
                world.bob.id, by=a_case(subscriber_id=case.subscriber_id).id, now=NOON
            )
        )

    assert _race(engine, database, supersede) == (1, 0)


def test_of_two_sweeps_one_counts_a_reminder(
    engine: Engine, database: Database, world: World
) -> None:
    case = a_case(subscriber_id=world.bob.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def remind(uow: UnitOfWork) -> object:
        return uow.cases.schedule_reminder(case.id, sent_before=0, sent=1, next_at=None)

    assert _race(engine, database, remind) == (True, False)


def test_a_re_enrolment_beats_the_reminder(
    engine: Engine, database: Database, world: World
) -> None:
    case = a_case(subscriber_id=world.bob.id, state=CaseState.COMPLETED)
    _prepare(database, lambda uow: uow.cases.add(case))

    def remind(uow: UnitOfWork) -> object:
        return uow.cases.schedule_reminder(case.id, sent_before=0, sent=1, next_at=None)

    def re_enrol(uow: UnitOfWork) -> object:
        return uow.cases.move(
            case.id, states=[CaseState.COMPLETED], to=CaseState.RE_ENROLLED, now=NOON
        )

    assert _race(engine, database, remind, rivals=re_enrol)[1] is False


def test_one_step_is_accepted_once(engine: Engine, database: Database, world: World) -> None:
    alices = world.alice.authenticator_id
    assert alices

    def accept(uow: UnitOfWork) -> object:
        return uow.authenticators.accept_step(alices, step=STEP, now=NOON)

    assert _race(engine, database, accept) == (True, False)


def test_an_earlier_step_loses_to_a_later_one(
    engine: Engine, database: Database, world: World
) -> None:
    alices = world.alice.authenticator_id
    assert alices

    def accept(step: int) -> Callable[[UnitOfWork], object]:
        return lambda uow: uow.authenticators.accept_step(alices, step=step, now=NOON)

    assert _race(engine, database, accept(STEP), rivals=accept(STEP + 1)) == (True, False)


def test_a_step_loses_to_a_reset(engine: Engine, database: Database, world: World) -> None:
    bobs = world.bob.authenticator_id
    assert bobs

    def accept(uow: UnitOfWork) -> object:
        return uow.authenticators.accept_step(bobs, step=STEP, now=NOON)

    def reset(uow: UnitOfWork) -> object:
        return uow.authenticators.invalidate_all(world.bob.id, now=NOON)

    assert _race(engine, database, accept, rivals=reset) == ((bobs,), False)


def test_a_pending_authenticator_is_bound_once(
    engine: Engine, database: Database, world: World
) -> None:
    pending = an_authenticator(world.dana.id)
    _prepare(database, lambda uow: uow.authenticators.add(pending, shared_secret="S"))

    def activate(uow: UnitOfWork) -> object:
        return uow.authenticators.activate(pending.id, step=STEP, now=NOON)

    assert _race(engine, database, activate) == (True, False)


def test_wrong_codes_of_two_at_once_are_both_counted(
    engine: Engine, database: Database, world: World
) -> None:
    bobs = world.bob.authenticator_id
    assert bobs
    _race(engine, database, lambda uow: uow.authenticators.count_failure(bobs))
    with database.unit_of_work() as uow:
        counted = uow.authenticators.get(bobs)
    assert counted
    assert counted.failed_in_a_row == 2


def test_two_epochs_raised_at_once_are_two(
    engine: Engine, database: Database, world: World
) -> None:
    def raise_epoch(uow: UnitOfWork) -> object:
        return uow.contacts.raise_sign_in_epoch(world.bob.id)

    assert _race(engine, database, raise_epoch) == (1, 2)


def test_a_sign_in_advances_once(engine: Engine, database: Database, world: World) -> None:
    session = a_session(world.bob.id)
    _prepare(database, lambda uow: uow.sessions.add(session, token_hash="token 1"))
    made = iter(["token 2", "token 3"])

    def advance(uow: UnitOfWork) -> object:
        return uow.sessions.advance(
            session.id,
            stage=SessionStage.AWAITING_CODE,
            to=SessionStage.SIGNED_IN,
            token_hash=next(made),
            expires_at=IN_TEN_MINUTES,
        )

    assert _race(engine, database, advance) == (True, False)


def test_a_sign_in_that_verified_the_old_code_loses_to_the_reset(
    engine: Engine, database: Database, world: World
) -> None:
    session = a_session(world.bob.id)
    _prepare(database, lambda uow: uow.sessions.add(session, token_hash="token 1"))

    def advance(uow: UnitOfWork) -> object:
        return uow.sessions.advance(
            session.id,
            stage=SessionStage.AWAITING_CODE,
            to=SessionStage.SIGNED_IN,
            token_hash="token 2",
            expires_at=IN_TEN_MINUTES,
        )

    def reset(uow: UnitOfWork) -> object:
        return uow.sessions.end_all(world.bob.id, now=NOON)

    assert _race(engine, database, advance, rivals=reset) == (1, False)


def test_a_set_up_code_typed_twice_is_spent_once(
    engine: Engine, database: Database, world: World
) -> None:
    session = a_session(world.bob.id, stage=SessionStage.AWAITING_SET_UP_CODE)

    def show(uow: UnitOfWork) -> None:
        uow.sessions.add(session, token_hash="token 1")
        uow.sessions.set_set_up_code(session.id, code_hash="code", expires_at=IN_TEN_MINUTES)

    _prepare(database, show)

    def spend(uow: UnitOfWork) -> object:
        return uow.sessions.spend_set_up_code(session.id, code_hash="code", now=NOON)

    assert _race(engine, database, spend) == (True, False)


@pytest.mark.parametrize("ending", ["mark_sent", "mark_failed"])
def test_a_message_is_dealt_with_once(engine: Engine, database: Database, ending: str) -> None:
    with database.unit_of_work() as uow:
        message_id = uow.outbox.add(Notice(kind=NoticeKind.REPLY), now=NOON)
        uow.commit()
    assert message_id

    def end(uow: UnitOfWork) -> object:
        if ending == "mark_sent":
            return uow.outbox.mark_sent(message_id, now=NOON)
        return uow.outbox.mark_failed(message_id, now=NOON, error="never", holder=None)

    assert _race(engine, database, end) == (True, False)


def test_a_notice_of_one_key_is_written_once(engine: Engine, database: Database) -> None:
    def write(uow: UnitOfWork) -> object:
        notice = Notice(kind=NoticeKind.REPLY, once="reminder:1")
        return uow.outbox.add(notice, now=NOON) is not None

    assert _race(engine, database, write) == (True, False)


def test_an_identity_is_bound_to_one_of_two(
    engine: Engine, database: Database, world: World
) -> None:
    def bind(person: Any) -> Callable[[UnitOfWork], object]:
        return lambda uow: uow.contacts.bind_slack(person.id, a_slack_identity("U01NEW"))

    assert _race(engine, database, bind(world.bob), rivals=bind(world.dana)) == (True, False)
