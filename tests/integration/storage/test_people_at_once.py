"""Several units about one person at once, on PostgreSQL: they queue, and none gets in for free.

On SQLite one unit at a time has the whole database.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from bot.domain.model.cases import CaseState
from bot.domain.model.errors import (
    AuthenticatorLocked,
    CodeThrottled,
    CodeWrong,
    Refusal,
    SetUpCodeThrottled,
    SetUpCodeWrong,
    SignInFailed,
    SignInThrottled,
)
from bot.domain.model.ids import ContactId
from bot.domain.model.limits import LOCK_AFTER
from bot.domain.model.people import (
    AttemptKind,
    AuthenticatorState,
    Contact,
    Operator,
    Session,
    SessionStage,
    SuspensionCause,
)
from bot.domain.proving import totp
from bot.domain.set_up.sessions import hash_token
from storage.database import Database
from storage.engine import make_engine
from storage.passwords import ArgonPasswords
from tests.fakes import (
    NOON,
    FixedClock,
    World,
    a_case,
    a_session,
    a_suspension,
    an_authenticator,
    seed,
)
from tests.fakes.postgresql import wait_until_somebody_waits
from tests.fakes.sqlite import SECRET_KEYS
from tests.integration.storage.at_once import WAIT, Acting, Paused
from tests.office.services import AllServices, services_over

TOKEN = "the-token-of-bobs-browser"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OLD_PASSWORD = "correct horse battery staple"
NEW_PASSWORD = "what whoever stole it chose"
OPERATORS_PASSWORD = "what the operator chose then"
OPERATOR = Operator(user="root", host="desk")


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = Database(postgresql_url, secret_keys=SECRET_KEYS)
    yield database
    database.close()


@pytest.fixture
def world(database: Database) -> World:
    return seed(database.unit_of_work)


@pytest.fixture
def watching(postgresql_url: str) -> Iterator[Engine]:
    engine = make_engine(postgresql_url)
    yield engine
    engine.dispose()


@pytest.fixture
def services(database: Database, world: World) -> AllServices:
    """Return those of a program that stands at noon."""
    return services_over(
        database.unit_of_work,
        clock=FixedClock(NOON),
        workspace=world.workspace(),
        passwords=ArgonPasswords(),
    )


def person(database: Database, contact_id: ContactId) -> Contact:
    with database.snapshot() as uow:
        found = uow.contacts.get(contact_id)
    assert found
    return found


def setting_up(database: Database, world: World) -> Session:
    """Have Bob, who was reset, stand before the set-up's last step."""
    pending = an_authenticator(world.bob.id)
    session = a_session(world.bob.id, stage=SessionStage.SETTING_UP)
    with database.unit_of_work() as uow:
        uow.cases.add(a_case(subscriber_id=world.bob.id, state=CaseState.COMPLETED))
        uow.authenticators.invalidate_all(world.bob.id, now=NOON)
        uow.contacts.set_set_up_required(world.bob.id, required=True)
        uow.authenticators.add(pending, shared_secret=SECRET)
        uow.sessions.add(session, token_hash=hash_token(TOKEN))
        uow.sessions.set_authenticator(session.id, pending.id)
        uow.commit()
    return session


@pytest.mark.parametrize("first", ["set-up", "report"])
def test_a_set_up_and_a_report_of_the_same_case_queue(
    database: Database, world: World, services: AllServices, watching: Engine, first: str
) -> None:
    """They take the case and the person in opposite orders: each would wait for the other."""
    setting_up(database, world)
    code = totp.code_at(SECRET, totp.step_at(NOON))
    with database.snapshot() as uow:
        (case,) = uow.cases.of(world.bob.id)
        bob = uow.contacts.get(world.bob.id)
    assert bob
    assert bob.slack
    identity = bob.slack
    binding = Acting(lambda: services.set_up.bind(TOKEN, code))
    reporting = Acting(lambda: services.reports.report(identity, case.id))
    one, other = (binding, reporting) if first == "set-up" else (reporting, binding)
    paused = Paused(database, "UPDATE cases" if first == "set-up" else "UPDATE contacts")
    one.start()
    paused.wait()
    other.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    one.join(WAIT)
    other.join(WAIT)
    assert one.raised is None
    assert other.raised is None or isinstance(other.raised, Refusal)
    with database.snapshot() as uow:
        (vetoed,) = uow.cases.of(world.bob.id)
        assert vetoed.state is CaseState.VETOED
        assert uow.suspensions.current(world.bob.id)
        assert uow.authenticators.active_of(world.bob.id) == ()
        assert uow.audit.head()[1] > 0


@pytest.mark.parametrize("made_before", [3, 4])
def test_wrong_codes_at_once_are_all_counted_and_get_no_more_than_the_limit(
    database: Database, world: World, services: AllServices, watching: Engine, made_before: int
) -> None:
    """Five in five minutes: two who guess at once are told apart, the second by what is left."""
    bobs = world.bob.authenticator_id
    assert bobs
    with database.unit_of_work() as uow:
        for _ in range(made_before):
            uow.attempts.record(AttemptKind.CODE, bobs, at=NOON - timedelta(minutes=1))
        for token in ("one", "two"):
            session = a_session(world.bob.id, stage=SessionStage.AWAITING_CODE)
            uow.sessions.add(session, token_hash=hash_token(token))
        uow.commit()
    sign_in = services.sign_in
    one = Acting(lambda: sign_in.verify_code("one", "000000"))
    two = Acting(lambda: sign_in.verify_code("two", "000000"))
    paused = Paused(database, "INSERT INTO attempts")
    one.start()
    paused.wait()
    two.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    one.join(WAIT)
    two.join(WAIT)
    assert isinstance(one.raised, CodeWrong)
    assert isinstance(two.raised, CodeWrong if made_before == 3 else CodeThrottled)
    with database.snapshot() as uow:
        made = uow.attempts.recent(AttemptKind.CODE, bobs, since=NOON - timedelta(1), limit=9)
        known = uow.authenticators.get(bobs)
    assert len(made) == 5
    assert known
    assert known.state is AuthenticatorState.ACTIVE
    assert known.failed_in_a_row == 5 - made_before


def test_a_right_code_comes_too_late_for_an_authenticator_that_a_wrong_one_locks(
    database: Database, world: World, services: AllServices, watching: Engine
) -> None:
    bobs = world.bob.authenticator_id
    assert bobs
    with database.unit_of_work() as uow:
        for _ in range(LOCK_AFTER - 1):
            uow.authenticators.count_failure(bobs)
        for token in ("one", "two"):
            session = a_session(world.bob.id, stage=SessionStage.AWAITING_CODE)
            uow.sessions.add(session, token_hash=hash_token(token))
        secret = uow.authenticators.shared_secret(bobs)
        uow.commit()
    sign_in, code = services.sign_in, totp.code_at(secret, totp.step_at(NOON))
    one = Acting(lambda: sign_in.verify_code("one", "000000"))
    two = Acting(lambda: sign_in.verify_code("two", code))
    paused = Paused(database, "INSERT INTO attempts")
    one.start()
    paused.wait()
    two.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    one.join(WAIT)
    two.join(WAIT)
    assert isinstance(one.raised, CodeWrong)
    assert isinstance(two.raised, AuthenticatorLocked)


@pytest.mark.parametrize("made_before", [3, 4])
def test_wrong_set_up_codes_at_once_get_no_more_than_the_limit(
    database: Database, world: World, services: AllServices, watching: Engine, made_before: int
) -> None:
    with database.unit_of_work() as uow:
        uow.contacts.set_set_up_required(world.bob.id, required=True)
        for _ in range(made_before):
            at = NOON - timedelta(minutes=1)
            uow.attempts.record(AttemptKind.SET_UP_CODE, world.bob.id, at=at)
        for token in ("one", "two"):
            session = a_session(world.bob.id, stage=SessionStage.AWAITING_SET_UP_CODE)
            uow.sessions.add(session, token_hash=hash_token(token))
        uow.commit()
    set_up = services.set_up
    one = Acting(lambda: set_up.accept_code("one", "AAAA-AAAA"))
    two = Acting(lambda: set_up.accept_code("two", "AAAA-AAAA"))
    paused = Paused(database, "INSERT INTO attempts")
    one.start()
    paused.wait()
    two.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    one.join(WAIT)
    two.join(WAIT)
    assert isinstance(one.raised, SetUpCodeWrong)
    assert isinstance(two.raised, SetUpCodeWrong if made_before == 3 else SetUpCodeThrottled)


def test_wrong_passwords_at_once_get_no_more_than_the_limit(
    database: Database, services: AllServices, watching: Engine
) -> None:
    seen = {"browser": "Firefox", "address": "192.0.2.7"}
    sign_in = services.sign_in

    def guess() -> None:
        sign_in.begin("nobody-of-that-name", "wrong", **seen)

    for _ in range(4):
        with pytest.raises(SignInFailed):
            guess()
    one, two = Acting(guess), Acting(guess)
    paused = Paused(database, "INSERT INTO attempts")
    one.start()
    paused.wait()
    two.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    one.join(WAIT)
    two.join(WAIT)
    assert isinstance(one.raised, SignInFailed)
    assert isinstance(two.raised, SignInThrottled)


def test_a_new_password_does_not_take_the_place_of_the_operators(
    database: Database, world: World, services: AllServices, watching: Engine
) -> None:
    """Whoever knows the old one, and has a session, is shut out by the operator's, or sets theirs
    before it: they never set one, and go on, after it.
    """
    passwords, bob = ArgonPasswords(), person(database, world.bob.id)
    session = a_session(bob.id, stage=SessionStage.SIGNED_IN)
    with database.unit_of_work() as uow:
        uow.contacts.set_password(bob.id, passwords.hash(OLD_PASSWORD), must_change=False)
        uow.sessions.add(session, token_hash=hash_token(TOKEN))
        uow.commit()
    changing = Acting(lambda: services.sign_in.change_password(TOKEN, OLD_PASSWORD, NEW_PASSWORD))
    setting = Acting(
        lambda: services.operators.set_password(
            bob.email, OPERATORS_PASSWORD, must_change=True, operator=OPERATOR
        )
    )
    paused = Paused(database, "UPDATE contacts SET password_hash")
    changing.start()
    paused.wait()
    setting.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    changing.join(WAIT)
    setting.join(WAIT)
    assert (changing.raised, setting.raised) == (None, None)
    with database.snapshot() as uow:
        known = uow.contacts.password_hash(bob.id)
        assert passwords.verify(known, OPERATORS_PASSWORD)
        assert uow.sessions.open_count(bob.id, now=NOON) == 0


def test_to_reinstate_somebody_lifts_no_report_that_comes_meanwhile(
    database: Database, world: World, services: AllServices, watching: Engine
) -> None:
    case, bob = a_case(subscriber_id=world.bob.id, state=CaseState.LAPSED), world.bob
    with database.unit_of_work() as uow:
        uow.cases.add(case)
        lapsed = a_suspension(bob.id, cause=SuspensionCause.LAPSED, case_id=case.id)
        uow.suspensions.add(lapsed)
        uow.commit()
    email = person(database, bob.id).email
    reinstating = Acting(
        lambda: services.suspensions.reinstate(email, reason="called", operator=OPERATOR)
    )
    reporting = Acting(lambda: services.reports.report(bob.slack, case.id))
    paused = Paused(database, "UPDATE suspensions")
    reinstating.start()
    paused.wait()
    reporting.start()
    wait_until_somebody_waits(watching)
    paused.go_on()
    reinstating.join(WAIT)
    reporting.join(WAIT)
    assert (reinstating.raised, reporting.raised) == (None, None)
    with database.snapshot() as uow:
        holding = uow.suspensions.current(bob.id)
    assert holding
    assert holding.cause is SuspensionCause.VETOED
