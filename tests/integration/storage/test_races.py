"""Every race, forced: a rival commits just before our own write is sent, and one of the two wins.

On SQLite our write runs in a deferred transaction, so that the rival can pass; a unit of work would
make it wait, which is a second guard and is tested apart. On PostgreSQL both are open at once: the
rival either commits just before our write, or has written and not committed when ours comes, which
then waits for it.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from bot.domain.model.cases import Case, CaseState
from bot.domain.model.ids import CaseId, new_id
from bot.domain.model.notices import Notice, NoticeKind
from bot.domain.model.people import Session, SessionStage
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
    Person,
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
REPLY = Notice(kind=NoticeKind.REPLY)


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
CaseAct = Callable[[Any, Case], object]
SessionAct = Callable[[Any, Session], object]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What is there before, and what two do at once; without another act the rival does ours."""

    ours: Act
    rivals: Act | None = None
    before: Act = lambda _uow: None


def of_case(world: World, ours: CaseAct, rivals: CaseAct | None = None, **fields: Any) -> Race:
    """Return a race about a case of Bob's that Alice asked for."""
    case = a_case(subscriber_id=world.bob.id, admin_id=world.alice.id, **fields)
    return Race(
        before=lambda uow: uow.cases.add(case),
        ours=lambda uow: ours(uow, case),
        rivals=(lambda uow: rivals(uow, case)) if rivals else None,
    )


def of_session(world: World, ours: SessionAct, rivals: Act | None = None, **fields: Any) -> Race:
    """Return a race about a sign-in of Bob's, whose set-up code was shown where it waits for it."""
    session = a_session(world.bob.id, **fields)

    def begin(uow: UnitOfWork) -> None:
        uow.sessions.add(session, token_hash="token 1")
        uow.sessions.set_set_up_code(session.id, code_hash="code", expires_at=IN_TEN_MINUTES)

    return Race(before=begin, ours=lambda uow: ours(uow, session), rivals=rivals)


def moved(to: CaseState, *, from_: CaseState = CaseState.COMPLETED) -> CaseAct:
    return lambda uow, case: uow.cases.move(case.id, states=[from_], to=to, now=NOON)


def answered(to: CaseState) -> CaseAct:
    return moved(to, from_=CaseState.AWAITING_CONFIRMATION)


def taken_over(by: Person) -> CaseAct:
    return lambda uow, case: uow.cases.take_over(case.id, by=by.id, from_=case.admin_id)


def reminded(uow: UnitOfWork, case: Case) -> bool:
    return uow.cases.schedule_reminder(case.id, sent_before=0, sent=1, next_at=None)


def superseded(uow: UnitOfWork, case: Case) -> object:
    return uow.cases.supersede(case.subscriber_id, by=CaseId("case_new"), now=NOON)


def accepted(person: Person, step: int = STEP) -> Act:
    authenticator = person.authenticator_id
    assert authenticator
    return lambda uow: uow.authenticators.accept_step(authenticator, step=step, now=NOON)


def advanced(uow: UnitOfWork, session: Session) -> bool:
    return uow.sessions.advance(
        session.id,
        stage=SessionStage.AWAITING_CODE,
        to=SessionStage.SIGNED_IN,
        token_hash=f"token {new_id('token')}",
        expires_at=IN_TEN_MINUTES,
    )


def bound(person: Person) -> Act:
    return lambda uow: uow.contacts.bind_slack(person.id, a_slack_identity("U01NEW"))


def activation(world: World) -> Race:
    pending = an_authenticator(world.dana.id)
    return Race(
        before=lambda uow: uow.authenticators.add(pending, shared_secret="S"),
        ours=lambda uow: uow.authenticators.activate(pending.id, step=STEP, now=NOON),
    )


RACES: dict[str, Callable[[World], Race]] = {
    "two Yes": lambda world: of_case(world, answered(CaseState.EXECUTING)),
    "Yes after No": lambda world: of_case(
        world, answered(CaseState.EXECUTING), answered(CaseState.DECLINED)
    ),
    "two new cases": lambda world: Race(
        ours=lambda uow: uow.cases.add(a_case(subscriber_id=world.bob.id))
    ),
    "two take over": lambda world: of_case(
        world, taken_over(world.alan), taken_over(world.carol), state=CaseState.COMPLETED
    ),
    "take over after the enrolment": lambda world: of_case(
        world, taken_over(world.alan), moved(CaseState.RE_ENROLLED), state=CaseState.COMPLETED
    ),
    "two spare": lambda world: of_case(
        world, lambda uow, case: uow.cases.spare(case.id, now=NOON), state=CaseState.COMPLETED
    ),
    "lapse after the enrolment": lambda world: of_case(
        world,
        moved(CaseState.LAPSED),
        moved(CaseState.RE_ENROLLED),
        state=CaseState.COMPLETED,
    ),
    "two supersede": lambda world: of_case(world, superseded, state=CaseState.COMPLETED),
    "two remind": lambda world: of_case(world, reminded, state=CaseState.COMPLETED),
    "remind after the enrolment": lambda world: of_case(
        world, reminded, moved(CaseState.RE_ENROLLED), state=CaseState.COMPLETED
    ),
    "one step twice": lambda world: Race(ours=accepted(world.alice)),
    "a step after a later one": lambda world: Race(
        ours=accepted(world.alice), rivals=accepted(world.alice, STEP + 1)
    ),
    "a step after a reset": lambda world: Race(
        ours=accepted(world.bob),
        rivals=lambda uow: uow.authenticators.invalidate_all(world.bob.id, now=NOON),
    ),
    "one authenticator twice": activation,
    "one sign-in twice": lambda world: of_session(world, advanced),
    "a sign-in after a reset": lambda world: of_session(
        world, advanced, lambda uow: uow.sessions.end_all(world.bob.id, now=NOON)
    ),
    "one set-up code twice": lambda world: of_session(
        world,
        lambda uow, it: uow.sessions.spend_set_up_code(it.id, code_hash="code", now=NOON),
        stage=SessionStage.AWAITING_SET_UP_CODE,
    ),
    "one notice twice": lambda _: Race(
        ours=lambda uow: uow.outbox.add(replace(REPLY, once="reminder:1"), now=NOON)
    ),
    "one identity for two": lambda world: Race(ours=bound(world.bob), rivals=bound(world.dana)),
}


@pytest.mark.parametrize("name", RACES)
def test_the_rival_wins_and_we_get_nothing(
    engine: Engine, database: Database, world: World, name: str
) -> None:
    race = RACES[name](world)
    with database.unit_of_work() as uow:
        race.before(uow)
        uow.commit()
    rivals, mine = _race(engine, database, race.ours, race.rivals)
    assert rivals
    assert not mine
    with database.unit_of_work() as uow:
        cases = uow.cases.of(world.bob.id)
    if isinstance(rivals, Case):
        assert cases == (rivals,)
    assert len(cases) <= 1


@pytest.mark.parametrize("ending", ["mark_sent", "mark_failed"])
def test_a_message_is_dealt_with_once(engine: Engine, database: Database, ending: str) -> None:
    with database.unit_of_work() as uow:
        message_id = uow.outbox.add(REPLY, now=NOON)
        uow.commit()
    assert message_id

    def end(uow: UnitOfWork) -> object:
        if ending == "mark_sent":
            return uow.outbox.mark_sent(message_id, now=NOON)
        return uow.outbox.mark_failed(message_id, now=NOON, error="never", holder=None)

    assert _race(engine, database, end) == (True, False)


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
    raised = _race(engine, database, lambda uow: uow.contacts.raise_sign_in_epoch(world.bob.id))
    assert raised == (1, 2)
